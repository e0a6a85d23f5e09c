package live

import (
	"context"
	"slices"
	"time"

	"github.com/oizys-protocol/oizys/conformance/scenario"
)

// replayed counts how often a finding shows.
func (h *hunter) replayed(ctx context.Context, f *Finding, m manner, o *observation) error {
	tries := 5
	if f.deadline || m.spin {
		tries = 2
	}
	f.Hits, f.Tries = 0, 0
	for range tries {
		seen, err := h.trial(ctx, f.acts, m)
		if err != nil {
			return err
		}
		f.Tries++
		for _, s := range seen {
			if s.key == f.Key {
				f.Hits++
				*o = s
			}
		}
	}
	return nil
}

const (
	smallTime   = 5 * time.Second
	smallBudget = 300
	smallLeast  = 40 // tries that are made even if they take longer, where none waits for a deadline
)

// smaller makes what shows a failure small: acts first, then scenarios, frames, bytes and cuts. It is given some time, and
// on a machine that is too busy for anything to come of that, more.
func (h *hunter) smaller(ctx context.Context, acts []Act, m manner, waits bool) []Act {
	until := time.Now().Add(smallTime)
	m.patience = max(h.patience/2, 300*time.Millisecond) // the result is tried with the whole of it again
	budget := smallBudget
	shows := func(acts []Act) bool {
		late := time.Now().After(until) && (waits || budget < smallBudget-smallLeast)
		if budget--; budget < 0 || late || ctx.Err() != nil {
			return false
		}
		seen, err := h.trial(ctx, acts, m)
		return err == nil && slices.ContainsFunc(seen, func(o observation) bool { return o.key == m.only })
	}
	acts = scenario.Reduce(acts, func(acts []Act) bool { return len(acts) > 0 && shows(acts) })
	acts = slices.Clone(acts)
	for i := range acts {
		as := func(list []scenario.Scenario) []Act {
			changed := slices.Clone(acts)
			changed[i] = acts[i].with(list)
			return changed
		}
		list := scenario.Minimise(acts[i].List, budget, func(list []scenario.Scenario) bool {
			return as(list)[i].check() == nil && shows(as(list))
		})
		acts = as(list)
	}
	return acts
}

// with returns the act with other scenarios, and a plainer mode if there is only one.
func (a *Act) with(list []scenario.Scenario) Act {
	mode := a.Mode
	if len(list) == 1 && (mode == Series || mode == Together) {
		mode = One
	}
	return Act{Mode: mode, List: list}
}
