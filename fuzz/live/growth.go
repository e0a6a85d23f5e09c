package live

import (
	"context"
	"fmt"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/scenario"
	"github.com/oizys-protocol/oizys/spec"
)

const (
	growthFirst   = 3 * time.Second  // into the run
	growthEvery   = 90 * time.Second // and between two looks
	growthSamples = 24
	growthActs    = 400
	growthSlice   = 200 * time.Millisecond // a slow peer is asked less between two samples
	growthWarm    = 1500
	growthLeast   = 8      // acts in a second, with fewer of which nothing is judged,
	growthHeap    = 4_000  // and in all, with fewer of which memory is not: a heap may still fill for the first time
	growthSteep   = 0.05   // growth an act that counts of so few: a pool that fills slowly is no leak
	growthLength  = 70_000 // bytes of the longest content: longer ones move the heap more than leaks do
)

// resource is something that a peer holds and may not give back.
type resource struct {
	name  string
	of    func(process.Usage) float64
	least float64 // growth an act that counts
	total float64 // and in all
}

func resources() []resource {
	return []resource{
		{"descriptors", func(u process.Usage) float64 { return float64(u.Descriptors) }, 0.002, 12},
		{"threads", func(u process.Usage) float64 { return float64(u.Threads) }, 0.002, 12},
		{"processes", func(u process.Usage) float64 { return float64(u.Processes) }, 0.002, 12},
		{"memory", func(u process.Usage) float64 { return float64(u.Resident) }, 40, 256 << 10},
	}
}

// growth looks now and then whether the peer gives back what sessions take.
func (h *hunter) growth(ctx context.Context) error {
	if time.Since(h.grown) < growthEvery || h.o.Runs > 0 {
		return nil
	}
	h.grown = time.Now()
	if _, err := process.UsageOf(h.peer.Pid()); err != nil {
		return nil // it may not be looked at
	}
	begin := time.Now()
	first, err := h.slopes(ctx, h.o.Seed^1)
	if err != nil || len(first) == 0 {
		return err
	}
	second, err := h.slopes(ctx, h.o.Seed^2)
	if err != nil {
		return err
	}
	for _, r := range resources() {
		slope, both := second[r.name]
		if _, before := first[r.name]; !both || !before || h.known["grows "+r.name] != nil {
			continue
		}
		f := &Finding{
			Key: "grows " + r.name, Level: spec.Must, Requirement: "srv/releases", Index: -1, Hits: 2, Tries: 2,
			Actual:  fmt.Sprintf("%s grow with every session, by %.3g for each act, in two runs on fresh peers: a straight line over %d samples", r.name, slope, growthSamples),
			AfterMS: float64(begin.Sub(h.begin).Microseconds()) / 1000,
		}
		h.known[f.Key] = f
		h.order = append(h.order, f)
		h.keep(f)
	}
	return h.fresh(ctx)
}

// slopes puts a fresh peer through acts and returns what grows, by name, and by how much an act.
func (h *hunter) slopes(ctx context.Context, seed uint64) (map[string]float64, error) {
	if err := h.fresh(ctx); err != nil {
		return nil, err
	}
	unhook := h.endsWith(ctx)
	defer unhook()
	p, err := scenario.NewPlayer(h.peer.Socket(), scenario.Options{Patience: h.patience})
	if err != nil {
		return nil, err
	}
	plan, index := newPlan(seed, growthLength, false), uint64(0)
	var a Act
	some := func(most int) int {
		until := time.Now().Add(growthSlice)
		for n := range most {
			if ctx.Err() != nil || time.Now().After(until) {
				return n
			}
			plan.fill(index, &a)
			index++
			h.play(p, &a) // what comes of it is the lanes' business
		}
		return most
	}
	warm := 0
	for begin := time.Now(); warm < growthWarm && time.Since(begin) < time.Second && ctx.Err() == nil; {
		warm += some(growthWarm - warm)
	}
	if warm < growthLeast {
		return nil, ctx.Err() // so slow a peer would have to be asked for minutes
	}
	samples := make([]process.Usage, 0, growthSamples)
	at := make([]float64, 0, growthSamples)
	for range growthSamples {
		n := some(growthActs)
		time.Sleep(5 * time.Millisecond) // sessions that have ended are cleared away
		u, err := process.UsageOf(h.peer.Pid())
		if err != nil || ctx.Err() != nil {
			return nil, ctx.Err() // it has ended, which the next round sees
		}
		samples, at = append(samples, u), append(at, float64(n)+last(at))
	}
	grows := map[string]float64{}
	for _, r := range resources() {
		if r.name == "memory" && (last(at) < growthHeap || process.CollectsLazily(h.peer.Pid())) {
			continue
		}
		least := r.least
		if last(at) < growthHeap {
			least = max(least, growthSteep)
		}
		values := make([]float64, len(samples))
		for i, u := range samples {
			values[i] = r.of(u)
		}
		if slope, steady := line(at, values); steady && slope >= least && values[len(values)-1]-values[0] >= r.total {
			grows[r.name] = slope
		}
	}
	return grows, nil
}

func last(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	return v[len(v)-1]
}

// line fits a straight line and reports its slope, and whether the values follow it: closely, and in their second half
// about as steeply as in the first. A heap that comes to rest does not.
func line(x, y []float64) (slope float64, steady bool) {
	slope, fit := fitted(x, y)
	half := len(x) / 2
	early, _ := fitted(x[:half], y[:half])
	late, _ := fitted(x[half:], y[half:])
	return slope, fit >= 0.95 && early > slope/2 && late > slope/2
}

// fitted returns the slope of the line of least squares and its coefficient of determination.
func fitted(x, y []float64) (slope, fit float64) {
	n := float64(len(x))
	var sx, sy, sxx, sxy, syy float64
	for i := range x {
		sx, sy = sx+x[i], sy+y[i]
		sxx, sxy, syy = sxx+x[i]*x[i], sxy+x[i]*y[i], syy+y[i]*y[i]
	}
	vx, vy, cov := n*sxx-sx*sx, n*syy-sy*sy, n*sxy-sx*sy
	if vx == 0 || vy == 0 {
		return 0, 0
	}
	return cov / vx, cov * cov / (vx * vy)
}
