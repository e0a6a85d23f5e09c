package live

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/conformance/scenario"
	"github.com/oizys-protocol/oizys/conformance/suite"
)

// hunter is a run against a server. Beside the lanes of a round everything happens in one goroutine.
type hunter struct {
	o        Options
	peer     *runner.Peer
	release  func() // has the peer live on when the context ends; nil while there is none
	begin    time.Time
	patience time.Duration // of the lanes
	confirm  time.Duration // of trials
	capacity suite.Capacity
	together bool
	lanes    []*lane
	next     atomic.Uint64 // the shard's number of the next act

	known    map[string]*Finding
	order    []*Finding
	states   map[uint32]struct{}
	newState time.Time
	done     counts
	deaths   int // of kinds that are known
	idleLook bool
	endWait  time.Duration // behind a session of a server that is started for each
	grown    time.Time     // when growth was looked for last
	longLook bool          // whether memory for long contents was looked at
	sums     *Summary
	corpus   *corpus
	guide    *guide // nil when the peer's coverage is not asked for
}

// counts is what was done.
type counts struct {
	Acts, Scenarios, Sessions uint64
	Failed                    uint64 // acts that failed in a way that is known
}

// played counts what was played of an act.
func (c *counts) played(a *Act, out outcome) {
	c.Scenarios += uint64(out.played)
	if a.Mode == Series {
		c.Sessions++
	} else {
		c.Sessions += uint64(out.played)
	}
}

func (c *counts) add(d counts) {
	c.Acts += d.Acts
	c.Scenarios += d.Scenarios
	c.Sessions += d.Sessions
	c.Failed += d.Failed
}

// Run fuzzes a peer and returns what came of it; the summary is there whenever something was tried. Errors wrap ErrUsage,
// ErrNotJudged when the peer could not be tried, or the context's when the run was interrupted.
func Run(ctx context.Context, o Options) (*Summary, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	sum := newSummary(&o)
	var err error
	switch {
	case o.Role == "client":
		err = runClient(ctx, o, sum)
	default:
		err = runServer(ctx, o, sum)
	}
	o.Progress.End()
	if errors.Is(err, ErrUsage) {
		return nil, err
	}
	sum.finish(ctx, err)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return sum, err
}

func runServer(ctx context.Context, o Options, sum *Summary) (err error) {
	peer, err := runner.NewPeer(o.Command, o.StartTimeout, o.Guard)
	if err != nil {
		return err
	}
	h := &hunter{o: o, peer: peer, begin: time.Now(), known: map[string]*Finding{}, states: map[uint32]struct{}{}, sums: sum}
	defer func() { err = errors.Join(err, h.close()) }()
	if o.Coverage {
		if err := h.openGuide(); err != nil {
			return err
		}
	}
	if err := h.fresh(ctx); err != nil {
		return err
	}
	if h.guide != nil {
		h.guide.learnt(h.guide.counters.ran()) // what runs at the start is no act's
	}
	if h.once() {
		if err := h.meetOnce(ctx); err != nil {
			return err
		}
	} else {
		h.calibrate(ctx)
	}
	if len(o.Replays) > 0 {
		return h.replay(ctx)
	}
	if o.Coverage {
		if err := h.meetGuide(ctx); err != nil {
			return err
		}
	}
	if !h.once() {
		if err := h.crowded(ctx); err != nil {
			return err
		}
	}
	if o.Corpus != "" {
		if h.corpus, err = openCorpus(&h.o); err != nil {
			return err
		}
		h.next.Store(h.corpus.progress.Next)
		defer func() { err = errors.Join(err, h.corpus.close(h.next.Load())) }()
	}
	if h.once() {
		return h.huntOnce(ctx)
	}
	if err := h.corpusActs(ctx); err != nil {
		return err
	}
	return h.hunt(ctx)
}

// hunt goes on in rounds until there is a reason to end.
func (h *hunter) hunt(ctx context.Context) error {
	h.grown = time.Now().Add(growthFirst - growthEvery)
	for idle := 0; ctx.Err() == nil && !h.over(); {
		if !h.peer.Alive() {
			if err := h.fresh(ctx); err != nil {
				return err
			}
		}
		before := h.done
		suspects := h.round(ctx)
		h.status()
		if ctx.Err() != nil {
			break
		}
		if err := h.settle(ctx, suspects); err != nil {
			return err
		}
		if h.over() && !h.peer.Alive() { // there was no time for more
			break
		}
		if suspects, err := h.learn(ctx); err != nil || len(suspects) > 0 {
			if err = errors.Join(err, ctx.Err()); err != nil {
				return err
			}
			if err := h.settle(ctx, suspects); err != nil {
				return err
			}
		}
		h.status()
		if passed := h.done.Acts - before.Acts - (h.done.Failed - before.Failed); passed == 0 {
			idle++
		} else {
			idle = 0
		}
		if why := h.smothered(idle); why != "" {
			h.sums.Ended = why
			h.o.Progress.Note("%s", why)
			return nil
		}
	}
	return nil
}

const (
	mostDeaths  = 40 // of kinds that are known already
	mostBarren  = 20 // rounds in a row in which nothing passed
	roundLength = 500 * time.Millisecond
	stopWait    = 200 * time.Millisecond // for a peer that is on its way out
)

