package live

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/conformance/scenario"
	"github.com/oizys-protocol/oizys/spec"
)

// once reports whether the server is started anew for each session, of which there is then one at a time: it may end
// behind each, and nothing that outlives a session is judged.
func (h *hunter) once() bool { return h.o.Restart == runner.RestartAlways }

const (
	onceProbes = 3                     // sessions by which it is found out how quick such a server is
	lingerWait = 20 * time.Millisecond // for the end of a server that was not seen to end behind a session
)

// meetOnce finds out how quick the server is, and whether it ends behind a session.
func (h *hunter) meetOnce(ctx context.Context) error {
	slowest, ended := time.Duration(0), 0
	for range onceProbes {
		if err := h.fresh(ctx); err != nil {
			return err
		}
		p, err := h.player(3 * floorPatience)
		if err != nil {
			return err
		}
		begin := time.Now()
		if probe().play(p).result.Breach != scenario.None {
			break // the acts will tell
		}
		slowest = max(slowest, time.Since(begin))
		if h.peer.AwaitEnd(stopWait) {
			ended++
		}
	}
	if h.endWait = lingerWait; ended > 0 {
		h.endWait = stopWait
	}
	h.patient(slowest)
	h.capacity.Sessions = 1
	h.enlist(1)
	return nil
}

