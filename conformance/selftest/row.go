package selftest

import (
	"slices"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
)

// Outcome is what a row came to.
type Outcome string

// The outcomes, a closed vocabulary. The first three are as they should be.
const (
	Killed        Outcome = "killed"        // a defect that breaks a MUST: non-conforming, for a requirement that it breaks
	Warned        Outcome = "warned"        // a defect that breaks a SHOULD: warned of, for a requirement that it breaks
	Quiet         Outcome = "quiet"         // a habit: conforming, and warned of only where its entry says so
	Survived      Outcome = "survived"      // a defect that nothing found
	Misattributed Outcome = "misattributed" // a defect that was found, but for none of the requirements that it breaks
	FalseAlarm    Outcome = "false-alarm"   // a habit that failed, or was warned of for what its entry does not say
	Unjudged      Outcome = "unjudged"      // the run was inconclusive
)

// Outcomes returns the closed vocabulary. The slice is the caller's own.
func Outcomes() []Outcome {
	return []Outcome{Killed, Warned, Quiet, Survived, Misattributed, FalseAlarm, Unjudged}
}

// Good reports whether the outcome is as it should be.
func (o Outcome) Good() bool { return o == Killed || o == Warned || o == Quiet }

// Row is what the suite made of one peer.
type Row struct {
	Name  string    `json:"name"`
	Role  spec.Role `json:"role"`
	Class string    `json:"class"`
	// Odd tells a conforming habit from a defect.
	Odd bool `json:"odd,omitempty"`
	// Breaks are the requirements that the defect breaks; Warns those that a habit does not keep.
	Breaks  []string `json:"breaks,omitempty"`
	Warns   []string `json:"warns,omitempty"`
	Outcome Outcome  `json:"outcome"`
	// Result and Why are those of the run.
	Result report.Result `json:"result"`
	Why    string        `json:"why"`
	// Ran is how many cases came to a verdict, and Passed are those of them that found nothing; Skipped are those that were
	// reached and not judged. A case of none of these, nor of the findings, was not run: the defect was found before.
	Ran     int      `json:"ran"`
	Passed  []string `json:"passed,omitempty"`
	Skipped []string `json:"skipped,omitempty"`
	// Findings are the cases that failed, warned or could not be judged.
	Findings []Finding `json:"findings,omitempty"`
	// Seconds is how long the run took.
	Seconds float64 `json:"seconds"`

	must bool // the defect breaks a MUST
}

// Finding is one cell of the matrix that is not a plain pass.
type Finding struct {
	Case        string         `json:"case"`
	Verdict     report.Verdict `json:"verdict"`
	Requirement string         `json:"requirement,omitempty"` // the one that was cited
	Expected    string         `json:"expected"`
	Actual      string         `json:"actual"`
	Hints       []string       `json:"hints,omitempty"`
}

// Cited returns the requirements that the findings with one of the verdicts cite, in the order in which they stand.
func (row Row) Cited(verdicts ...report.Verdict) []string {
	var ids []string
	for _, f := range row.Findings {
		if slices.Contains(verdicts, f.Verdict) && !slices.Contains(ids, f.Requirement) {
			ids = append(ids, f.Requirement)
		}
	}
	return ids
}

// Astray returns the requirements that failures cite and the defect does not break.
func (row Row) Astray() []string {
	var ids []string
	for _, id := range row.Cited(report.Fail) {
		if !slices.Contains(row.Breaks, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// AtGate reports whether the peer failed at the first message of all, and nothing more could be told of it: the report
// then says so, and skips all other cases.
func (row Row) AtGate() bool {
	return len(row.Findings) == 1 && row.Findings[0].Case == suite.Gate
}

func (row Row) judge() Outcome {
	failed, warned := row.Cited(report.Fail), row.Cited(report.Warn)
	about := func(ids, own []string) bool {
		return slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(own, id) })
	}
	switch {
	case row.Result == report.Inconclusive:
		return Unjudged
	case row.Odd && (len(failed) > 0 || row.Result != report.Conforming):
		return FalseAlarm
	case row.Odd && slices.ContainsFunc(warned, func(id string) bool { return !slices.Contains(row.Warns, id) }):
		return FalseAlarm
	case row.Odd:
		return Quiet
	case row.must && row.Result != report.NonConforming, !row.must && len(failed)+len(warned) == 0:
		return Survived
	case row.must && (about(failed, row.Breaks) || row.AtGate()):
		return Killed
	case !row.must && len(failed) == 0 && about(warned, row.Breaks):
		return Warned
	default:
		return Misattributed
	}
}
