package live

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/conformance/scenario"
	"github.com/oizys-protocol/oizys/spec"
)

// clientHunt is a run against a client: each scenario is what a server answers it, and each starts it anew, so that a
// failure has no history.
type clientHunt struct {
	o       Options
	visitor *runner.Visitor
	begin   time.Time
	next    atomic.Uint64
	acts    atomic.Uint64

	mu     sync.Mutex
	known  map[string]*Finding
	states map[uint32]struct{}
	newest time.Time // when the last new state was seen
	sums   *Summary
	err    error
}

// clientLength is the longest content that most answers to a client have, unless the options say something else: each is
// printed.
const clientLength = 1 << 16

func runClient(ctx context.Context, o Options, sum *Summary) (err error) {
	if o.Corpus != "" {
		return fmt.Errorf("%w: a client has no state from visit to visit, so there is no corpus to go on from; leave out --corpus", ErrUsage)
	}
	visitor, err := runner.NewVisitor(ctx, o.Command, o.StartTimeout, o.Guard)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, runner.ErrNoPeer):
		return fmt.Errorf("%w: %w", ErrNotJudged, err)
	default:
		return err
	}
	defer func() { err = errors.Join(err, visitor.Close()) }()
	c := &clientHunt{o: o, visitor: visitor, begin: time.Now(), known: map[string]*Finding{}, states: map[uint32]struct{}{}, sums: sum}
	if o.Lanes == 0 {
		o.Lanes = 2 * runtime.NumCPU()
	}
	sum.Lanes, sum.Capacity, sum.Patience = o.Lanes, 1, float64(visitor.Patience().Milliseconds())
	if len(o.Replays) > 0 {
		return c.replay(ctx)
	}
	bounded, cancel := context.WithCancel(ctx)
	defer cancel()
	var lanes sync.WaitGroup
	for range o.Lanes {
		lanes.Go(func() { c.lane(bounded, cancel) })
	}
	lanes.Go(func() { c.endings(bounded) })
	done := make(chan struct{})
	go func() { lanes.Wait(); close(done) }()
	tick := time.NewTicker(roundLength)
	defer tick.Stop()
	for {
		select {
		case <-done:
			c.status()
			return c.err
		case <-tick.C:
			c.status()
		}
	}
}

// over reports whether the run has come to its end as it was asked to.
func (c *clientHunt) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err != nil || c.o.Duration > 0 && time.Since(c.begin) >= c.o.Duration || c.o.enough(c.sums.Findings)
}

func (c *clientHunt) lane(ctx context.Context, cancel context.CancelFunc) {
	var a Act
	for ctx.Err() == nil && !c.over() {
		n := c.next.Add(1) - 1
		if c.o.Runs > 0 && n >= c.o.Runs {
			return
		}
		index := c.o.index(n)
		a = visitAt(c.o.Seed, index, c.o.MaxLength)
		v := c.visit(ctx, &a, c.visitor.Patience())
		if ctx.Err() != nil {
			return
		}
		c.acts.Add(1)
		if err := c.judge(ctx, &a, int64(index), v); err != nil {
			c.mu.Lock()
			c.err = errors.Join(c.err, err)
			c.mu.Unlock()
			cancel()
			return
		}
	}
}

// keyOf returns the kind of a client's failure and the rule that is broken, or nothing for one that is none.
func keyOf(v runner.Visited, s *scenario.Scenario) (key, rule string, level spec.Level) {
	p := s.Predict(s.AppendWire(nil))
	if v.Finding != nil {
		rule = v.Finding.Requirement
	}
	if rule == "" {
		if rule = "cli/invalid-reply"; p.Valid > 0 {
			rule = "cli/reply"
		}
	}
	if signal, died := strings.CutPrefix(v.Exit, "signal "); died && v.Finding != nil && !strings.HasPrefix(signal, "SIGKILL") {
		return "died signal " + signal, rule, spec.Must
	}
	if said, ok := complaint(v.Output); ok {
		return "printed " + said.kind, rule, spec.Must
	}
	if v.Finding == nil {
		return "", "", ""
	}
	if key = rule; rule != "cli/request" { // which comes before any answer
		key += " " + string(p.End)
	}
	if v.Finding.Stalled {
		key += " by-deadline"
	}
	switch v.Finding.Verdict {
	case report.Fail:
		return key, rule, spec.Must
	case report.Warn:
		return key, rule, spec.Should
	default:
		return "", "", ""
	}
}

