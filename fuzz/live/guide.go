package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/oizys-protocol/oizys/conformance/scenario"
)

// guide chooses what to try by what runs in the peer's program: acts that reached a new place are kept, and changed acts
// are made of them. Between rounds it changes; in a round the lanes only read it.
type guide struct {
	counters *counters // of a peer that counts while it runs; else nil
	golang   *goCover  // of one that tells when it ends; else nil
	seen     map[place]struct{}
	kept     []*kept
}

// openGuide makes what a peer can tell its coverage by, before it is started for the first time.
func (h *hunter) openGuide() error {
	counters, env, err := newCounters(h.peer.Dir())
	if err != nil {
		return fmt.Errorf("%w: the map of the coverage: %w", ErrNotJudged, err)
	}
	h.guide = &guide{counters: counters, seen: map[place]struct{}{}}
	golang, goEnv, err := newGoCover(h.peer.Dir())
	if err != nil {
		return fmt.Errorf("%w: the folder of the coverage: %w", ErrNotJudged, err)
	}
	h.guide.golang = golang
	h.peer.SetEnv(env, goEnv)
	return nil
}

func (g *guide) close() error {
	if g == nil || g.counters == nil {
		return nil
	}
	return g.counters.close()
}

// meetGuide finds out, when the peer has served some sessions, how it tells its coverage.
func (h *hunter) meetGuide(ctx context.Context) error {
	g := h.guide
	if len(g.counters.ran()) > 0 {
		g.golang = nil
		g.counters.reset() // what these sessions have reached is for acts to reach
		return nil
	}
	h.stop()
	places, err := g.golang.ran(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return err
	case len(places) == 0:
		return fmt.Errorf("%w: the peer tells no coverage: one in C or C++ is built with -fsanitize-coverage and linked with "+
			"fuzz/live/coverage/oizys_coverage.c; one in Go with go build -cover, and must end by itself at SIGTERM", ErrUsage)
	}
	err = g.counters.close()
	g.counters = nil
	g.golang.reset()
	return errors.Join(err, h.fresh(ctx))
}

// learnt takes over which places have run, and reports whether one is new.
func (g *guide) learnt(places []place) bool {
	before := len(g.seen)
	for _, p := range places {
		g.seen[p] = struct{}{}
	}
	return len(g.seen) > before
}

// fresh returns those of the places that are new.
func (g *guide) fresh(places []place) map[place]struct{} {
	fresh := map[place]struct{}{}
	for _, p := range places {
		if _, seen := g.seen[p]; !seen {
			fresh[p] = struct{}{}
		}
	}
	return fresh
}

func (h *hunter) keepAct(a Act) {
	if len(h.guide.kept) < maxKept {
		h.guide.kept = append(h.guide.kept, &kept{act: a})
	}
	if h.corpus != nil {
		h.corpus.keep([]Act{a})
	}
}

// recalled keeps an act of the corpus that reaches new places or, where that cannot be told of one act, any.
func (h *hunter) recalled(a *Act) {
	if g := h.guide; g != nil && (g.counters == nil || g.learnt(g.counters.ran())) && len(g.kept) < maxKept {
		g.kept = append(g.kept, &kept{act: a.clone()})
	}
}

const (
	learnAtOnce = 256 // candidates of a round that are played again
	trimBudget  = 200 // plays in which an act is made small
	quietly     = 2 * time.Millisecond
	learnRound  = 4 // acts of a round that are looked for behind what a Go peer tells
)

// learn keeps what has reached new places since it was called last. It returns acts that failed when they were played again.
func (h *hunter) learn(ctx context.Context) ([]*suspect, error) {
	if h.guide == nil || !h.peer.Alive() {
		return nil, nil
	}
	var acts []Act
	for _, l := range h.lanes {
		acts = append(acts, l.reached...)
		l.reached = nil
	}
	if h.guide.golang != nil {
		return nil, h.learnGo(ctx, acts)
	}
	p, err := h.player(h.patience)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(acts, func(a, b Act) int { return a.size() - b.size() }) // small ones are changed quickly
	time.Sleep(quietly)                                                            // sessions that have ended are cleared away
	h.guide.counters.reset()
	for i := range acts[:min(len(acts), learnAtOnce)] {
		if ctx.Err() != nil || h.over() {
			break
		}
		// Lanes play beside each other: what was new may be another one's.
		if out := h.play(p, &acts[i]); out.result.Breach != scenario.None {
			return []*suspect{{act: acts[i], index: -1, obs: observe(&acts[i], out), out: out, at: time.Now()}}, nil
		}
		if fresh := h.guide.fresh(h.guide.counters.ran()); len(fresh) > 0 {
			fresh = h.again(p, &acts[i], fresh)
			if len(fresh) > 0 {
				h.keepAct(h.trim(p, &acts[i], fresh))
			}
			for place := range fresh {
				h.guide.seen[place] = struct{}{}
			}
		}
	}
	h.guide.counters.reset()
	for _, l := range h.lanes {
		l.view.set(h.guide.seen)
	}
	return nil, nil
}

