package runner

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
)

// drivers is a driver under test: a command line that each case starts anew. It may be used concurrently.
type drivers struct {
	command []string
	vars    []string // more of its environment
	cwd     string
	dir     string
	tag     string
	sockets atomic.Int64
	starts  atomic.Int64
}

// Start runs the driver once.
func (d *drivers) Start() (*process.Process, error) {
	d.starts.Add(1)
	return process.Start(process.Command{Args: d.command, Env: append([]string{d.tag}, d.vars...), Dir: d.cwd, Capture: suite.DriverOutput, Input: true})
}

// env is what one execution of a case has of the driver.
func (d *drivers) env(id string, seed uint64, patience time.Duration) *suite.Env {
	return &suite.Env{
		Socket: fmt.Sprintf("%s/%d", d.dir, d.sockets.Add(1)), Patience: patience, Capacity: 1, Rand: suite.NewRand(seed, id), Driver: d,
	}
}

// meetDriver runs the driver for the first time: the deadline is made from how long its first answer takes.
func (r *run) meetDriver(ctx context.Context) error {
	env := r.drivers.env("first run", r.o.Seed, r.o.StartTimeout)
	defer env.Close()
	took, err := suite.MeetDriver(ctx, env)
	r.subject.output, r.subject.exit = env.Printed()
	switch {
	case suite.IsNoDriver(err):
		return withOutput(kindError{err.Error(), ErrNoPeer}, "this was said (> to it, < by it)", r.subject.output)
	case errors.Is(err, suite.ErrNotStarted):
		return fmt.Errorf("%w: %v", ErrUsage, err)
	case err != nil:
		return err
	}
	r.patience = min(max(floorPatience, tripFactor*took), driverPatience)
	if r.o.Timeout > 0 {
		r.patience = r.o.Timeout
	}
	r.trip, r.jobs = took, r.o.Jobs
	if r.jobs == 0 {
		r.jobs = clientsPerCore * runtime.NumCPU()
	}
	return nil
}

// driverPatience is the longest deadline that is made: with confirmFactor, one that is missed is well within caseLimit, and
// so is called missed.
const driverPatience = 10 * time.Second

// neededOfDriver runs the cases on which others rest beside each other: each has a driver of its own. What has not passed
// so is run alone, and to a verdict. The first case is run alone at once: without it no other shows anything.
func (r *run) neededOfDriver(ctx context.Context, cases []suite.Case) error {
	first := min(1, len(cases))
	if err := r.needed(ctx, cases[:first]); err != nil {
		return err
	}
	left := cases[first:]
	for len(left) > 0 && ctx.Err() == nil {
		ready := slices.DeleteFunc(slices.Clone(left), func(c suite.Case) bool { return r.missing(c) != "" || waits(c, left) })
		done, _ := r.pool(ctx, ready, false)
		passed := map[string]bool{}
		for _, res := range done {
			if v := res.verdictNow(); v == report.Pass || v == report.Info {
				passed[res.c.ID] = true
				r.keep(res)
			}
		}
		left = slices.DeleteFunc(slices.Clone(left), func(c suite.Case) bool { return passed[c.ID] })
		if len(passed) < len(ready) || len(ready) == 0 {
			break
		}
	}
	return r.needed(ctx, left)
}

// waits reports whether a case needs one of the others.
func waits(c suite.Case, others []suite.Case) bool {
	return slices.ContainsFunc(others, func(other suite.Case) bool { return slices.Contains(c.Needs, other.ID) })
}

// judgeTogether reports failures that were seen only beside other drivers: each case has a process of its own, so these
// are not the driver's.
func (r *run) judgeTogether() {
	for _, what := range r.alongside {
		r.o.Progress.Note("%s", what)
	}
}
