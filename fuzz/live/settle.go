package live

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/oizys-protocol/oizys/conformance/scenario"
)

// settle finds out what is behind the failures of a round, and how the peer stands.
func (h *hunter) settle(ctx context.Context, suspects []*suspect) error {
	if len(suspects) == 0 {
		return h.between(ctx)
	}
	for _, s := range suspects {
		if s.out.result.Breach == scenario.Unjudged {
			return h.unjudged(s)
		}
	}
	closed := slices.ContainsFunc(suspects, func(s *suspect) bool {
		return s.out.result.Closed || s.out.result.Breach == scenario.Refused || s.out.result.Breach == scenario.NoConnection
	})
	if dead := !h.peer.Alive() || closed && h.peer.AwaitEnd(stopWait); dead {
		o := h.death()
		for _, s := range suspects {
			s.obs = o
		}
		suspects = append(suspects, h.lately()...)
		if f := h.known[o.key]; f != nil {
			h.seen(f)
			h.deaths++
			return h.fresh(ctx)
		}
		return h.pin(ctx, suspects, true)
	}
	// What was seen, not waited for, comes first: it needs no deadline to be confirmed.
	slices.SortStableFunc(suspects, func(a, b *suspect) int {
		switch {
		case a.obs.deadline == b.obs.deadline:
			return 0
		case a.obs.deadline:
			return 1
		default:
			return -1
		}
	})
	return h.pin(ctx, suspects, false)
}

// lately returns, for each lane, what it played last: a peer's end may be its doing.
func (h *hunter) lately() []*suspect {
	var list []*suspect
	for _, l := range h.lanes {
		if l.played == 0 || l.fail != nil {
			continue
		}
		t := l.ring[(l.played-1)%ringLen]
		list = append(list, &suspect{act: l.actOf(t), index: t.number(), at: time.Now()})
	}
	return list
}

// pin tries each suspect alone; if none shows anything, all that the peer was put through lately, in turn and beside each
// other. What there is no time for behind the run's end is noted.
func (h *hunter) pin(ctx context.Context, suspects []*suspect, dead bool) error {
	history := h.history()
	late, err := h.within(ctx, slackOf(h.confirm), func(ctx context.Context) error { return h.pinned(ctx, suspects, history, dead) })
	if err != nil {
		return err
	}
	if late {
		h.leftOver(suspects)
		return nil
	}
	return h.fresh(ctx)
}

// leftOver notes the suspects that were not settled.
func (h *hunter) leftOver(suspects []*suspect) {
	noted := map[string]bool{}
	for _, s := range suspects {
		if s.settled || noted[s.obs.key] || s.obs.key == "" || h.kind(s.obs) != nil {
			continue
		}
		noted[s.obs.key] = true
		h.sums.untried(&h.o, s.obs.key, s.obs.actual, s.index, &s.act)
	}
}

func (h *hunter) pinned(ctx context.Context, suspects []*suspect, history []Act, dead bool) error {
	serves := true
	if !dead && slices.ContainsFunc(suspects, func(s *suspect) bool { return s.obs.deadline }) {
		_, bad, err := h.health(ctx, manner{patience: h.confirm})
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		serves = !bad
	}
	settled := false
	for _, s := range suspects {
		if h.o.enough(h.sums.Findings) {
			return nil
		}
		if f := h.kind(s.obs); f != nil && !dead {
			h.seen(f)
			settled, s.settled = true, true
			continue
		}
		found, err := h.alone(ctx, s)
		if err != nil {
			return err
		}
		settled, s.settled = settled || found, found
		if found && dead {
			break
		}
	}
	first := suspects[0]
	switch {
	case settled:
		return nil
	case first.obs.deadline && serves && !dead:
		h.sums.Slow++ // it missed a deadline beside others, and is there
		return nil
	default:
		return h.addsUp(ctx, first, history, dead)
	}
}

