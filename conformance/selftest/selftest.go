// Package selftest is the suite's own test: it certifies every deliberately wrong peer, and every odd but right one, and
// says which cases found which defect.
//
// Begin with [Run]. It starts the peers of package faulty as processes, each under a run of its own over a real socket,
// many beside each other since most of their time is waiting, and returns a [Matrix]: a [Row] for each peer, and what
// follows from all of them together: the score, the defects that nobody found, the alarms that were false, and the cases
// that found nothing.
//
// What is wrong with a peer that is not known is the business of package diagnosis, which this one's rows teach.
package selftest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/oizys-protocol/oizys/conformance/diagnosis"
	"github.com/oizys-protocol/oizys/conformance/faulty"
	"github.com/oizys-protocol/oizys/conformance/pattern"
	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
)

// ErrUsage is wrapped by errors that the caller's options cause: nothing was run.
var ErrUsage = errors.New("usage")

// Options say what to run. The zero value of each field but Peers is a default.
type Options struct {
	// Peers are the first words of every peer's command line, to which its role and name are added: those of
	// oizys-faulty, or the oizys program and faulty.
	Peers []string
	// Roles are those whose peers are run; none means all that have any.
	Roles []spec.Role
	// Only are patterns of names, in which * stands for anything; none means all.
	Only []string
	// Jobs is how many peers are certified beside each other; 0 means [DefaultJobs].
	Jobs int
	// Seed is that of every run.
	Seed uint64
	// Full runs every case against every peer. Otherwise a defect is put through stages: what a later stage holds is not
	// run when an earlier one has found the defect for a requirement that it breaks. And a habit goes through one
	// case of each family and a part of the others, each through another part.
	Full bool
	// Guard clears away what is left when this process is killed; nil means that nobody does.
	Guard *process.Guard
	// Done is told of each row as it is made, one at a time; nil means that nobody is.
	Done func(Row)
}

// DefaultJobs is how many peers are certified beside each other unless said otherwise. It is well above the number of
// processors: a run against a wrong peer mostly waits for what does not come.
const DefaultJobs = 20

// Run certifies every chosen peer and returns what came of it. Cancelling the context ends the runs; the error is then
// the context's, and the matrix holds the rows that were finished.
func Run(ctx context.Context, o Options) (*Matrix, error) {
	subjects, err := o.subjects()
	if err != nil {
		return nil, err
	}
	jobs := o.Jobs
	if jobs <= 0 {
		jobs = DefaultJobs
	}
	rows := make([]Row, len(subjects))
	finished := make([]bool, len(subjects))
	next := make(chan int)
	var workers sync.WaitGroup
	var telling sync.Mutex
	for range min(jobs, len(subjects)) {
		workers.Go(func() {
			for i := range next {
				rows[i] = o.certify(ctx, subjects[i])
				finished[i] = ctx.Err() == nil
				if o.Done != nil && finished[i] {
					telling.Lock()
					o.Done(rows[i])
					telling.Unlock()
				}
			}
		})
	}
	for _, i := range longestFirst(subjects) {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	workers.Wait()
	var done []Row
	for i, row := range rows {
		if finished[i] {
			done = append(done, row)
		}
	}
	return newMatrix(o, done), ctx.Err()
}

// subjects returns the chosen faults and habits, in the catalogue's order.
func (o Options) subjects() ([]faulty.Fault, error) {
	roles := o.Roles
	if len(roles) == 0 {
		roles = spec.Roles()
	}
	var all, chosen []faulty.Fault
	for _, role := range roles {
		all = append(append(all, faulty.Faults(role)...), faulty.Habits(role)...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: there are no faulty peers of the role %s", ErrUsage, roles[0])
	}
	for _, p := range o.Only {
		before := len(chosen)
		if !pattern.Valid(p) {
			return nil, fmt.Errorf("%w: %q is no pattern; * stands for anything, as in 'length-*'", ErrUsage, p)
		}
		for _, f := range all {
			if pattern.Matches(f.Name, p) {
				chosen = append(chosen, f)
			}
		}
		if len(chosen) == before {
			return nil, fmt.Errorf("%w: no fault or habit matches %q; `oizys faulty list` shows them all", ErrUsage, p)
		}
	}
	if len(o.Only) == 0 {
		return all, nil
	}
	return unique(chosen), nil
}

func unique(faults []faulty.Fault) []faulty.Fault {
	seen := map[string]bool{}
	var all []faulty.Fault
	for _, f := range faults {
		if !seen[f.Name] {
			seen[f.Name] = true
			all = append(all, f)
		}
	}
	return all
}

// longest are the peers whose runs took longest in a run of all, in that order.
var longest = []string{
	"closes-lazily", "end-of-stream-spins", "truncated-content-spins", "error-closes-latest", "bytewise-writes", "reset-ends-accepting", "broken-pipe-ends-writer",
	"session-ignores-reserved-byte", "client-starts-late", "batched-replies",
}

// longestFirst orders the subjects so that those whose runs take long do not begin last: first the longest, then the classes
// whose faults are waited for, then the rest. Leaks, which keep the processors at work for long, are spread among the others:
// beside each other, each would come to the limit of its case.
func longestFirst(subjects []faulty.Fault) []int {
	slow := map[string]bool{faulty.Hang: true, faulty.Crash: true, faulty.Idle: true, faulty.Concurrency: true, faulty.Conformity: true}
	rank := func(f faulty.Fault) int {
		switch i := slices.Index(longest, f.Name); {
		case i >= 0:
			return i
		case slow[f.Class]:
			return len(longest)
		default:
			return len(longest) + 1
		}
	}
	order := make([]int, len(subjects))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rank(subjects[a]), rank(subjects[b])) })
	return spreadOut(order, func(i int) bool {
		return subjects[i].Class == faulty.Leak && !slices.Contains(longest, subjects[i].Name)
	})
}

