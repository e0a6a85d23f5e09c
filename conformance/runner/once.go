package runner

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
)

// once runs every chosen case once: first those that others need, then most of them beside each other, then those that
// must be alone; last, again and alone, what failed.
func (r *run) once(ctx context.Context) error {
	if err := r.ensureAlive(ctx); err != nil {
		return err
	}
	needed, beside, alone, throughout, whole := sorted(r.cases)
	needed, beside, alone = r.roomForOne(needed), r.roomForOne(beside), r.roomForOne(alone)
	if !r.subject.perCase && r.trip > 0 {
		r.measureCapacity(ctx)
	}
	r.jobs = max(r.jobs, 1) // the capacity of a server that answers nothing is not measured
	run := r.needed
	if r.drivers != nil {
		run = r.neededOfDriver
	}
	if err := errors.Join(run(ctx, needed), r.ensureAlive(ctx)); err != nil {
		return err
	}
	beside, alone, throughout = r.possible(beside), r.possible(alone), r.possible(throughout)
	var apart []suite.Case
	if r.o.Role == spec.Server {
		throughout, apart = r.apart(ctx, throughout)
		r.idlers = 0
		if r.capacity.Sessions > reserve {
			r.idlers = len(throughout)
		}
		beside, alone = r.roomFor(beside), r.roomFor(alone)
	}
	early := r.beginThroughout(ctx, throughout)
	if err := r.besideEachOther(ctx, beside, true); err != nil {
		early.abandon()
		return err
	}
	alone, fresh := freshLast(alone)
	if err := r.oneByOne(ctx, alone); err != nil {
		early.abandon()
		return err
	}
	if err := r.endThroughout(ctx, early, throughout); err != nil {
		return err
	}
	if err := r.oneByOne(ctx, apart); err != nil {
		return err
	}
	if err := r.oneByOne(ctx, fresh); err != nil {
		return err
	}
	if err := r.confirm(ctx); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
	case r.clients != nil:
		r.judgeEnds(ctx, whole)
	case r.drivers != nil:
		r.judgeTogether()
	default:
		if err := r.lastLook(ctx); err != nil {
			return err
		}
		r.judgeWhole(whole)
	}
	return nil
}

// sorted splits the cases by how they are run. What is needed stands in an order in which each need comes before what
// needs it; the others keep theirs.
func sorted(cases []suite.Case) (needed, beside, alone, throughout, whole []suite.Case) {
	wanted := map[string]bool{}
	for _, c := range cases {
		for _, id := range c.Needs {
			wanted[id] = true
		}
	}
	for _, c := range cases {
		switch {
		case wanted[c.ID]:
			needed = append(needed, c)
		case c.Mode == suite.Alone:
			alone = append(alone, c)
		case c.Mode == suite.Throughout:
			throughout = append(throughout, c)
		case c.Mode == suite.WholeRun:
			whole = append(whole, c)
		default:
			beside = append(beside, c)
		}
	}
	return inOrderOfNeed(needed), beside, alone, throughout, whole
}

// needed runs, alone and to a verdict, the cases on which others rest.
func (r *run) needed(ctx context.Context, cases []suite.Case) error {
	for _, c := range cases {
		if why := r.missing(c); why != "" {
			r.keep(skip(c, "%s", why))
			continue
		}
		patience := r.patience
		if r.trip == 0 {
			patience *= confirmFactor // the calibration was its first try
		}
		res, err := r.aloneFor(ctx, c, patience)
		if err != nil {
			return err
		}
		if res.stalled() && ctx.Err() == nil && r.trip > 0 {
			if res, err = r.again(ctx, res); err != nil {
				return err
			}
		}
		if c.ID == suite.Gate && res.bad() && ctx.Err() == nil {
			if err := r.hintDialects(ctx, res); err != nil {
				return err
			}
		}
		res.f = confirmedOnce(res.f)
		if ctx.Err() != nil {
			return nil
		}
		r.keep(res)
	}
	return nil
}

// hintDialects adds to a failed gate what the peer answers instead.
func (r *run) hintDialects(ctx context.Context, res *result) error {
	if err := r.ensureAlive(ctx); err != nil {
		return err
	}
	env := r.env("dialects", r.patience)
	defer env.Close()
	res.f.Hints = append(suite.Dialects(ctx, env), res.f.Hints...)
	return nil
}

