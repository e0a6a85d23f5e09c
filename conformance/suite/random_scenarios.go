package suite

import (
	"context"
	"time"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/prop"

	"github.com/oizys-protocol/oizys/conformance/scenario"
	"github.com/oizys-protocol/oizys/spec"
)

// What the property is tried on.
const (
	randomRuns      = 20_000
	randomMaxLength = 70_000
)

// drawn is a scenario that gopter drew, and its number.
type drawn struct {
	index    uint64
	scenario *scenario.Scenario
}

// randomScenarios is a property: whatever is sent comes to what the model says. A counterexample is not shrunk by gopter,
// which knows numbers and not streams, but as data, by leaving out messages, bytes and cuts.
func randomScenarios(ctx context.Context, e *Env) *Finding {
	w := &walker{e: e}
	lanes := w.lanes()
	players := make(chan *scenario.Player, lanes)
	for range lanes {
		p, err := scenario.NewPlayer(e.Socket, scenario.Options{Patience: e.Patience})
		if err != nil {
			return unjudged(err)
		}
		players <- p
	}
	seed, begin := e.Rand.Uint64(), time.Now()
	parameters := gopter.DefaultTestParametersWithSeed(int64(seed))
	parameters.MinSuccessfulTests, parameters.Workers, parameters.MaxShrinkCount = randomRuns, lanes, 0
	any := func(p *gopter.GenParameters) *gopter.GenResult {
		d := drawn{index: p.NextUint64(), scenario: new(scenario.Scenario)}
		g := scenario.Generator{Seed: seed, MaxLength: randomMaxLength}
		g.Fill(d.index, d.scenario)
		return gopter.NewGenResult(d, gopter.NoShrinker)
	}
	holds := prop.ForAll(func(d drawn) bool {
		if ctx.Err() != nil || time.Since(begin) > walkLimit {
			w.tired(ctx.Err() == nil)
			return false
		}
		if w.leaveOut(d.scenario) {
			return true
		}
		p := <-players
		defer func() { players <- p }()
		r := p.Play(d.scenario)
		w.take(d.scenario, d.index, r)
		return r.Breach == scenario.None || r.Breach.Level() == spec.Should
	}, any)
	defer moreThreads(lanes)()
	holds.Check(parameters)
	return w.outcome(ctx, begin)
}
