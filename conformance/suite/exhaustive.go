package suite

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"sync"
	"time"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/scenario"
	"github.com/oizys-protocol/oizys/spec"
	"github.com/oizys-protocol/oizys/vectors"
	"github.com/oizys-protocol/oizys/vectors/gen"
)

// exhaustive are the cases of the exhaustive tier: very much and very many, spaces of short streams that are walked through whole, and random
// streams as a property. They run at the end, with nothing beside them.
func exhaustive() []Case {
	space := func(id, title string, sp scenario.Space) Case {
		return Case{
			ID: id, Title: title, Requirements: []string{"stream/split", "close/on-error", "close/truncated-header", "close/truncated-content"},
			Mode: Alone, Needs: append(longStream(), Gate, emptyCloses),
			Run: func(ctx context.Context, e *Env) *Finding { return e.walk(ctx, sp.All()) },
		}
	}
	return append(exhaustiveMany(),
		space("stream/split/exhaustive-every-cut-of-5-bytes", "every stream of up to 5 bytes of four kinds, open and ended, cut in every way",
			scenario.Space{Longest: 5}),
		space("stream/split/exhaustive-every-cut-of-6-bytes", "every stream of up to 6 bytes of three kinds, open and ended, cut in every way",
			scenario.Space{Alphabet: []byte{0x00, 0x01, 0x80}, Longest: 6}),
		space("stream/split/exhaustive-every-stream-of-8-bytes", "every stream of up to 8 bytes of three kinds, open and ended, in one piece",
			scenario.Space{Alphabet: []byte{0x00, 0x01, 0x02}, Longest: 8, Uncut: true}),
		Case{
			ID: "stream/order/random-scenarios", Title: "random streams of valid and invalid messages come to what the model says",
			Requirements: []string{"stream/order", "close/on-error"}, Mode: Alone, Needs: append(longStream(), Gate, emptyCloses, "msg/sizes/65536"),
			Run: randomScenarios,
		},
	)
}

// walkLimit is how long a walk through a space may take; a peer that is slower leaves it unfinished.
const walkLimit = 45 * time.Second

// walker plays scenarios in lanes, and keeps the first that broke the prediction.
type walker struct {
	e    *Env
	next func() (*scenario.Scenario, uint64, bool)

	mu     sync.Mutex
	played int
	late   bool    // there was no time for all
	must   *breach // the first that broke a MUST, or that could not be judged
	should *breach // the first that broke a SHOULD
}

// breach is a scenario and what came of it.
type breach struct {
	scenario *scenario.Scenario
	index    uint64
	is       scenario.Breach
	said     string
}

// walk plays every scenario of a sequence.
func (e *Env) walk(ctx context.Context, all iter.Seq2[uint64, *scenario.Scenario]) *Finding {
	pull, stop := iter.Pull2(all)
	defer stop()
	var mu sync.Mutex
	w := &walker{e: e, next: func() (*scenario.Scenario, uint64, bool) {
		mu.Lock()
		defer mu.Unlock()
		index, s, ok := pull()
		if !ok {
			return nil, 0, false
		}
		return s.Clone(), index, true
	}}
	return w.run(ctx)
}

// lanes is how many scenarios are played beside each other: some sessions may be idle from the beginning of the run to
// its end.
func (w *walker) lanes() int { return max(1, min(6, w.e.Capacity-4)) }

// moreThreads lets each lane hold a thread in a system call, until what it returns is called.
func moreThreads(lanes int) func() {
	before := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(max(before, lanes+2))
	return func() { runtime.GOMAXPROCS(before) }
}

// run plays until there is no more, something is broken or the time is up.
func (w *walker) run(ctx context.Context) *Finding {
	begin, lanes := time.Now(), w.lanes()
	defer moreThreads(lanes)()
	var all sync.WaitGroup
	for range lanes {
		p, err := scenario.NewPlayer(w.e.Socket, scenario.Options{Patience: w.e.Patience})
		if err != nil {
			return unjudged(err)
		}
		all.Go(func() {
			for ctx.Err() == nil && !w.broken() {
				if time.Since(begin) > walkLimit {
					w.tired(true)
					return
				}
				s, index, more := w.next()
				if !more {
					return
				}
				if !w.leaveOut(s) {
					w.take(s, index, p.Play(s))
				}
			}
		})
	}
	all.Wait()
	return w.outcome(ctx, begin)
}