// huntOnce goes on in rounds until there is a reason to end.
func (h *hunter) huntOnce(ctx context.Context) error {
	if h.corpus != nil {
		h.sums.Skipped = h.corpus.skipped
	}
	for barren := 0; ctx.Err() == nil && !h.over(); {
		before := h.done
		s, err := h.roundOnce(ctx)
		h.status()
		if err == nil && s != nil {
			err = h.pinOnce(ctx, s)
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if barren++; h.done.Acts-before.Acts > h.done.Failed-before.Failed {
			barren = 0
		}
		if why := h.smothered(barren); why != "" {
			h.sums.Ended = why
			h.o.Progress.Note("%s", why)
			return nil
		}
	}
	return nil
}

// roundOnce plays for a while, or until something fails in a way that is not known.
func (h *hunter) roundOnce(ctx context.Context) (*suspect, error) {
	l := h.lanes[0]
	defer func() {
		h.done.add(l.done)
		l.done = counts{}
		h.merge(l)
	}()
	for until := time.Now().Add(roundLength); time.Now().Before(until) && ctx.Err() == nil && !h.over(); {
		index, ok := h.chooseOnce(l)
		if !ok {
			return nil, nil
		}
		l.done.Acts++
		if h.braked(&l.act, uint64(index)+l.done.Acts) {
			l.done.Failed++
			continue
		}
		out, o, _, err := h.playOnce(ctx, &l.act, manner{patience: h.patience})
		if err != nil {
			return nil, err
		}
		l.count(out)
		if o.key == "" {
			continue
		}
		if f := h.kind(o); f != nil {
			l.done.Failed++
			h.seen(f)
			continue
		}
		return &suspect{act: l.act.clone(), index: index, obs: o, out: out, at: time.Now()}, nil
	}
	return nil, nil
}

// chooseOnce makes the lane's next act, and returns its index in the plan or -1: first what the corpus holds, and once a
// session that rests.
func (h *hunter) chooseOnce(l *lane) (int64, bool) {
	if h.corpus != nil && len(h.corpus.acts) > 0 {
		l.act = h.corpus.acts[0].clone()
		h.corpus.acts = h.corpus.acts[1:]
		if l.act.Mode == Together {
			l.act = Act{Mode: One, List: l.act.List[:1]}
		}
		return -1, true
	}
	if !h.idleLook && time.Since(h.begin) >= idleAfter {
		h.idleLook = true
		l.act = idleAct()
		return -1, true
	}
	t, ok := l.choose()
	return t.number(), ok
}

// playOnce starts the server, plays the act and looks what came of it: the observation has no key when all was right.
func (h *hunter) playOnce(ctx context.Context, a *Act, m manner) (outcome, observation, *scenario.Player, error) {
	if err := h.fresh(ctx); err != nil {
		return outcome{}, observation{}, nil, err
	}
	p, err := h.player(m.patience)
	if err != nil {
		return outcome{}, observation{}, nil, err
	}
	if p, err = h.playerFor(a, p, m); err != nil {
		return outcome{}, observation{}, nil, err
	}
	out := h.play(p, a)
	if ctx.Err() != nil {
		return out, observation{}, p, ctx.Err()
	}
	o, err := h.observeOnce(a, out)
	return out, o, p, err
}

// observeOnce is what an act has shown. That the server has ended is right, unless a signal has ended it that a program
// brings upon itself.
func (h *hunter) observeOnce(a *Act, out outcome) (observation, error) {
	failed := out.result.Breach != scenario.None
	if out.result.Breach == scenario.Unjudged {
		return observation{}, fmt.Errorf("%w: %w", ErrNotJudged, out.result.Err)
	}
	wait := h.endWait
	if failed {
		wait = stopWait
	}
	ended := h.peer.AwaitEnd(wait)
	if ended && strings.HasPrefix(h.peer.Exit(), "signal ") && (failed || !h.peer.EndedFromOutside()) {
		return h.death(), nil
	}
	if c, ok := complaint(h.peer.Printed()); ok {
		return observation{
			key: "printed " + c.kind, actual: fmt.Sprintf("the peer printed %q", c.line), level: spec.Must,
			requirement: "srv/stays-up", printed: h.peer.Printed(), lone: true,
		}, nil
	}
	if !failed {
		return observation{}, nil
	}
	return observe(a, out), nil
}

// trialOnce is trial with a server for each act.
func (h *hunter) trialOnce(ctx context.Context, acts []Act, m manner) ([]observation, error) {
	var seen []observation
	for i := range acts {
		_, o, p, err := h.playOnce(ctx, &acts[i], m)
		if err != nil {
			return nil, err
		}
		if o.key == "" {
			continue
		}
		o.sessions = p.Transcripts()
		seen = append(seen, o)
		if m.only == o.key || m.only == "" && h.kind(o) == nil {
			break
		}
	}
	return seen, nil
}

// pinOnce finds out what is behind a failure: nothing but its own act can be.
func (h *hunter) pinOnce(ctx context.Context, s *suspect) error {
	late, err := h.within(ctx, slackOf(h.confirm), func(ctx context.Context) error {
		found, err := h.alone(ctx, s)
		if s.settled = found; found || err != nil {
			return err
		}
		switch {
		case s.obs.deadline:
			h.sums.Slow++
		case s.obs.outside:
			h.sums.Outside++
		default:
			h.sums.unconfirmed(&h.o, s.obs.key, s.obs.actual)
		}
		return nil
	})
	if late {
		h.leftOver([]*suspect{s})
	}
	return err
}

// checkRestart says what does not go with a server for each session.
func (o *Options) checkRestart() error {
	several := func(a Act) bool { return a.Mode == Together }
	switch {
	case o.Restart == "" || o.Restart == runner.RestartNeeded:
		return nil
	case o.Restart != runner.RestartAlways:
		_, err := runner.ParseRestart(string(o.Restart))
		return err
	case o.Role == spec.Client:
		return fmt.Errorf("%w: a client is started for each session anyway: leave out --restart always", ErrUsage)
	case o.Coverage:
		return fmt.Errorf("%w: --coverage needs a server that serves one session after the other: leave out --restart always", ErrUsage)
	case o.Lanes > 1:
		return fmt.Errorf("%w: with --restart always there is one session at a time: leave out --lanes", ErrUsage)
	}
	for i := range o.Replays {
		if slices.ContainsFunc(o.Replays[i].Acts, several) {
			return fmt.Errorf("%w: %s needs sessions beside each other, which there are none of with --restart always", ErrUsage, o.Replays[i].Name)
		}
	}
	return nil
}
