package runner

import (
	"context"
	"fmt"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
)

// confirm runs what failed again, alone: a failure beside other cases may be theirs, and one by a deadline may be the
// machine's. Then it deals with the cases that the brake has held back.
func (r *run) confirm(ctx context.Context) error {
	var late []*result
	for _, c := range r.cases {
		res, ok := r.results[c.ID]
		switch {
		case !ok || !res.bad() || res.exit != "":
		case res.stalled():
			late = append(late, res)
		case res.beside && r.deaths[family(c.ID)] >= deathsPerFamily:
			r.keep(skip(c, "not run again: %d other cases of %s killed the server", r.deaths[family(c.ID)], family(c.ID)))
		case res.beside:
			if err := r.confirmOne(ctx, res); err != nil || ctx.Err() != nil {
				return err
			}
			if now := r.results[c.ID]; now.stalled() {
				late = append(late, now)
			}
		}
	}
	for _, res := range mingledResults(late) {
		if err := r.confirmLate(ctx, res); err != nil || ctx.Err() != nil {
			return err
		}
	}
	if r.clients != nil {
		r.confirmEnds(ctx)
	}
	return r.release(ctx)
}

// confirmOne runs a case again that failed beside others.
func (r *run) confirmOne(ctx context.Context, first *result) error {
	res, err := r.again(ctx, first)
	if err != nil || ctx.Err() != nil {
		return err
	}
	if !res.bad() {
		r.alongside = append(r.alongside, fmt.Sprintf("%s passed alone; beside others: %s", first.c.ID, first.f.Actual))
	}
	r.keep(res)
	return nil
}

// confirmLate runs a case again that missed a deadline, with a longer one.
func (r *run) confirmLate(ctx context.Context, first *result) error {
	if r.spent > confirmBudget {
		return nil // release deals with it
	}
	begin := time.Now()
	res, err := r.again(ctx, first)
	if err != nil || ctx.Err() != nil {
		return err
	}
	if res.bad() {
		r.spent += time.Since(begin)
		r.confirmed[family(first.c.ID)]++
		if res.stalled() {
			res.f.Actual += "; again so alone, with a longer deadline"
			if r.calmed > 0 && !r.hopeless {
				res.f.Hints = append(res.f.Hints, whyRestless)
			}
		}
	}
	res.f = confirmedOnce(res.f)
	r.keep(res)
	return nil
}

// confirmedOnce marks a finding as no longer in need of confirmation.
func confirmedOnce(f *suite.Finding) *suite.Finding {
	if f == nil || !f.Stalled {
		return f
	}
	settled := *f
	settled.Stalled = false
	return &settled
}

// again runs a case alone, with a longer deadline if it missed one, on a fresh peer as long as that is cheap. It always is
// beside that deadline; and a peer that was lost to an earlier case answers none, so that the one at hand would be blamed.
func (r *run) again(ctx context.Context, first *result) (*result, error) {
	patience, cheap := r.patience, r.fresh+r.subject.took < freshBudget
	if first.stalled() {
		patience *= confirmFactor
		cheap = cheap || r.subject.took < patience
	}
	if cheap && !r.subject.attached() {
		begin := time.Now()
		if err := r.anew(ctx); err != nil {
			return nil, err
		}
		r.fresh += time.Since(begin)
	}
	return r.aloneFor(ctx, first.c, patience)
}

// release gives a result to the cases that the brake held back, and to those that there was no time to confirm.
func (r *run) release(ctx context.Context) error {
	var free []suite.Case
	unsettled := r.unsettled()
	for _, c := range r.cases {
		res, ok := r.results[c.ID]
		f := family(c.ID)
		switch {
		case ok && !res.stalled(), c.Mode == suite.WholeRun:
		case r.confirmed[f] > 0:
			r.keep(skip(c, "not run to the end: other cases of %s missed their deadline, alone as well", f))
		case r.deaths[f] >= deathsPerFamily:
			r.keep(skip(c, "not run: %d other cases of %s killed the server", r.deaths[f], f))
		case ok && len(r.confirmed) > 0:
			r.keep(skip(c, "missed its deadline, and was not run again alone: cases of other families had done so, alone as well"))
		case ok:
			r.keep(failed(c, report.Error, "the runner can judge", "missed its deadline, and there was no time left to run it again alone: the machine may be too busy; --timeout makes deadlines longer"))
		case unsettled[f]:
			r.keep(skip(c, "not run: other cases of %s missed their deadline, and were not run again alone", f))
		default:
			free = append(free, c)
		}
	}
	for _, c := range free {
		if ctx.Err() != nil {
			return nil
		}
		if r.spent > confirmBudget {
			r.keep(skip(c, "not run: too many cases had missed their deadline, alone as well"))
			continue
		}
		res, err := r.alone(ctx, c)
		if err != nil {
			return err
		}
		if ctx.Err() == nil {
			r.keep(r.lastWord(ctx, res))
		}
	}
	return nil
}

// unsettled returns the families of which a case has missed its deadline and was not run again.
func (r *run) unsettled() map[string]bool {
	families := map[string]bool{}
	for id, res := range r.results {
		if res.stalled() {
			families[family(id)] = true
		}
	}
	return families
}

// lastWord gives a case that the brake had held back, and that missed a deadline alone, its longer one.
func (r *run) lastWord(ctx context.Context, res *result) *result {
	if !res.stalled() {
		return res
	}
	begin := time.Now()
	longer, err := r.again(ctx, res)
	if err != nil || ctx.Err() != nil {
		return res
	}
	if longer.bad() {
		r.spent += time.Since(begin)
	}
	longer.f = confirmedOnce(longer.f)
	return longer
}

func mingledResults(results []*result) []*result {
	cases := make([]suite.Case, len(results))
	byID := map[string]*result{}
	for i, res := range results {
		cases[i] = res.c
		byID[res.c.ID] = res
	}
	mixed := make([]*result, 0, len(results))
	for _, c := range mingled(cases) {
		mixed = append(mixed, byID[c.ID])
	}
	return mixed
}