// othersBetween is how many others stand between two leaks.
const othersBetween = 4

// spreadOut moves the heavy ones up, each behind so many others, and leaves the order as it is otherwise.
func spreadOut(order []int, heavy func(i int) bool) []int {
	var others, apart []int
	for _, i := range order {
		if heavy(i) {
			apart = append(apart, i)
		} else {
			others = append(others, i)
		}
	}
	spread := make([]int, 0, len(order))
	for at, i := range others {
		spread = append(spread, i)
		if at%othersBetween == othersBetween-1 && at >= len(longest)-1 && len(apart) > 0 {
			spread, apart = append(spread, apart[0]), apart[1:]
		}
	}
	return append(spread, apart...)
}

// command is the peer's command line.
func (o Options) command(f faulty.Fault) []string {
	words := append(slices.Clone(o.Peers), string(f.Role), f.Name)
	switch f.Role {
	case spec.Client:
		return append(words, "-e", "{socket}", "-m", "{message}")
	case spec.Driver:
		return words
	default:
		return append(words, "{socket}")
	}
}

// environment is what a peer's own has besides: a client and a driver, of which each case starts several, do one thing at
// a time, and a Go program for one processor starts sooner.
func environment(role spec.Role) []string {
	if role == spec.Server {
		return nil
	}
	return []string{"GOMAXPROCS=1"}
}

// certify runs the suite against one peer: all of it, or in stages until the defect is found.
func (o Options) certify(ctx context.Context, f faulty.Fault) (row Row) {
	row = Row{
		Name: f.Name, Role: f.Role, Class: f.Class, Odd: f.Odd, Breaks: f.Breaks, Warns: f.Warns, must: f.Level() == spec.Must,
	}
	began := time.Now()
	defer func() { row.Seconds = time.Since(began).Seconds() }()
	cases, err := catalogue(f.Role)
	if err != nil {
		row.Outcome, row.Why = Unjudged, err.Error()
		return row
	}
	switch {
	case o.Full:
		row.stage(o.run(ctx, f, nil))
		row.Outcome = row.judge()
		return row
	case f.Odd:
		row.stage(o.run(ctx, f, some(f, cases)))
		row.Outcome = row.judge()
		return row
	}
	known, err := diagnosis.Embedded(f.Role)
	if err != nil {
		row.Outcome, row.Why = Unjudged, err.Error()
		return row
	}
	for _, ids := range stages(f, cases, known.Cases(f.Name)) {
		ids = append(ids, row.Skipped...) // such as for want of time
		rep, err := o.run(ctx, f, append(row.needed(cases, ids), ids...))
		row.stage(rep, err)
		if row.Outcome = row.judge(); row.Outcome.Good() || row.Result == report.Inconclusive && !onlySkipped(rep) || ctx.Err() != nil {
			break
		}
	}
	return row
}

// run puts a peer through some cases; none means all.
func (o Options) run(ctx context.Context, f faulty.Fault, ids []string) (*report.Report, error) {
	return runner.Run(ctx, runner.Options{
		Role: f.Role, Command: o.command(f), Env: environment(f.Role), Seed: o.Seed, Version: suite.Version, Guard: o.Guard, Only: ids,
	})
}
