package report

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDecide(t *testing.T) {
	for _, tc := range []struct {
		name             string
		summary          Summary
		complete, strict bool
		want             Result
		why              string
	}{
		{"all pass", Summary{Pass: 3}, true, false, Conforming, "no requirement is broken"},
		{"passes, recorded and skipped", Summary{Pass: 1, Info: 2, Skip: 3}, true, false, Conforming, "no requirement is broken"},
		{"one failure", Summary{Pass: 9, Fail: 1}, true, false, NonConforming, "1 case shows a MUST broken"},
		{"failures", Summary{Fail: 2, Error: 1, Warn: 1}, true, false, NonConforming, "2 cases show a MUST broken"},
		{"a warning", Summary{Pass: 1, Warn: 1}, true, false, Conforming, "no MUST is broken; 1 case shows a SHOULD broken"},
		{"a warning, strict", Summary{Pass: 1, Warn: 2}, true, true, NonConforming, "2 cases show a SHOULD broken, which --strict counts as a failure"},
		{"strict without a warning", Summary{Pass: 1}, true, true, Conforming, "no requirement is broken"},
		{"an error", Summary{Pass: 9, Error: 1}, true, false, Inconclusive, "1 case could not be judged"},
		{"errors", Summary{Pass: 9, Error: 2}, true, false, Inconclusive, "2 cases could not be judged"},
		{"nothing at all", Summary{}, true, false, Inconclusive, "no case passed, so nothing was shown"},
		{"nothing but skips", Summary{Skip: 5, Info: 1}, true, false, Inconclusive, "no case passed, so nothing was shown"},
		{"nothing but a warning", Summary{Warn: 1}, true, false, Inconclusive, "no case passed, so nothing was shown"},
		{"cut short", Summary{Pass: 9}, false, false, Inconclusive, "the run was cut short"},
		{"cut short behind a failure", Summary{Pass: 9, Fail: 1}, false, true, Inconclusive, "the run was cut short"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, why := Decide(tc.summary, tc.complete, tc.strict)
			require.Equal(t, tc.want, got)
			require.Equal(t, tc.why, why)
		})
	}
}

// A run of some of the cases says of how many it speaks.
func TestSomeOfTheCasesAreNotAll(t *testing.T) {
	r := &Report{Complete: true, Suite: Suite{Cases: 40}, Cases: []Case{{ID: "a", Verdict: Pass}}}
	r.Settle()
	require.Equal(t, "no requirement is broken (of 40 cases, 1 was chosen)", r.Why)
	r.Suite.Cases = 1
	r.Settle()
	require.Equal(t, "no requirement is broken", r.Why)
}

func TestCount(t *testing.T) {
	require.Zero(t, Count(nil))
	var cases []Case
	for i, v := range append(Verdicts(), "", "passed") {
		for range i + 1 {
			cases = append(cases, Case{Verdict: v})
		}
	}
	require.Equal(t, Summary{Pass: 1, Fail: 2, Warn: 3, Info: 4, Skip: 5, Error: 6 + 7 + 8}, Count(cases))
}
