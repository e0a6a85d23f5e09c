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
// other.
func (h *hunter) pin(ctx context.Context, suspects []*suspect, dead bool) error {
	history := h.history()
	serves := true
	if !dead && slices.ContainsFunc(suspects, func(s *suspect) bool { return s.obs.deadline }) {
		_, bad, err := h.health(ctx, manner{patience: h.confirm})
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
		if f := h.known[s.obs.key]; f != nil && !dead {
			h.seen(f)
			settled = true
			continue
		}
		found, err := h.alone(ctx, s)
		if err != nil {
			return err
		}
		settled = settled || found
		if found && dead {
			break
		}
	}
	first := suspects[0]
	switch {
	case settled:
	case first.obs.deadline && serves && !dead:
		h.sums.Slow++ // it missed a deadline beside others, and is there
	default:
		if err := h.addsUp(ctx, first, history, dead); err != nil {
			return err
		}
	}
	return h.fresh(ctx)
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
			if h.known[o.key] == nil {
				return true, h.found(ctx, s, []Act{a}, o, 0)
			}
		}
		if len(seen) > 0 {
			if f := h.known[seen[0].key]; a.Mode != s.act.Mode {
				h.known[s.obs.key] = f
			}
			return true, nil
		}
	}
	return false, nil
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
			if h.known[o.key] == nil {
				return h.found(ctx, s, history, o, lanes)
			}
		}
	}
	if outside {
		h.sums.Outside++
		h.o.Progress.Note("the peer was ended by %s, which nothing that was tried brings about: by the system, for want of memory, or by someone", s.obs.exit)
		return nil
	}
	if h.sums.Unconfirmed == nil {
		h.sums.Unconfirmed = map[string]int{}
	}
	h.sums.Unconfirmed[s.obs.key]++
	if h.sums.Unconfirmed[s.obs.key] == 1 {
		h.o.Progress.Note("seen once, and not again on a fresh peer: %s: %s", s.obs.key, s.obs.actual)
	}
	return nil
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
		f.acts = h.smaller(ctx, acts, m)
	}
	m.record = true
	err := h.replayed(ctx, f, m, &o)
	if f.Hits == 0 && lanes <= 1 && err == nil { // what was made small does not show it for sure
		f.acts = acts
		err = h.replayed(ctx, f, m, &o)
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

// replayed counts how often a finding shows.
func (h *hunter) replayed(ctx context.Context, f *Finding, m manner, o *observation) error {
	tries := 5
	if f.deadline || m.spin {
		tries = 2
	}
	f.Hits, f.Tries = 0, 0
	for range tries {
		seen, err := h.trial(ctx, f.acts, m)
		if err != nil {
			return err
		}
		f.Tries++
		for _, s := range seen {
			if s.key == f.Key {
				f.Hits++
				*o = s
			}
		}
	}
	return nil
}

const (
	smallTime   = 5 * time.Second
	smallBudget = 300
)

// smaller makes what shows a failure small: acts first, then scenarios, frames, bytes and cuts. It is given some time.
func (h *hunter) smaller(ctx context.Context, acts []Act, m manner) []Act {
	until := time.Now().Add(smallTime)
	m.patience = max(h.patience/2, 300*time.Millisecond) // the result is tried with the whole of it again
	budget := smallBudget
	shows := func(acts []Act) bool {
		if budget--; budget < 0 || time.Now().After(until) || ctx.Err() != nil {
			return false
		}
		seen, err := h.trial(ctx, acts, m)
		return err == nil && slices.ContainsFunc(seen, func(o observation) bool { return o.key == m.only })
	}
	acts = scenario.Reduce(acts, func(acts []Act) bool { return len(acts) > 0 && shows(acts) })
	acts = slices.Clone(acts)
	for i := range acts {
		as := func(list []scenario.Scenario) []Act {
			changed := slices.Clone(acts)
			changed[i] = acts[i].with(list)
			return changed
		}
		list := scenario.Minimise(acts[i].List, budget, func(list []scenario.Scenario) bool {
			return as(list)[i].check() == nil && shows(as(list))
		})
		acts = as(list)
	}
	return acts
}

// with returns the act with other scenarios, and a plainer mode if there is only one.
func (a *Act) with(list []scenario.Scenario) Act {
	mode := a.Mode
	if len(list) == 1 && (mode == Series || mode == Together) {
		mode = One
	}
	return Act{Mode: mode, List: list}
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
	if c, ok := complaint(h.peer.Printed(), ""); ok {
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
	seen, err := h.trial(ctx, history, m)
	if err != nil {
		return err
	}
	for _, o := range seen {
		if h.known[o.key] == nil {
			if err := h.found(ctx, s, history, o, 0); err != nil {
				return err
			}
			return h.fresh(ctx)
		}
	}
	return h.fresh(ctx)
}

// counted brings the counts of what came again into the summary.
func (h *hunter) counted() {
	for _, f := range h.order {
		f.Seen = 1 + int(atomic.LoadInt64(&f.again))
	}
}