// judge confirms a failure in a visit of its own, makes it small and keeps it.
func (c *clientHunt) judge(ctx context.Context, a *Act, index int64, v runner.Visited) error {
	s := &a.List[1]
	if err := unjudgedVisit(v); err != nil {
		return err
	}
	key, _, _ := keyOf(v, s)
	c.mu.Lock()
	defer c.mu.Unlock() // the other lanes end their visits, and wait: what is tried again has the machine to itself
	reached := state(One, s, scenario.Result{Prediction: s.Predict(s.AppendWire(nil))})
	if _, known := c.states[reached]; !known {
		c.states[reached], c.newest = struct{}{}, time.Now()
	}
	if key == "" {
		return nil
	}
	if f := c.known[key]; f != nil {
		f.again++
		c.sums.Failed++
		return nil
	}
	at := time.Now()
	bounded, cancel := c.o.bounded(ctx, c.begin, slackOf(2*c.visitor.Patience()))
	defer cancel()
	confirmed, again := c.shows(bounded, a, key)
	seen := Finding{Key: key}
	c.fill(&seen, v)
	switch {
	case ctx.Err() != nil:
		return nil
	case bounded.Err() != nil:
		c.untried(&seen, index, a)
		return nil
	case !again && v.Finding != nil && v.Finding.Stalled:
		c.sums.Slow++
		return nil
	case !again:
		c.sums.unconfirmed(&c.o, key, fmt.Sprintf("%s (%s)", seen.Actual, a))
		return nil
	}
	f := c.findingOf(confirmed, a, index, at)
	small, late := c.smaller(ctx, a, key)
	f.acts, f.Unminimised = []Act{small}, late
	c.replayed(bounded, f, &small)
	c.keep(f)
	return nil
}

// unjudgedVisit returns why a visit could not be judged, or nil.
func unjudgedVisit(v runner.Visited) error {
	if v.Finding != nil && v.Finding.Verdict == report.Error {
		return fmt.Errorf("%w: %s", ErrNotJudged, v.Finding.Actual)
	}
	return nil
}

// untried notes a failure that there was no time to try again, once for each kind.
func (c *clientHunt) untried(f *Finding, index int64, a *Act) {
	if !slices.ContainsFunc(c.sums.Untried, func(u Untried) bool { return u.Key == f.Key }) {
		c.sums.untried(&c.o, f.Key, f.Actual, index, a)
	}
}

// shows plays a visit with a longer deadline, and reports whether it fails in the way of the key.
func (c *clientHunt) shows(ctx context.Context, a *Act, key string) (runner.Visited, bool) {
	v := c.visit(ctx, a, 2*c.visitor.Patience())
	k, _, _ := keyOf(v, &a.List[1])
	return v, k == key && ctx.Err() == nil
}

// smaller makes what shows a failure small, and reports whether it was given up because the run was over.
func (c *clientHunt) smaller(ctx context.Context, a *Act, key string) (small Act, late bool) {
	bounded, cancel := c.o.bounded(ctx, c.begin, shrinkSlack)
	defer cancel()
	until := time.Now().Add(smallTime)
	small = Act{Mode: Visit, List: scenario.Minimise(a.List, smallBudget, func(list []scenario.Scenario) bool {
		tried := Act{Mode: Visit, List: list}
		if tried.check() != nil || time.Now().After(until) || bounded.Err() != nil {
			return false
		}
		_, bad := c.shows(bounded, &tried, key)
		return bad
	})}
	return small, bounded.Err() != nil
}