// smothered says why it is no use to go on; it is empty when it is.
func (h *hunter) smothered(barren int) string {
	switch {
	case h.deaths >= mostDeaths:
		return fmt.Sprintf("the peer has ended %d times in ways that are found already: mend those first", h.deaths)
	case barren >= mostBarren && len(h.order) > 0:
		return "nothing passes any more beside what is found already: mend that first"
	default:
		return ""
	}
}

// over reports whether the run has come to its end as it was asked to.
func (h *hunter) over() bool {
	return h.o.Duration > 0 && time.Since(h.begin) >= h.o.Duration ||
		h.o.Runs > 0 && h.done.Acts >= h.o.Runs ||
		h.o.enough(h.sums.Findings)
}

// stop stops the peer.
func (h *hunter) stop() {
	if h.release != nil {
		h.release()
		h.release = nil
	}
	h.peer.Stop()
}

func (h *hunter) close() error {
	h.stop()
	return errors.Join(h.peer.Close(), h.guide.close())
}

// fresh starts the peer anew. It is killed when the context ends, so that nobody waits for it any longer.
func (h *hunter) fresh(ctx context.Context) error {
	h.stop()
	h.sums.Starts++
	err := h.peer.Start(ctx)
	switch {
	case err == nil:
		pid := h.peer.Pid()
		killed := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			defer close(killed)
			_ = syscall.Kill(-pid, syscall.SIGKILL) // gone already: nothing to end
		})
		h.release = func() {
			if !stop() {
				<-killed // before the number can be another's
			}
		}
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrUsage):
		return err
	default:
		return fmt.Errorf("%w: %w", ErrNotJudged, err)
	}
	for _, l := range h.lanes {
		if err := l.at(h); err != nil {
			return err
		}
	}
	return nil
}

// probe is what shows that a peer serves.
func probe() *Act {
	return &Act{List: []scenario.Scenario{{Frames: []scenario.Frame{{Content: scenario.Text, Length: 5}}}}}
}

// player returns a player for the peer as it runs now, that gives it time as long as it is at work.
func (h *hunter) player(patience time.Duration) (*scenario.Player, error) {
	return scenario.NewPlayer(h.peer.Socket(), scenario.Options{Patience: patience, Busy: h.peer.Busy})
}

const floorPatience = time.Second

// calibrate finds out how quick the peer is and how many sessions it serves. A peer that cannot answer is found out
// later.
func (h *hunter) calibrate(ctx context.Context) {
	h.patience = floorPatience
	p, err := h.player(3 * floorPatience)
	if err != nil {
		return // the path was short enough for the peer
	}
	slowest := time.Duration(0)
	for range 7 {
		begin := time.Now()
		if probe().play(p).result.Breach != scenario.None {
			break
		}
		slowest = max(slowest, time.Since(begin))
	}
	h.patient(slowest)
	lanes := h.o.Lanes
	if lanes == 0 {
		lanes = defaultLanes
	}
	h.capacity.Sessions = 1
	if slowest > 0 {
		env := &suite.Env{Socket: h.peer.Socket(), Patience: h.patience}
		h.capacity, _ = suite.MeasureCapacity(ctx, env, min(max(4*lanes, crowd), suite.MaxCapacity)) // the context is looked at elsewhere
		env.Close()
	}
	if h.together = h.capacity.Sessions >= 4; h.together {
		lanes = min(lanes, h.capacity.Sessions/4)
	} else {
		lanes = 1
	}
	h.enlist(lanes)
}

// patient makes the deadlines from the peer's slowest round trip.
func (h *hunter) patient(slowest time.Duration) {
	h.patience = max(floorPatience, 20*slowest)
	if h.o.Timeout > 0 {
		h.patience = h.o.Timeout
	}
	h.confirm = 2 * h.patience
}

// enlist makes the lanes.
func (h *hunter) enlist(lanes int) {
	h.sums.Lanes, h.sums.Capacity, h.sums.Patience = lanes, h.capacity.Sessions, h.patience.Seconds()*1000
	for n := range lanes {
		l := &lane{h: h, plan: newPlan(h.o.Seed, h.o.MaxLength, h.together), states: map[uint32]struct{}{}}
		l.mutator = scenario.NewMutator(h.o.Seed+uint64(n)<<32, h.o.MaxLength)
		if l.at(h) == nil {
			h.lanes = append(h.lanes, l)
		}
	}
}

// crowd is how many sessions are opened at once at least, while it is found out how many the peer serves.
const crowd = 40

// crowded deals with a peer that has ended of many sessions at once.
func (h *hunter) crowded(ctx context.Context) error {
	if h.capacity.Sessions >= crowd || !h.peer.AwaitEnd(stopWait) {
		return nil
	}
	many := Act{Mode: Together}
	for range crowd {
		many.List = append(many.List, probe().List...)
	}
	return h.pin(ctx, []*suspect{{act: many, index: -1, obs: h.death(), at: time.Now()}}, true)
}

// play plays an act. A peer that turns surplus sessions away may count one that has just ended: it is asked again.
func (h *hunter) play(p *scenario.Player, a *Act) outcome {
	for begin, again := time.Now(), 0; ; again++ {
		out := a.play(p)
		turned := out.result.Breach == scenario.EarlyClose && out.result.Matched == 0
		if !h.capacity.TurnsAway || !turned || again > 0 && time.Since(begin) > h.patience {
			return out
		}
		time.Sleep(time.Millisecond)
	}
}
