package selftest

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// WriteJSON writes the matrix, with every finding of every row.
func (m *Matrix) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(m)
}

// WriteText writes the matrix for people: a line for each peer, then the score and what is not as it should be.
func (m *Matrix) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, row := range m.Rows {
		b.WriteString(row.Line() + "\n")
	}
	b.WriteString("\n" + m.Summary())
	_, err := io.WriteString(w, b.String())
	return err
}

// Line says in one line what came of a peer.
func (row Row) Line() string {
	line := fmt.Sprintf("%-13s %-6s %-36s", row.Outcome, row.Role, row.Name)
	if cited := row.Cited(report.Fail, report.Warn, report.Error); len(cited) > 0 {
		line += fmt.Sprintf(" %3d of %d cases: %s", len(row.Findings), row.Ran, strings.Join(cited, ", "))
	}
	return strings.TrimRight(line, " ")
}

// Summary says what follows from all rows together, in a few lines.
func (m *Matrix) Summary() string {
	var b strings.Builder
	for _, role := range m.Roles() {
		found, all := m.Defects(role)
		quiet, habits := m.Habits(role)
		fmt.Fprintf(&b, "%s: %d of %d defects found; %d of %d odd but conforming peers without a false alarm\n", role, found, all, quiet, habits)
	}
	for _, row := range m.Of(Survived, Misattributed, FalseAlarm, Unjudged) {
		fmt.Fprintf(&b, "%s: %s\n", row.Outcome, row.trouble())
	}
	for _, role := range m.Roles() {
		for _, id := range m.Idle[role] {
			fmt.Fprintf(&b, "idle: the %s's case %s found no defect\n", role, id)
		}
	}
	return b.String()
}

// trouble says what is not as it should be.
func (row Row) trouble() string {
	switch row.Outcome {
	case Survived:
		return fmt.Sprintf("the %s %s breaks %s, and the run was %s: %s", row.Role, row.Name, strings.Join(row.Breaks, ", "), row.Result, row.Why)
	case Misattributed:
		return fmt.Sprintf("the %s %s breaks %s, and was found for %s", row.Role, row.Name, strings.Join(row.Breaks, ", "), strings.Join(row.Cited(report.Fail, report.Warn), ", "))
	case FalseAlarm:
		i := slices.IndexFunc(row.Findings, func(f Finding) bool { return f.Verdict == report.Fail || f.Verdict == report.Warn })
		if i < 0 {
			return fmt.Sprintf("the %s %s conforms, and the run was %s: %s", row.Role, row.Name, row.Result, row.Why)
		}
		f := row.Findings[i]
		return fmt.Sprintf("the %s %s conforms, and %s came to %s (%s): %s", row.Role, row.Name, f.Case, f.Verdict, f.Requirement, f.Actual)
	default:
		return fmt.Sprintf("the %s %s: %s", row.Role, row.Name, row.Why)
	}
}