// alone tries one suspect on fresh peers, with a longer deadline. What one scenario shows by itself is no failure of
// sessions beside each other, nor of one that rests, which is then known to be the same.
func (h *hunter) alone(ctx context.Context, s *suspect) (bool, error) {
	tries := []Act{s.act, s.act}
	if s.obs.deadline {
		tries = tries[:1]
	}
	if s.act.Mode == Together || s.act.Mode == Idle {
		tries = slices.Insert(tries, 0, Act{Mode: One, List: s.act.List[s.out.which : s.out.which+1]})
	}
	for _, a := range tries {
		seen, err := h.trial(ctx, []Act{a}, manner{patience: h.confirm})
		if err != nil {
			return false, err
		}
		for _, o := range seen {
			if h.kind(o) != nil {
				continue
			}
			if single, so, err := h.single(ctx, s, o); err != nil {
				return false, err
			} else if single != nil {
				a, o = *single, so
			}
			return true, h.found(ctx, s, []Act{a}, o, 0)
		}
		if len(seen) > 0 {
			if f := h.kind(seen[0]); a.Mode != s.act.Mode {
				h.known[s.obs.key] = f
			}
			return true, nil
		}
	}
	return false, nil
}

// singleTries is how often a scenario is played alone that failed beside others: what chance has a part in shows late.
const singleTries = 4

// single looks whether what was seen beside each other shows alone after all, and returns what shows it, or nil.
func (h *hunter) single(ctx context.Context, s *suspect, o observation) (*Act, observation, error) {
	if o.plain == "" || o.deadline {
		return nil, o, nil
	}
	one := Act{Mode: One, List: s.act.List[s.out.which : s.out.which+1]}
	for range singleTries {
		seen, err := h.trial(ctx, []Act{one}, manner{patience: h.confirm, only: o.plain})
		if err != nil {
			return nil, o, err
		}
		for _, alone := range seen {
			if alone.key == o.plain {
				return &one, alone, nil
			}
		}
	}
	return nil, o, nil
}

// history returns what the lanes have played lately on this peer, in about its order.
func (h *hunter) history() []Act {
	var acts []Act
	for back := ringLen; back > 0; back-- {
		for _, l := range h.lanes {
			if back > l.played {
				continue
			}
			acts = append(acts, l.actOf(l.ring[(l.played-back)%ringLen]))
		}
	}
	return acts
}

// addsUp looks for what adds up, or needs several sessions at once; what cannot be shown again is counted.
func (h *hunter) addsUp(ctx context.Context, s *suspect, history []Act, dead bool) error {
	outside := dead && s.obs.outside
	for try, lanes := range []int{1, len(h.lanes), len(h.lanes)} {
		if try > 0 && lanes < 2 {
			continue
		}
		seen, err := h.trial(ctx, history, manner{patience: h.confirm, lanes: lanes})
		if err != nil {
			return err
		}
		for _, o := range seen {
			if h.kind(o) == nil {
				return h.found(ctx, s, history, o, lanes)
			}
		}
	}
	if outside {
		h.sums.Outside++
		h.o.Progress.Note("the peer was ended by %s, which nothing that was tried brings about: by the system, for want of memory, or by someone", s.obs.exit)
		return nil
	}
	h.sums.unconfirmed(&h.o, s.obs.key, s.obs.actual)
	return nil
}

// unconfirmed counts a failure that was not seen again.
func (s *Summary) unconfirmed(o *Options, key, actual string) {
	if s.Unconfirmed == nil {
		s.Unconfirmed = map[string]int{}
	}
	if s.Unconfirmed[key]++; s.Unconfirmed[key] == 1 {
		o.Progress.Note("seen once, and not again on a fresh peer: %s: %s", key, actual)
	}
}

