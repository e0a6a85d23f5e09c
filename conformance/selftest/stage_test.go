package selftest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/faulty"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/spec"
)

// Whatever a defect breaks, its stages are all cases, each once, and each behind or beside what it needs.
func TestStagesAreAllCases(t *testing.T) {
	seen := 0
	for _, role := range spec.Roles() {
		cases, err := catalogue(role)
		require.NoError(t, err)
		for _, f := range faulty.Faults(role) {
			seen++
			var all []string
			stage := map[string]int{}
			for i, ids := range stages(f, cases) {
				all = append(all, ids...)
				for _, id := range ids {
					stage[id] = i
				}
			}
			require.Len(t, all, len(cases), f.Name)
			require.Len(t, stage, len(cases), f.Name)
			for _, c := range cases {
				for _, need := range c.Needs {
					require.LessOrEqual(t, stage[need], stage[c.ID], "%s: %s needs %s", f.Name, c.ID, need)
				}
			}
		}
	}
	require.Greater(t, seen, 300, "defects")
}

// The first stage is a small part of the cases.
func TestFirstStageIsSmall(t *testing.T) {
	cases, err := catalogue(spec.Server)
	require.NoError(t, err)
	first := stages(faulty.Faults(spec.Server)[0], cases)[0]
	require.Less(t, len(first), len(cases)/5)
	require.True(t, slices.Contains(first, "srv/stays-up/whole-run"))
}

// Each habit goes through some of the cases with what they need, and between them they go through each at least twice.
func TestHabitsMeetEveryCase(t *testing.T) {
	for _, role := range spec.Roles() {
		cases, err := catalogue(role)
		require.NoError(t, err)
		met := map[string]int{}
		for _, f := range faulty.Habits(role) {
			ids := some(f, cases)
			require.Less(t, len(ids), len(cases)*6/10, f.Name)
			for _, id := range ids {
				met[id]++
			}
			for _, c := range cases {
				for _, need := range c.Needs {
					require.False(t, slices.Contains(ids, c.ID) && !slices.Contains(ids, need), "%s: %s without %s", f.Name, c.ID, need)
				}
			}
		}
		for _, c := range cases {
			require.GreaterOrEqual(t, met[c.ID], 2, c.ID)
		}
	}
}

func TestLaterStagesAddToARow(t *testing.T) {
	row := Row{Breaks: []string{"msg/sizes"}, must: true}
	row.stage(&report.Report{Result: report.Conforming, Cases: []report.Case{
		{ID: "a", Verdict: report.Pass}, {ID: "b", Verdict: report.Skip}, {ID: "c", Verdict: report.Pass},
	}}, nil)
	require.Equal(t, Survived, row.judge())
	row.stage(&report.Report{Result: report.NonConforming, Cases: []report.Case{
		{ID: "a", Verdict: report.Pass}, {ID: "b", Verdict: report.Pass},
		{ID: "c", Verdict: report.Fail, Evidence: &report.Evidence{Requirements: []report.Rule{{ID: "msg/sizes"}}}},
	}}, nil)
	require.Equal(t, Killed, row.judge())
	require.Equal(t, []string{"a", "b"}, row.Passed)
	require.Empty(t, row.Skipped)
	require.Equal(t, 3, row.Ran)

	row.stage(&report.Report{Result: report.Inconclusive}, nil)
	require.Equal(t, Unjudged, row.judge(), "a stage that could not be judged")
}
