package live

import (
	"context"
	"fmt"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/scenario"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
)

const (
	growthFirst   = 3 * time.Second  // into the run
	growthEvery   = 90 * time.Second // and between two looks
	growthSamples = 24
	growthLeast   = 8      // acts in a second, with fewer of which nothing is judged,
	growthHeap    = 4_000  // and in all, with fewer of which memory is not: a heap may still fill for the first time
	growthSteep   = 0.05   // growth an act that counts of so few: a pool that fills slowly is no leak
	growthLength  = 70_000 // bytes of the longest content, announced or sent: longer ones move the heap more than leaks do
)

// pace is how many acts a look at growth has, at most, and for how long: a slow peer is asked less.
type pace struct {
	warm     int // before the first sample
	warmTime time.Duration
	acts     int // between two samples
	slice    time.Duration
	enough   int // acts between all samples, with fewer of which memory is not judged
}

// slow gives a peer more time that would not get through enough acts at its rate, in acts a second, but not much more.
func (p *pace) slow(rate float64) {
	const slack, most = 1.2, 3
	needed := time.Duration(slack * float64(p.enough) / growthSamples / rate * float64(time.Second))
	if needed < most*p.slice {
		p.slice = max(p.slice, needed)
	}
}

func quickPace() pace {
	return pace{warm: 1500, warmTime: time.Second, acts: 400, slice: 200 * time.Millisecond, enough: growthHeap}
}

// longPace is for memory: the arenas of an allocator, one for each of some threads, fill for some ten thousand sessions.
func longPace() pace {
	return pace{warm: 24_000, warmTime: 6 * time.Second, acts: 2_000, slice: 700 * time.Millisecond, enough: longActs}
}

const (
	longActs  = 24_000   // acts in the long look, with fewer of which memory is not judged
	leakTotal = 32 << 20 // growth of memory in the long look, in bytes, from which it is a leak; below, a SHOULD is broken
)

// grown is how something grew in a look.
type grown struct {
	slope, total float64 // for each act, and over all samples
	acts         float64
}

// resource is something that a peer holds and may not give back.
type resource struct {
	name  string
	of    func(process.Usage) float64
	least float64 // growth an act that counts
	total float64 // and in all
}

const memory = "memory"

