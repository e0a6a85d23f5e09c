package selftest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/diagnosis"
	"github.com/oizys-protocol/oizys/conformance/faulty"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
)

// Whatever a defect breaks, its stages are all cases, each once, and each behind or beside what it needs.
func TestStagesAreAllCases(t *testing.T) {
	seen := 0
	for _, role := range spec.Roles() {
		cases, err := catalogue(role)
		require.NoError(t, err)
		known, err := diagnosis.Embedded(role)
		require.NoError(t, err)
		for _, f := range faulty.Faults(role) {
			seen++
			var all []string
			stage := map[string]int{}
			for i, ids := range stages(f, cases, known.Cases(f.Name)) {
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

// The first stage is a few cases that are known to find the defect, with what they need; without such it is a small part of
// all cases.
func TestFirstStageIsSmall(t *testing.T) {
	cases, err := catalogue(spec.Server)
	require.NoError(t, err)
	f, ok := faulty.Find("length-16-bit")
	require.True(t, ok)
	first := stages(f, cases, nil)[0]
	require.Less(t, len(first), len(cases)/5)
	require.Greater(t, len(first), 20)
	require.True(t, slices.Contains(first, "srv/stays-up/whole-run"))

	first = stages(f, cases, []string{"srv/releases/threads", "msg/sizes/65536", "no/such/case"})[0]
	require.Less(t, len(first), 20)
	for _, id := range []string{"msg/sizes/65536", "srv/stays-up/whole-run"} {
		require.True(t, slices.Contains(first, id), id)
	}
}

// What is about a broken requirement, and cheap, is planned before what is not.
func TestPlanPrefersCheapCases(t *testing.T) {
	f := faulty.Fault{Breaks: []string{"a/own"}}
	cases := []suite.Case{
		{ID: "b/other", Requirements: []string{"b/other"}},
		{ID: "a/own/costly", Requirements: []string{"a/own"}, Fresh: true},
		{ID: "a/own/1", Requirements: []string{"a/own"}},
		{ID: "a/own/unknown", Requirements: []string{"a/own"}},
		{ID: "a/own/2", Requirements: []string{"a/own"}},
	}
	want := planned(f, cases, []string{"b/other", "a/own/costly", "a/own/1", "a/own/2"}, 3)
	var ids []string
	for _, c := range cases {
		if want(c) {
			ids = append(ids, c.ID)
		}
	}
	require.Equal(t, []string{"a/own/costly", "a/own/1", "a/own/2"}, ids)
	require.False(t, planned(f, cases, nil, 3)(cases[0]))
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

// Every subject is run, and those that take long before the others.
func TestLongestFirst(t *testing.T) {
	subjects, err := Options{}.subjects()
	require.NoError(t, err)
	order := longestFirst(subjects)
	sorted := slices.Sorted(slices.Values(order))
	for i := range subjects {
		require.Equal(t, i, sorted[i])
	}
	require.Len(t, order, len(subjects))
	var first []string
	for _, i := range order[:len(longest)] {
		first = append(first, subjects[i].Name)
	}
	require.Equal(t, longest, first)
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

// A stage of which every case was skipped says nothing, and the next is run; one that was cut short, or had an error, ends
// the row.
func TestOnlySkipped(t *testing.T) {
	of := func(complete bool, verdicts ...report.Verdict) *report.Report {
		rep := &report.Report{Complete: complete, Result: report.Inconclusive}
		for _, v := range verdicts {
			rep.Cases = append(rep.Cases, report.Case{Verdict: v})
		}
		return rep
	}
	require.True(t, onlySkipped(of(true, report.Skip, report.Info)))
	require.False(t, onlySkipped(of(true, report.Skip, report.Error)))
	require.False(t, onlySkipped(of(true, report.Skip, report.Pass)))
	require.False(t, onlySkipped(of(false, report.Skip)))
	require.False(t, onlySkipped(of(true)))
	require.False(t, onlySkipped(nil))
}
