package live

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/conformance/scenario"
	"github.com/oizys-protocol/oizys/spec"
)

// hunting returns a hunter whose run began some time ago, with a peer that runs.
func hunting(t *testing.T, o Options, ago time.Duration) *hunter {
	t.Helper()
	require.NoError(t, o.check())
	peer, err := runner.NewPeer(o.Command, 0, nil)
	require.NoError(t, err)
	h := &hunter{o: o, peer: peer, begin: time.Now().Add(-ago), known: map[string]*Finding{}, states: map[uint32]struct{}{}, sums: newSummary(&o)}
	t.Cleanup(func() { require.NoError(t, h.close()) })
	require.NoError(t, h.fresh(t.Context()))
	h.calibrate(t.Context())
	return h
}

// What is found when the time is over is tried again and replayed for some time yet, and then noted: it is never lost, and
// never believed without having been seen again.
func TestFoundWhenTheTimeIsOver(t *testing.T) {
	acts, err := ParseActs("one\nhold 00:9:text 00:30:text\n")
	require.NoError(t, err)
	for _, row := range []struct {
		name        string
		ago         time.Duration // behind the run's end
		found, late bool
		result      Result
		says        string
	}{
		{"in time", -time.Hour, true, false, Found, "5 of 5 replays on a fresh peer show it\n"},
		{"too late to make it small", shrinkSlack, true, true, Found, "; not minimised, or not to the end: the run's time was over\n"},
		{"too late for all", time.Hour, false, true, NotJudged, "seen once, and no time was left to try it again: wrong-bytes in-content: it was seen\n  replay    oizys fuzz --seed 6 --replay 4 --timeout 15s -- "},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := Options{Command: odd(t, "upper"), Duration: 2 * time.Hour, Seed: 6, Timeout: 15 * time.Second}
			h := hunting(t, o, o.Duration+row.ago)
			s := &suspect{act: acts[0], index: 4, obs: observation{key: "wrong-bytes in-content", actual: "it was seen"}}
			require.NoError(t, h.pin(t.Context(), []*suspect{s}, false))
			h.sums.Acts = 1
			h.sums.finish(t.Context(), nil)
			require.Equal(t, row.result, h.sums.Result)
			var text strings.Builder
			require.NoError(t, h.sums.WriteText(&text))
			require.Contains(t, text.String(), row.says)
			if !row.found {
				require.Empty(t, h.sums.Findings)
				require.Len(t, h.sums.Untried, 1)
				require.Equal(t, acts[0].String(), h.sums.Untried[0].Acts)
				return
			}
			require.Empty(t, h.sums.Untried)
			require.Len(t, h.sums.Findings, 1)
			f := h.sums.Findings[0]
			require.Equal(t, row.late, f.Unminimised)
			require.Equal(t, 5, f.Hits)
			if row.late {
				require.Equal(t, acts[0].String(), f.Acts)
			}
			require.Equal(t, row.late, strings.Contains(text.String(), "not minimised for want of time: 1 finding\n"))
		})
	}
}

// What fails beside others as it fails alone is no kind of its own.
func TestKindsOfFailures(t *testing.T) {
	of := func(mode Mode, breach scenario.Breach) observation {
		a := Act{Mode: mode, List: probe().List}
		return observe(&a, outcome{result: scenario.Result{Breach: breach, Prediction: scenario.Prediction{Valid: 9, End: model.Open}}})
	}
	f := &Finding{}
	for _, breach := range []scenario.Breach{scenario.EarlyClose, scenario.WrongBytes, scenario.NoAnswer} {
		h := &hunter{known: map[string]*Finding{of(One, breach).key: f}}
		require.Same(t, f, h.kind(of(One, breach)))
		require.Same(t, f, h.kind(of(Series, breach)))
		require.Same(t, f, h.kind(of(Together, breach)))
		require.Nil(t, h.kind(of(Idle, breach)))
		h = &hunter{known: map[string]*Finding{of(Together, breach).key: f}}
		require.Same(t, f, h.kind(of(Together, breach)))
		require.Nil(t, h.kind(of(One, breach)))
	}
}

// The rule that a failure cites is that of the pieces where the same bytes are right in other pieces.
func TestRuleOfThePieces(t *testing.T) {
	for _, row := range []struct{ name, peer, act, rule string }{
		{"a split message is refused", "pieces", "one\nhold 00:9:text 00:12:text paced=7\n", "stream/split"},
		{"a split message is refused, in a series", "pieces", "series\nhold 00:9:text\nhold 00:12:text paced=2\n", "stream/split"},
		{"of a burst one message is answered", "first", "one\nhold 00:9:text 00:12:text\n", "stream/coalesced"},
		{"cuts have no part in it", "upper", "one\nhold 00:9:text 00:12:text paced=7\n", "msg/binary"},
	} {
		t.Run(row.name, func(t *testing.T) {
			acts, err := ParseActs(row.act)
			require.NoError(t, err)
			sum, err := Run(t.Context(), Options{Command: odd(t, row.peer), Timeout: 400 * time.Millisecond, Replays: []Replay{{"it", acts}}})
			require.NoError(t, err)
			require.Len(t, sum.Findings, 1)
			require.Equal(t, row.rule, sum.Findings[0].Requirement)
			rule, known := spec.Find(row.rule)
			require.True(t, known)
			require.Equal(t, rule.Level, sum.Findings[0].Level)
		})
	}
}
