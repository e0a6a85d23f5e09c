package selftest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
)

// stage adds a run's report to the row. A stage that could not be judged leaves the row unjudged.
func (row *Row) stage(rep *report.Report, err error) {
	if rep == nil {
		row.Result, row.Why = report.Inconclusive, strings.TrimSpace(fmt.Sprint(err))
		return
	}
	if row.Result != report.NonConforming || rep.Result == report.Inconclusive {
		row.Result, row.Why = rep.Result, rep.Why
	}
	for _, c := range rep.Cases {
		row.take(c)
	}
	row.Ran = len(row.Passed) + len(row.Findings)
}

// onlySkipped reports whether a stage is inconclusive for no other reason than that none of its few cases was judged: the
// next one tells more.
func onlySkipped(rep *report.Report) bool {
	return rep != nil && rep.Complete && len(rep.Cases) > 0 &&
		!slices.ContainsFunc(rep.Cases, func(c report.Case) bool { return c.Verdict != report.Skip && c.Verdict != report.Info })
}

// take adds a case. One that was run in an earlier stage too, because others rest on it, keeps the worse verdict.
func (row *Row) take(c report.Case) {
	row.Skipped = slices.DeleteFunc(row.Skipped, func(id string) bool { return id == c.ID })
	is := func(f Finding) bool { return f.Case == c.ID }
	switch {
	case slices.ContainsFunc(row.Findings, is):
		return
	case c.Verdict == report.Pass || c.Verdict == report.Info:
		if !slices.Contains(row.Passed, c.ID) {
			row.Passed = append(row.Passed, c.ID)
		}
		return
	case c.Verdict == report.Skip:
		if !slices.Contains(row.Passed, c.ID) {
			row.Skipped = append(row.Skipped, c.ID)
		}
		return
	}
	row.Passed = slices.DeleteFunc(row.Passed, func(id string) bool { return id == c.ID })
	found := Finding{Case: c.ID, Verdict: c.Verdict, Expected: c.Expected, Actual: c.Actual}
	if c.Evidence != nil {
		found.Hints = c.Evidence.Hints
		if len(c.Evidence.Requirements) > 0 {
			found.Requirement = c.Evidence.Requirements[0].ID
		}
	}
	row.Findings = append(row.Findings, found)
}

// needed returns what the cases of a stage rest on and earlier stages ran: it is run again, so that what rests on a
// failure is skipped as in a run of all cases.
func (row *Row) needed(cases []suite.Case, ids []string) []string {
	all := withNeeds(cases, func(c suite.Case) bool { return slices.Contains(ids, c.ID) })
	return slices.DeleteFunc(all, func(id string) bool { return slices.Contains(ids, id) })
}