// outcome says what all that was played came to.
func (w *walker) outcome(ctx context.Context, begin time.Time) *Finding {
	rate := float64(w.played) / time.Since(begin).Seconds()
	measured := map[string]float64{"scenarios": float64(w.played), "scenarios_per_second": float64(int(rate))}
	switch {
	case ctx.Err() != nil:
		return unjudged(ctx.Err())
	case w.must != nil:
		return w.finding(ctx, w.must, measured)
	case w.late:
		f := skipped(fmt.Sprintf("%s in %v broke nothing, and there was no time for the rest: the peer is too slow for this case", count(w.played, "scenario"), walkLimit))
		f.Measured = measured
		return f
	case w.should != nil:
		return w.finding(ctx, w.should, measured)
	}
	return &Finding{Verdict: report.Pass, Measured: measured}
}

func (w *walker) tired(late bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.late = w.late || late
}

// leaveOut reports whether a scenario has a wrong reserved byte that the server is already known to ignore: it would only
// be waited for.
func (w *walker) leaveOut(s *scenario.Scenario) bool {
	w.mu.Lock()
	ignores := w.should != nil
	w.mu.Unlock()
	return ignores && s.Predict(s.AppendWire(nil)).End == model.Reserved
}

func (w *walker) broken() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.must != nil
}

func (w *walker) take(s *scenario.Scenario, index uint64, r scenario.Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.played++
	if r.Breach == scenario.None {
		return
	}
	b := &breach{s, index, r.Breach, r.String()}
	switch {
	case r.Breach.Level() == spec.Should:
		if w.should == nil {
			w.should = b
		}
	case w.must == nil:
		w.must = b
	}
}

// finding plays a scenario again alone, makes it as short as it can be while it still breaks what it broke, and says what
// was seen, with the stream in one line and as a vector.
func (w *walker) finding(ctx context.Context, b *breach, measured map[string]float64) *Finding {
	switch b.is {
	case scenario.Unjudged:
		return &Finding{Verdict: report.Error, Expected: "the runner can judge", Actual: b.said}
	case scenario.Refused, scenario.NoConnection:
		f := broken("the server takes a new connection", b.said)
		f.Requirement, f.Refused, f.Stalled = "srv/serves-again", b.is == scenario.Refused, b.is == scenario.NoConnection
		return f
	}
	again, said := w.smallest(ctx, b)
	if again == nil && b.is.ByDeadline() {
		f := broken("as the model says", fmt.Sprintf("scenario %d, %s: %s", b.index, b.scenario, b.said))
		f.Stalled, f.Measured = true, measured // the runner runs the case again
		return f
	}
	if again == nil {
		again, said = b.scenario, b.said+" (not so when it was played again alone)"
	}
	f := broken("as the model says, in "+count(w.played, "scenario"), fmt.Sprintf("scenario %d, made smaller: %s: %s", b.index, again, said))
	f.Measured = measured
	if b.is.Level() == spec.Should {
		f.Verdict = report.Warn
		f.Actual += "; then streams with a wrong reserved byte were left out"
	}
	if v, err := again.Vector(fmt.Sprintf("found-%d", b.index), "Found by the exhaustive tier."); err == nil {
		f.Requirement = v.Requirements[0]
		if len(v.Segments) <= shownSegments {
			f.Hints = []string{"as a vector, ready to add:\n" + string(gen.Format(vectors.File{
				Name: "found.json", Area: "found", Description: "Found by the exhaustive tier.", Vectors: []*vectors.Vector{v},
			}))}
		}
	}
	return f
}

// shownSegments is how many segments a vector may have to be shown as a whole.
const shownSegments = 24

// smallest returns the shortest scenario that breaks the same alone, and what came of it; nil when the first does not.
func (w *walker) smallest(ctx context.Context, b *breach) (*scenario.Scenario, string) {
	const budget, longer = 200, 3
	p, err := scenario.NewPlayer(w.e.Socket, scenario.Options{Patience: longer * w.e.Patience})
	if err != nil {
		return nil, ""
	}
	until := time.Now().Add(walkLimit / 3)
	fails := func(list []scenario.Scenario) bool {
		return ctx.Err() == nil && time.Now().Before(until) && p.Play(&list[0]).Breach == b.is
	}
	list := []scenario.Scenario{*b.scenario}
	if !fails(list) {
		return nil, ""
	}
	list = scenario.Minimise(list, budget, fails)
	p.Record(true)
	r := p.Play(&list[0])
	w.e.also(p.Transcripts())
	return &list[0], r.String()
}
