package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
)

// result is what one execution of a case came to.
type result struct {
	c       suite.Case
	f       *suite.Finding // nil for a plain pass
	began   time.Time
	ended   time.Time
	traces  []report.Transcript
	tapes   *report.Recording // what judging it again needs
	output  string            // what the peer had printed, when the finding is bad
	exit    string            // how the peer ended, when it died of the case
	left    string            // how the client that the case started ended, when the finding is bad
	stacks  string            // what the peer printed when it was asked where it hangs
	beside  bool              // it ran beside other cases
	later   bool              // the peer died of it some time later
	verdict []report.Verdict
}

func (r *result) bad() bool     { return r.f.Bad() }
func (r *result) stalled() bool { return r.bad() && r.f.Stalled }

func (r *result) verdictNow() report.Verdict {
	if r.f == nil {
		return report.Pass
	}
	return r.f.Verdict
}

func skip(c suite.Case, format string, args ...any) *result {
	now := time.Now()
	return &result{c: c, began: now, ended: now, f: &suite.Finding{Verdict: report.Skip, Actual: fmt.Sprintf(format, args...)}}
}

func failed(c suite.Case, verdict report.Verdict, expected, actual string) *result {
	now := time.Now()
	return &result{c: c, began: now, ended: now, f: &suite.Finding{Verdict: verdict, Expected: expected, Actual: actual}}
}

// caseLimit bounds one execution, unless the case has a longer limit of its own or limitFactor times the deadline is longer.
// A peer that is slow and never without progress comes to it; nothing else does.
const (
	caseLimit   = 60 * time.Second
	limitFactor = 30
)

// unfinished is the finding on a case that came to its limit. Nobody has judged it, and what is not judged is not certified.
func unfinished(id string, limit time.Duration) *suite.Finding {
	return &suite.Finding{
		Verdict: report.Error, Expected: fmt.Sprintf("the case comes to its end within %v", limit),
		Actual: fmt.Sprintf("it is still under way after %v: the peer is slow but never without progress, so that nothing is known; "+
			"a longer --timeout gives each case %d times as long, and --skip %s leaves this one out", limit, limitFactor, id),
	}
}

// execute runs a case once.
func (r *run) execute(ctx context.Context, c suite.Case, patience time.Duration, finish <-chan struct{}) *result {
	return r.executeIn(ctx, c, r.env(c.ID, patience), finish)
}

func (r *run) executeIn(ctx context.Context, c suite.Case, env *suite.Env, finish <-chan struct{}) *result {
	bounded, cancel := ctx, context.CancelFunc(func() {})
	limit := max(caseLimit, c.Limit, limitFactor*env.Patience)
	if finish == nil {
		bounded, cancel = context.WithTimeout(ctx, limit)
	}
	defer cancel()
	env.Finish, env.Idle, env.Seen = finish, r.idle, &r.right
	res, start := &result{c: c, began: time.Now()}, r.subject.starts
	res.f = guarded(bounded, c, env)
	if errors.Is(bounded.Err(), context.DeadlineExceeded) && ctx.Err() == nil {
		res.f = unfinished(c.ID, limit)
	}
	if res.f != nil && res.f.Verdict != report.Pass {
		res.traces = env.Transcripts()
	}
	if res.bad() {
		res.output = tail(r.served(env).printed())
	}
	res.tapes = env.Recording()
	r.holdAt(ctx, res, env)
	r.askWhere(ctx, res, env)
	env.Close()
	switch {
	case r.clients != nil:
		r.clients.seen(res, env)
	case r.drivers != nil && res.f != nil && (res.bad() || res.f.Verdict == report.Error):
		output, exit := env.Printed()
		res.output, res.left = output, exit
	}
	res.ended = time.Now()
	if r.o.Role == spec.Server && finish == nil {
		r.remember(past{c, start, res.began, res.ended})
	}
	return res
}

// tail is the end of what a peer printed, as much as one case's evidence needs; the report has more.
func tail(output string) string {
	const most = 2 << 10
	if len(output) <= most {
		return output
	}
	return "…" + output[len(output)-most:]
}

func (r *run) env(id string, patience time.Duration) *suite.Env {
	switch {
	case r.clients != nil:
		return r.clients.env(id, r.o.Seed, patience)
	case r.drivers != nil:
		return r.drivers.env(id, r.o.Seed, patience)
	}
	if r.always() {
		return &suite.Env{Starter: &onceEach{from: r.subject}, Patience: patience, Capacity: 1, Rand: suite.NewRand(r.o.Seed, id)}
	}
	return &suite.Env{Socket: r.subject.socket, Patience: patience, Capacity: r.capacity.Sessions, TurnsAway: r.capacity.TurnsAway, Mingled: r.capacity.Mingled, Rand: suite.NewRand(r.o.Seed, id)}
}

// guarded runs a case and makes a panic of the suite's own code a verdict of error.
func guarded(ctx context.Context, c suite.Case, env *suite.Env) (f *suite.Finding) {
	defer func() {
		if p := recover(); p != nil {
			f = &suite.Finding{Verdict: report.Error, Expected: "the runner can judge", Actual: fmt.Sprintf("the case itself failed: %v; please report it", p)}
		}
	}()
	return c.Run(ctx, env)
}

// idles is a case that gives the peer time to end of what it went through before.
const idles = "stream/idle/silent-and-usable"

// entry makes a result the report's.
func (r *run) entry(res *result) report.Case {
	e := report.Case{
		ID: res.c.ID, Title: res.c.Title, Requirements: res.c.Requirements, Verdict: res.verdictNow(),
		DurationMS: float64(res.ended.Sub(res.began).Microseconds()) / 1000,
		Replay:     r.o.replay(res.c.ID),
	}
	if res.c.Mode == suite.WholeRun {
		e.Replay = r.o.replayAll()
	}
	if res.later {
		e.Replay = r.o.replay(res.c.ID, idles)
	}
	if f := res.f; f != nil {
		e.Expected, e.Actual, e.Measured = f.Expected, f.Actual, f.Measured
		if f.Verdict != report.Pass && f.Verdict != report.Skip {
			e.Evidence = &report.Evidence{
				Requirements: rules(f, res.c), Sessions: res.traces, Hints: f.Hints, PeerOutput: res.output, PeerExit: res.exit + res.left,
				PeerStacks: res.stacks,
			}
		}
		if f.Verdict == report.Info {
			e.Evidence.Sessions = nil // what was recorded says it all
		}
	}
	if e.Verdict != report.Skip && e.Verdict != report.Error {
		e.Recording = res.tapes
	}
	if len(res.verdict) > 1 {
		e.Verdicts = res.verdict
		for _, v := range res.verdict {
			e.Flaky = e.Flaky || v != res.verdict[0]
		}
	}
	return e
}

// rules returns the requirement that was broken first, then the case's others.
func rules(f *suite.Finding, c suite.Case) []report.Rule {
	ids := c.Requirements
	if f.Requirement != "" {
		ids = append([]string{f.Requirement}, ids...)
	}
	var all []report.Rule
	seen := map[string]bool{}
	for _, id := range ids {
		if rule, ok := spec.Find(id); ok && !seen[id] {
			seen[id] = true
			all = append(all, report.Rule{ID: rule.ID, Level: string(rule.Level), Statement: rule.Statement, Source: rule.Source})
		}
	}
	return all
}