func resources() []resource {
	return []resource{
		{"descriptors", func(u process.Usage) float64 { return float64(u.Descriptors) }, 0.002, 12},
		{"threads", func(u process.Usage) float64 { return float64(u.Threads) }, 0.002, 12},
		{"processes", func(u process.Usage) float64 { return float64(u.Processes) }, 0.002, 12},
		{memory, func(u process.Usage) float64 { return float64(u.Resident) }, 40, 256 << 10},
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
	if err := h.growths(ctx, begin); err != nil {
		return err
	}
	if h.over() {
		return nil
	}
	late, err := h.within(ctx, slackOf(h.confirm), func(ctx context.Context) error { return h.longContents(ctx, begin) })
	if err != nil || late {
		return err
	}
	return h.fresh(ctx)
}

// look is slopes with a bound behind the run's end.
func (h *hunter) look(ctx context.Context, slack time.Duration, seed uint64, p pace) (grows map[string]grown, late bool, err error) {
	late, err = h.within(ctx, slack, func(ctx context.Context) (err error) {
		grows, err = h.slopes(ctx, seed, p)
		return err
	})
	return grows, late, err
}

// growths looks for what grows with every act on two fresh peers, and for memory on a third one, for longer.
func (h *hunter) growths(ctx context.Context, begin time.Time) error {
	first, _, err := h.look(ctx, 0, h.o.Seed^1, quickPace())
	if err != nil || len(first) == 0 {
		return err
	}
	second, late, err := h.look(ctx, slackOf(h.confirm), h.o.Seed^2, quickPace())
	if err != nil {
		return err
	}
	if late {
		for name := range first {
			if h.known["grows "+name] != nil {
				continue
			}
			h.sums.untried(&h.o, "grows "+name, name+" grew with every session on one fresh peer", -1, nil)
		}
		return nil
	}
	for _, r := range resources() {
		seen, both := second[r.name]
		if _, before := first[r.name]; !both || !before || h.known["grows "+r.name] != nil {
			continue
		}
		level, looks, so := spec.Must, 2, ""
		if r.name == memory {
			long, late, err := h.look(ctx, growthSlack, h.o.Seed^3, longPace())
			if err != nil {
				return err
			}
			if late {
				h.sums.untried(&h.o, "grows "+r.name, r.name+" grew with every session on two fresh peers", -1, nil)
				return nil
			}
			if g, grows := long[memory]; !grows || g.acts < longActs || g.slope < seen.slope/2 {
				continue
			} else if looks++; g.total < leakTotal {
				level = spec.Should
				so = fmt.Sprintf("; by less than %d MiB in all, which is a warning", leakTotal>>20)
			}
		}
		h.leaks(&Finding{
			Key: "grows " + r.name, Level: level, Requirement: "srv/releases", Hits: looks, Tries: looks,
			Actual: fmt.Sprintf("%s grow with every session, by %.3g for each act, in %d runs on fresh peers: a straight line over %d samples%s", r.name, seen.slope, looks, growthSamples, so),
		}, begin)
	}
	return nil
}

// leaks keeps a finding that no act shows, but many.
func (h *hunter) leaks(f *Finding, begin time.Time) {
	f.Index, f.AfterMS = -1, float64(begin.Sub(h.begin).Microseconds())/1000
	h.known[f.Key] = f
	h.order = append(h.order, f)
	h.keep(f)
}

// longContents puts fresh peers through the suite's cases of memory for long contents, twice where they fail. It does so
// once in a run.
func (h *hunter) longContents(ctx context.Context, begin time.Time) error {
	if h.longLook || h.o.MaxLength > 0 && h.o.MaxLength < longLength {
		return nil
	}
	h.longLook = true
	for _, c := range suite.Resources() {
		if c.ID != "srv/releases/long-contents" && c.ID != "srv/announced-memory/unsent-content" {
			continue
		}
		for try := 1; ; try++ {
			if err := h.fresh(ctx); err != nil {
				return err
			}
			f := h.caseOf(ctx, &c)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if !f.Bad() || f.Stalled || f.Requirement != "" { // another rule is the lanes' business
				break
			}
			if try == 1 {
				continue
			}
			level := spec.Must
			if f.Verdict == report.Warn {
				level = spec.Should
			}
			h.leaks(&Finding{Key: "case " + c.ID, Level: level, Requirement: c.Requirements[0], Hits: try, Tries: try, Actual: f.Actual}, begin)
			break
		}
	}
	return nil
}

const (
	longLength = 1 << 20 // bytes of the contents that are long
	longLimit  = 20 * time.Second
)

// caseOf puts the peer through a case; one that takes too long shows nothing.
func (h *hunter) caseOf(ctx context.Context, c *suite.Case) *suite.Finding {
	bounded, cancel := context.WithTimeout(ctx, longLimit)
	defer cancel()
	env := &suite.Env{
		Socket: h.peer.Socket(), Patience: h.confirm, Capacity: h.capacity.Sessions, TurnsAway: h.capacity.TurnsAway,
		Rand: suite.NewRand(h.o.Seed, c.ID), Alone: true,
	}
	defer env.Close()
	f := c.Run(bounded, env)
	if bounded.Err() != nil {
		return nil
	}
	return f
}

// slopes puts a fresh peer through acts and returns what grows, by name.
func (h *hunter) slopes(ctx context.Context, seed uint64, pace pace) (map[string]grown, error) {
	if err := h.fresh(ctx); err != nil {
		return nil, err
	}
	p, err := scenario.NewPlayer(h.peer.Socket(), scenario.Options{Patience: h.patience})
	if err != nil {
		return nil, err
	}
	plan, index := newPlan(seed, growthLength, false), uint64(0)
	var a Act
	some := func(most int) int {
		until := time.Now().Add(pace.slice)
		for n := range most {
			if ctx.Err() != nil || time.Now().After(until) {
				return n
			}
			plan.fill(index, &a)
			a.announceAtMost(growthLength)
			index++
			h.play(p, &a) // what comes of it is the lanes' business
		}
		return most
	}
	warm, begin := 0, time.Now()
	for warm < pace.warm && time.Since(begin) < pace.warmTime && ctx.Err() == nil {
		warm += some(pace.warm - warm)
	}
	if warm < growthLeast {
		return nil, ctx.Err() // so slow a peer would have to be asked for minutes
	}
	pace.slow(float64(warm) / time.Since(begin).Seconds())
	samples := make([]process.Usage, 0, growthSamples)
	at := make([]float64, 0, growthSamples)
	for range growthSamples {
		n := some(pace.acts)
		time.Sleep(5 * time.Millisecond) // sessions that have ended are cleared away
		u, err := process.UsageOf(h.peer.Pid())
		if err != nil || ctx.Err() != nil {
			return nil, ctx.Err() // it has ended, which the next round sees
		}
		samples, at = append(samples, u), append(at, float64(n)+last(at))
	}
	grows := map[string]grown{}
	for _, r := range resources() {
		if r.name == memory && (last(at) < growthHeap || process.CollectsLazily(h.peer.Pid())) {
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
		total := last(values) - values[0]
		if slope, steady := line(at, values); steady && slope >= least && total >= r.total {
			grows[r.name] = grown{slope, total, last(at)}
		}
	}
	return grows, nil
}

// announceAtMost shortens what is announced and not sent. Memory of random lengths is given back, and each length leaves
// another page of an allocator's arena touched: that fills for hundreds of thousands of sessions.
func (a *Act) announceAtMost(most int) {
	for i := range a.List {
		for k := range a.List[i].Frames {
			f := &a.List[i].Frames[k]
			if over := min(f.Length-most, f.Missing-1); over > 0 {
				f.Length, f.Missing = f.Length-over, f.Missing-over
			}
		}
	}
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