// again plays an act alone and returns which of the places it reaches.
func (h *hunter) again(p *scenario.Player, a *Act, places map[place]struct{}) map[place]struct{} {
	h.guide.counters.reset()
	reached := map[place]struct{}{}
	if h.play(p, a).result.Breach != scenario.None {
		return reached
	}
	for _, place := range h.guide.counters.ran() {
		if _, is := places[place]; is {
			reached[place] = struct{}{}
		}
	}
	return reached
}

// trim leaves out scenarios and frames that an act reaches the places without. Contents stay: they are to be changed.
func (h *hunter) trim(p *scenario.Player, a *Act, fresh map[place]struct{}) Act {
	budget := trimBudget
	shows := func(list []scenario.Scenario) bool {
		t := a.with(list)
		if budget--; budget < 0 || t.check() != nil || slices.ContainsFunc(list, func(s scenario.Scenario) bool { return s.Check() != nil }) {
			return false
		}
		return len(h.again(p, &t, fresh)) == len(fresh)
	}
	list := scenario.Reduce(a.List, shows)
	for i := range list {
		as := func(frames []scenario.Frame) []scenario.Scenario {
			changed := slices.Clone(list)
			changed[i].Frames, changed[i].Cuts = frames, nil
			return changed
		}
		if len(list[i].Cuts) == 0 || shows(as(list[i].Frames)) {
			list = as(scenario.Reduce(list[i].Frames, func(frames []scenario.Frame) bool { return shows(as(frames)) }))
		}
	}
	return a.with(list)
}

// learnGo has the peer end, which then tells what has run, and looks for the acts behind what is new.
func (h *hunter) learnGo(ctx context.Context, acts []Act) error {
	g := h.guide
	h.stop()
	places, err := g.golang.ran(ctx)
	if err != nil {
		return errors.Join(err, ctx.Err())
	}
	fresh := g.fresh(places)
	for found := 0; len(fresh) > 0 && found < learnRound && ctx.Err() == nil && !h.over(); found++ {
		a, ran, err := h.narrow(ctx, acts, fresh)
		if err != nil {
			return err
		}
		if a == nil {
			break
		}
		h.keepAct(*a)
		for _, p := range ran {
			delete(fresh, p)
		}
		g.learnt(ran)
	}
	g.learnt(places) // also what came by chance, or of many acts
	g.golang.reset()
	return h.fresh(ctx)
}

// narrow halves the acts for as long as it takes to find one that reaches one of the places, and returns what else that
// one reaches. Nil says that none does alone.
func (h *hunter) narrow(ctx context.Context, acts []Act, fresh map[place]struct{}) (*Act, []place, error) {
	for len(acts) > 0 {
		half := acts[:(len(acts)+1)/2]
		ran, err := h.reach(ctx, half)
		if err != nil {
			return nil, nil, err
		}
		hit := false
		for _, p := range ran {
			_, is := fresh[p]
			hit = hit || is
		}
		switch {
		case hit && len(acts) == 1:
			return &acts[0], ran, nil
		case hit:
			acts = half
		default:
			acts = acts[len(half):]
		}
	}
	return nil, nil, nil
}

// reach plays acts to a fresh Go peer, has it end and returns what has run.
func (h *hunter) reach(ctx context.Context, acts []Act) ([]place, error) {
	h.guide.golang.reset()
	if err := h.fresh(ctx); err != nil {
		return nil, err
	}
	p, err := h.player(h.patience)
	if err != nil {
		return nil, err
	}
	for i := range acts {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		h.play(p, &acts[i]) // what comes of it is the lanes' business
	}
	h.stop()
	return h.guide.golang.ran(ctx)
}