// found makes a failure a finding: small, replayed, saved.
func (h *hunter) found(ctx context.Context, s *suspect, acts []Act, o observation, lanes int) error {
	f := &Finding{
		Key: o.key, Level: o.level, Requirement: o.requirement, Actual: o.actual, Index: s.index, Beside: lanes > 1,
		AfterMS: float64(s.at.Sub(h.begin).Microseconds()) / 1000, deadline: o.deadline, acts: acts,
	}
	h.known[f.Key] = f
	h.order = append(h.order, f)
	m := manner{patience: h.confirm, only: o.key, lanes: lanes, spin: o.key == spinning("").key}
	if lanes <= 1 {
		f.Unminimised, _ = h.within(ctx, shrinkSlack, func(ctx context.Context) error { // an end of ctx is seen below
			f.acts = h.smaller(ctx, acts, m, o.deadline || m.spin)
			return ctx.Err()
		})
	}
	m.record = true
	err := h.replayed(ctx, f, m, &o)
	if f.Hits == 0 && lanes <= 1 && err == nil { // what was made small does not show it for sure
		f.acts = acts
		err = h.replayed(ctx, f, m, &o)
	}
	if err == nil {
		err = h.cite(ctx, f, m)
	}
	f.Actual, f.Sessions, f.PeerOutput, f.PeerExit = o.actual, o.sessions, o.printed, o.exit
	if len(f.acts) == 1 && len(f.acts[0].List) > 0 {
		f.shape = shapeOf(&f.acts[0].List[len(f.acts[0].List)-1])
	}
	if f.deadline {
		h.hasten()
	}
	h.keep(f)
	return err
}

// hasten shortens the lanes' patience: a peer that misses deadlines would cost one at each of its failures, and what is
// suspected for a short one is tried again with a long one.
func (h *hunter) hasten() {
	if h.o.Timeout == 0 {
		h.patience = max(h.patience/5, 200*time.Millisecond)
	}
}

// keep counts, saves and tells of a finding.
func (h *hunter) keep(f *Finding) {
	f.Acts = FormatActs(f.acts)
	h.save(f)
	h.sums.Findings = append(h.sums.Findings, f)
	h.o.Progress.Found(f)
}

// unjudged ends the run when the system refuses what a play needs.
func (h *hunter) unjudged(s *suspect) error {
	_, err := h.seenOf(&s.act, s.out)
	return err
}

// between looks at the peer while nothing is played: what it has printed, and whether it rests.
func (h *hunter) between(ctx context.Context) error {
	if c, ok := complaint(h.peer.Printed()); ok {
		o := observation{key: "printed " + c.kind, actual: c.line}
		if f := h.known[o.key]; f != nil {
			h.seen(f)
			return h.fresh(ctx)
		}
		return h.pinPeer(ctx, o, manner{})
	}
	if h.spins(spinShort) && h.spins(spinLong) && h.spins(spinLong) {
		o := spinning("")
		if f := h.known[o.key]; f != nil {
			h.seen(f)
			return h.fresh(ctx)
		}
		return h.pinPeer(ctx, o, manner{spin: true})
	}
	return h.growth(ctx)
}

// pinPeer looks for what brought the peer into a state, in what it was put through lately.
func (h *hunter) pinPeer(ctx context.Context, o observation, m manner) error {
	m.patience, m.only = h.confirm, o.key
	s := &suspect{index: -1, obs: o, at: time.Now()}
	history := h.history()
	late, err := h.within(ctx, slackOf(h.confirm), func(ctx context.Context) error {
		seen, err := h.trial(ctx, history, m)
		if err != nil {
			return err
		}
		for _, o := range seen {
			if h.kind(o) == nil {
				return h.found(ctx, s, history, o, 0)
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case late && h.known[o.key] == nil:
		h.sums.untried(&h.o, o.key, o.actual, -1, nil)
	case late:
	default:
		return h.fresh(ctx)
	}
	return nil
}

// counted brings the counts of what came again into the summary.
func (h *hunter) counted() {
	for _, f := range h.order {
		f.Seen = 1 + int(atomic.LoadInt64(&f.again))
	}
}