// missing says which need of the case was run and not met, or is empty.
func (r *run) missing(c suite.Case) string {
	for _, id := range c.Needs {
		if res, ok := r.results[id]; ok && (res.bad() || res.verdictNow() == report.Skip || res.verdictNow() == report.Error) {
			return "it shows nothing without " + id + ", which did not pass"
		}
	}
	return ""
}

// possible returns the cases whose needs are met, and skips the others.
func (r *run) possible(cases []suite.Case) []suite.Case {
	var left []suite.Case
	for _, c := range cases {
		if why := r.missing(c); why != "" {
			r.keep(skip(c, "%s", why))
			continue
		}
		left = append(left, c)
	}
	return left
}

// measureCapacity finds out how many sessions the peer serves at once, and how many cases to run beside each other.
func (r *run) measureCapacity(ctx context.Context) {
	env := r.env("capacity", r.patience)
	env.TurnsAway = false // that is to be seen
	if seen, err := suite.MeasureCapacity(ctx, env, suite.MaxCapacity); err == nil {
		r.capacity = seen
	}
	env.Close()
	r.jobs = r.o.Jobs
	if r.jobs == 0 {
		r.jobs = defaultJobs
	}
	r.jobs = max(1, min(r.jobs, r.capacity.Sessions-reserve))
}

// reserve is how many sessions are kept free of jobs: cases that run throughout hold some, and some cases take two.
const reserve = 6

// apart splits off the cases that would hold up others if they ran throughout: those that leave answers unread, where the
// server does not serve others meanwhile.
func (r *run) apart(ctx context.Context, throughout []suite.Case) (beside, apart []suite.Case) {
	for _, c := range throughout {
		if c.Unread {
			apart = append(apart, c)
		} else {
			beside = append(beside, c)
		}
	}
	if len(apart) == 0 || r.capacity.Sessions <= reserve {
		return throughout, nil // they are run one by one in any case
	}
	env := r.env("beside unread answers", r.patience)
	defer env.Close()
	if suite.ServesBesideUnread(ctx, env) {
		return throughout, nil
	}
	return beside, apart
}

// sessionsToSpare is how many sessions the cases that run beside each other may have open together.
func (r *run) sessionsToSpare() int {
	if r.subject.perCase {
		return math.MaxInt // each case has its own
	}
	return r.capacity.Sessions - r.idlers
}

// sessionsOf is how many sessions a case may have open at once.
func sessionsOf(c suite.Case) int { return max(c.Sessions, 2) }

// roomFor returns the cases for which the peer serves enough sessions at once, and skips the others.
func (r *run) roomFor(cases []suite.Case) []suite.Case {
	var left []suite.Case
	for _, c := range cases {
		if c.Sessions > 0 && c.Sessions+r.idlers > r.capacity.Sessions {
			r.keep(skip(c, "it needs %d sessions at once%s, and the server serves %d (silence 5)", c.Sessions, r.besideIdlers(), r.capacity.Sessions))
			continue
		}
		left = append(left, c)
	}
	return left
}

func (r *run) besideIdlers() string {
	if r.idlers == 0 {
		return ""
	}
	return fmt.Sprintf(" beside %d that idle", r.idlers)
}

// freshLast splits off the cases for which the peer is started anew: nothing may be open then.
func freshLast(cases []suite.Case) (alone, fresh []suite.Case) {
	for _, c := range cases {
		if c.Fresh {
			fresh = append(fresh, c)
		} else {
			alone = append(alone, c)
		}
	}
	return alone, fresh
}

// oneByOne runs cases with nothing beside them.
func (r *run) oneByOne(ctx context.Context, cases []suite.Case) error {
	for _, c := range cases {
		if ctx.Err() != nil {
			return nil
		}
		if r.braked(c) {
			continue
		}
		if c.Fresh && !r.subject.attached() {
			if err := r.anew(ctx); err != nil {
				return err
			}
		}
		res, err := r.alone(ctx, c)
		if err != nil {
			return err
		}
		if ctx.Err() == nil {
			r.seen(res)
			r.keep(res)
			if err := r.soon(ctx, res); err != nil {
				return err
			}
		}
	}
	return nil
}