// findingOf makes a visit that failed a finding.
func (c *clientHunt) findingOf(v runner.Visited, a *Act, index int64, at time.Time) *Finding {
	key, rule, level := keyOf(v, &a.List[1])
	f := &Finding{Key: key, Level: level, Requirement: rule, Index: index, AfterMS: float64(at.Sub(c.begin).Microseconds()) / 1000, acts: []Act{*a}}
	c.fill(f, v)
	return f
}

func (c *clientHunt) fill(f *Finding, v runner.Visited) {
	f.Actual = "the client ended with " + v.Exit
	if said, ok := complaint(v.Output); ok {
		f.Actual += fmt.Sprintf(", and printed %q", said.line)
	}
	if v.Finding != nil {
		f.Actual = v.Finding.Actual
	}
	f.Sessions, f.PeerOutput, f.PeerExit = v.Sessions, v.Output, v.Exit
}

// replayed counts how often a finding shows.
func (c *clientHunt) replayed(ctx context.Context, f *Finding, a *Act) {
	for range 3 {
		v, bad := c.shows(ctx, a, f.Key)
		if ctx.Err() != nil {
			return
		}
		f.Tries++
		if bad {
			f.Hits++
			c.fill(f, v)
		}
	}
}

func (c *clientHunt) keep(f *Finding) {
	f.Acts = FormatActs(f.acts)
	c.known[f.Key] = f
	saveFinding(&c.o, c.sums, f)
	c.sums.Findings = append(c.sums.Findings, f)
	c.o.Progress.Found(f)
}

// replay plays what was asked for, some times, and reports what that shows.
func (c *clientHunt) replay(ctx context.Context) error {
	for i := range c.o.Replays {
		for _, a := range c.o.Replays[i].Acts {
			if a.Mode != Visit {
				return fmt.Errorf("%w: %q is for servers; a client is replayed by %q", ErrUsage, a.Mode, Visit)
			}
		}
	}
	for i := range c.o.Replays {
		r := &c.o.Replays[i]
		before := len(c.sums.Findings)
		for k := range r.Acts {
			if err := c.replayAct(ctx, &r.Acts[k]); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		c.sums.cameOf(r.Name, c.sums.Findings[before:])
	}
	c.status()
	return nil
}

func (c *clientHunt) replayAct(ctx context.Context, a *Act) error {
	v := c.visit(ctx, a, 2*c.visitor.Patience())
	if ctx.Err() != nil {
		return nil
	}
	if err := unjudgedVisit(v); err != nil {
		return err
	}
	c.acts.Add(1)
	f := c.findingOf(v, a, -1, time.Now())
	if f.Key == "" {
		return nil
	}
	c.replayed(ctx, f, a)
	switch {
	case ctx.Err() != nil:
	case f.Hits == 0:
		c.sums.unconfirmed(&c.o, f.Key, f.Actual)
	default:
		c.keep(f)
	}
	return nil
}

// status tells how the run stands.
func (c *clientHunt) status() {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.acts.Load()
	for _, f := range c.sums.Findings {
		f.Seen = 1 + int(f.again)
	}
	c.sums.Acts, c.sums.Scenarios, c.sums.Sessions, c.sums.States, c.sums.Starts = n, n, n, len(c.states), int(n)
	now := time.Since(c.begin)
	s := Status{Elapsed: now, Scenarios: n, Sessions: n, States: len(c.states), Findings: len(c.known), PerSecond: float64(n) / max(now.Seconds(), 0.001)}
	if !c.newest.IsZero() {
		s.Since = time.Since(c.newest)
	}
	if k := len(c.sums.Findings); k > 0 {
		s.Since = now - time.Duration(c.sums.Findings[k-1].AfterMS*float64(time.Millisecond))
	}
	c.o.Progress.Status(s)
}
