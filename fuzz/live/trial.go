package live

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/scenario"
	"github.com/oizys-protocol/oizys/spec"
)

// manner is how a trial goes.
type manner struct {
	patience time.Duration
	record   bool
	spin     bool // the peer is looked at for spinning behind the acts
	lanes    int  // how many play beside each other; 0 and 1 mean one after the other
	only     string
}

// trial plays acts on a fresh peer and returns what failed: up to the first failure that is not known or, where only one
// kind is looked for, that one. Then the peer itself is looked at.
func (h *hunter) trial(ctx context.Context, acts []Act, m manner) ([]observation, error) {
	if h.once() {
		return h.trialOnce(ctx, acts, m)
	}
	if err := h.fresh(ctx); err != nil {
		return nil, err
	}
	if m.lanes > 1 {
		return h.trialBeside(ctx, acts, m)
	}
	p, err := h.player(m.patience)
	if err != nil {
		return nil, err
	}
	var seen []observation
	for i := range acts {
		p, err := h.playerFor(&acts[i], p, m)
		if err != nil {
			return nil, err
		}
		out := h.play(p, &acts[i])
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if out.result.Breach == scenario.None {
			continue
		}
		o, err := h.seenOf(&acts[i], out)
		if err != nil {
			return nil, err
		}
		o.sessions = p.Transcripts()
		seen = append(seen, o)
		if o.exit != "" || m.only == o.key || m.only == "" && h.kind(o) == nil {
			return seen, nil
		}
	}
	o, bad, err := h.health(ctx, m)
	if err == nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	if bad && (len(seen) == 0 || o.lone) {
		o.sessions = p.Transcripts()
		seen = append(seen, o)
	}
	return seen, err
}

// playerFor returns the trial's player, or another one for an act that rests.
func (h *hunter) playerFor(a *Act, p *scenario.Player, m manner) (*scenario.Player, error) {
	var err error
	if a.Mode == Idle {
		p, err = scenario.NewPlayer(h.peer.Socket(), scenario.Options{Patience: m.patience, Busy: h.peer.Busy, Idle: idleRest})
	}
	if err == nil {
		p.Record(m.record)
	}
	return p, err
}

// seenOf makes an observation of an act that failed, and looks whether the peer has ended of it.
func (h *hunter) seenOf(a *Act, out outcome) (observation, error) {
	if out.result.Breach == scenario.Unjudged {
		return observation{}, fmt.Errorf("%w: %w", ErrNotJudged, out.result.Err)
	}
	if (out.result.Closed || out.result.Breach == scenario.Refused) && h.peer.AwaitEnd(stopWait) {
		return h.death(), nil
	}
	return observe(a, out), nil
}

// death is the observation of the peer that has ended.
func (h *hunter) death() observation {
	return died(h.peer.Exit(), h.peer.Printed(), h.peer.EndedFromOutside())
}

// health looks whether the peer still serves, and what it has printed.
func (h *hunter) health(ctx context.Context, m manner) (observation, bool, error) {
	p, err := h.player(m.patience)
	if err != nil {
		return observation{}, false, err
	}
	out := h.play(p, probe())
	if out.result.Breach != scenario.None && h.peer.AwaitEnd(m.patience) || !h.peer.Alive() {
		return h.death(), true, nil
	}
	printed := h.peer.Printed()
	if c, ok := complaint(printed); ok {
		return observation{
			key: "printed " + c.kind, actual: fmt.Sprintf("the peer went on, and printed %q", c.line), level: spec.Must,
			requirement: "srv/stays-up", printed: printed, lone: true,
		}, true, nil
	}
	switch out.result.Breach {
	case scenario.None:
	case scenario.Unjudged:
		return observation{}, false, fmt.Errorf("%w: %w", ErrNotJudged, out.result.Err)
	case scenario.NoAnswer, scenario.NoConnection, scenario.Refused, scenario.EarlyClose:
		return observation{
			key: "no-service", actual: "a new session that came after was not served: " + out.result.String(), level: spec.Must,
			requirement: "srv/serves-again", printed: printed, deadline: true,
		}, true, nil
	}
	if m.spin && h.spins(spinLong) && h.spins(spinLong) && ctx.Err() == nil {
		return spinning(printed), true, nil
	}
	return observation{}, false, nil
}

func spinning(printed string) observation {
	return observation{
		key: "spins", actual: "with no session open the peer keeps a processor busy", level: spec.Must, requirement: "srv/releases",
		printed: printed, lone: true,
	}
}

const (
	spinShort = 15 * time.Millisecond
	spinLong  = 200 * time.Millisecond
)

// spins reports whether the peer, of which nothing is asked, is on a processor or waits for one nearly all the time.
func (h *hunter) spins(d time.Duration) bool {
	before, err := process.SchedulingOf(h.peer.Pid())
	if err != nil {
		return false
	}
	begin := time.Now()
	time.Sleep(d)
	after, err := process.SchedulingOf(h.peer.Pid())
	spent := after.Sub(before)
	return err == nil && spent.Ran+spent.Waited >= time.Since(begin)*3/4
}

// trialBeside plays acts in several lanes, and returns the first failure of each.
func (h *hunter) trialBeside(ctx context.Context, acts []Act, m manner) ([]observation, error) {
	failed := make([]outcome, m.lanes)
	which := make([]int, m.lanes)
	var all sync.WaitGroup
	for k := range m.lanes {
		p, err := scenario.NewPlayer(h.peer.Socket(), scenario.Options{Patience: m.patience})
		if err != nil {
			return nil, err
		}
		all.Go(func() {
			for i := k; i < len(acts) && ctx.Err() == nil; i += m.lanes {
				if out := h.play(p, &acts[i]); out.result.Breach != scenario.None && h.kind(observe(&acts[i], out)) == nil {
					failed[k], which[k] = out, i
					return
				}
			}
		})
	}
	all.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var seen []observation
	for k, out := range failed {
		if out.result.Breach == scenario.None {
			continue
		}
		o, err := h.seenOf(&acts[which[k]], out)
		if err != nil {
			return nil, err
		}
		seen = append(seen, o)
	}
	o, bad, err := h.health(ctx, m)
	if bad && (len(seen) == 0 || o.lone) {
		seen = append(seen, o)
	}
	return seen, err
}