// keep records a result as the one that counts. It is told to those who watch when it is final: not while it is a
// failure that is to be seen again.
func (r *run) keep(res *result) {
	r.mu.Lock()
	r.results[res.c.ID] = res
	tell := !r.told[res.c.ID] && !(res.bad() && (res.beside || res.stalled()))
	r.told[res.c.ID] = r.told[res.c.ID] || tell
	r.mu.Unlock()
	if tell {
		r.o.Progress.Done(r.entry(res))
	}
}

// throughoutRun is the cases that run from the beginning to the end of the others.
type throughoutRun struct {
	starts  int
	finish  chan struct{}
	cancel  context.CancelFunc
	results chan *result
	count   int
}

// beginThroughout starts those cases where the peer has sessions to spare.
func (r *run) beginThroughout(ctx context.Context, cases []suite.Case) *throughoutRun {
	bounded, cancel := context.WithCancel(ctx)
	t := &throughoutRun{starts: r.subject.starts, finish: make(chan struct{}), cancel: cancel, results: make(chan *result, len(cases))}
	if r.idlers == 0 {
		return t
	}
	t.count = len(cases)
	for _, c := range cases {
		go func() { t.results <- r.execute(bounded, c, r.patience, t.finish) }()
	}
	return t
}

// longestIdle bounds how long a session that failed after idling idles when its case is run again alone.
const longestIdle = 20 * time.Second

func (t *throughoutRun) abandon() {
	t.cancel()
	for range t.count {
		<-t.results
	}
	t.count = 0
}

// endThroughout brings those cases to their end. Where they could not run, the peer died meanwhile or one failed, they
// are run alone.
func (r *run) endThroughout(ctx context.Context, t *throughoutRun, cases []suite.Case) error {
	defer t.cancel()
	close(t.finish)
	if t.count == 0 || t.starts != r.subject.starts {
		t.abandon()
		return r.oneByOne(ctx, cases)
	}
	for range t.count {
		res := <-t.results
		res.beside = true
		r.idle = min(max(r.idle, res.ended.Sub(res.began)), longestIdle)
		if ctx.Err() == nil {
			r.keep(res)
		}
	}
	if ctx.Err() == nil && !r.subject.alive() && !r.subject.attached() {
		return r.oneByOne(ctx, cases) // it ended meanwhile, which is looked into first
	}
	return nil
}

// judgeWhole judges the cases that are about the run as a whole. One that failed counts also when it was not chosen.
func (r *run) judgeWhole(chosen []suite.Case) {
	for _, c := range suite.WholeRunCases() {
		now := time.Now()
		res := &result{c: c, began: now, ended: now}
		why := r.missing(c)
		switch {
		case c.ID == suite.StaysUp && len(r.mystery) == 1 && r.stops == 1:
			// Whoever can send it a signal may have done so; nobody does it again and again.
			res = failed(c, report.Error, "the runner can judge", r.mystery[0]+"; it may have been somebody else who sent the signal")
		case c.ID == suite.StaysUp && len(r.mystery) > 0:
			res = failed(c, report.Fail, "the server outlives its sessions", r.mystery[0]+more(r.mystery))
			res.f.Hints, res.output = endHints(r.mystery[0]), tail(r.subject.printed())
		case c.ID == suite.BesideEachOther && len(r.alongside) > 0:
			res = failed(c, report.Fail, "a case that passes alone passes beside others", r.alongside[0]+more(r.alongside))
			res.f.Hints = []string{"state is shared between sessions: a static or global buffer, counter or length"}
		case !slices.ContainsFunc(chosen, func(have suite.Case) bool { return have.ID == c.ID }):
			continue
		case r.always():
			res = skip(c, "each session has a server of its own (--restart always)")
		case why != "":
			res = skip(c, "%s", why)
		case len(r.results) == 0:
			res = skip(c, "no other case was run")
		case c.ID == suite.StaysUp && r.parting != nil:
			res.f, res.exit, res.output = r.parting.f, r.parting.exit, r.parting.output
		}
		if !slices.ContainsFunc(r.cases, func(have suite.Case) bool { return have.ID == c.ID }) {
			r.cases = append(r.cases, c)
		}
		r.keep(res)
	}
}
