package selftest

import (
	"slices"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
	"github.com/oizys-protocol/oizys/vectors"
)

// Schema names the JSON form of a Matrix.
const Schema = "oizys-selftest/1"

// Matrix is what the suite made of every peer: the rows are peers, the columns cases.
type Matrix struct {
	Schema  string `json:"schema"`
	Version string `json:"suite_version"`
	Seed    uint64 `json:"seed"`
	Rows    []Row  `json:"rows"`
	// Partial says that only some of the peers were run, so that nothing can be said of cases that found nothing.
	Partial bool `json:"partial"`
	// Idle are the cases, by role, that found no defect and are not excused; only a full run tells.
	Idle map[spec.Role][]string `json:"idle_cases,omitempty"`
}

func newMatrix(o Options, rows []Row) *Matrix {
	m := &Matrix{Schema: Schema, Version: suite.Version, Seed: o.Seed, Rows: rows, Partial: len(o.Only) > 0}
	all, err := o.subjects()
	m.Partial = m.Partial || err != nil || len(all) != len(rows)
	if m.Partial || !o.Full {
		return m // most cases were not run against most defects
	}
	m.Idle = map[spec.Role][]string{}
	for _, role := range m.Roles() {
		if idle := m.idle(role); len(idle) > 0 {
			m.Idle[role] = idle
		}
	}
	return m
}

// Roles returns the roles of the rows.
func (m *Matrix) Roles() []spec.Role {
	var roles []spec.Role
	for _, row := range m.Rows {
		if !slices.Contains(roles, row.Role) {
			roles = append(roles, row.Role)
		}
	}
	return roles
}

// Of returns the rows with one of the outcomes.
func (m *Matrix) Of(outcomes ...Outcome) []Row {
	var rows []Row
	for _, row := range m.Rows {
		if slices.Contains(outcomes, row.Outcome) {
			rows = append(rows, row)
		}
	}
	return rows
}

// Defects counts the rows of a role that are no habits, and those of them that were found as they should be.
func (m *Matrix) Defects(role spec.Role) (found, all int) {
	for _, row := range m.Rows {
		if row.Role == role && !row.Odd {
			all++
			if row.Outcome.Good() {
				found++
			}
		}
	}
	return found, all
}

// Habits counts the rows of a role that are habits, and those of them that raised no alarm.
func (m *Matrix) Habits(role spec.Role) (quiet, all int) {
	for _, row := range m.Rows {
		if row.Role == role && row.Odd {
			all++
			if row.Outcome.Good() {
				quiet++
			}
		}
	}
	return quiet, all
}

// Good reports whether everything is as it should be: every defect found for what it is, no false alarm, no case that
// finds nothing without an excuse.
func (m *Matrix) Good() bool {
	return len(m.Rows) > 0 && len(m.Idle) == 0 && !slices.ContainsFunc(m.Rows, func(r Row) bool { return !r.Outcome.Good() })
}

// Killers returns how many defects each case found.
func (m *Matrix) Killers(role spec.Role) map[string]int {
	count := map[string]int{}
	for _, row := range m.Rows {
		if row.Role != role || row.Odd {
			continue
		}
		for _, f := range row.Findings {
			if f.Verdict == report.Fail || f.Verdict == report.Warn {
				count[f.Case]++
			}
		}
	}
	return count
}

// idle returns the cases of a role that found nothing and are not excused.
func (m *Matrix) idle(role spec.Role) []string {
	set, err := vectors.Embedded()
	if err != nil {
		return nil
	}
	cases, err := runner.Catalogue(role, set)
	if err != nil {
		return nil
	}
	count := m.Killers(role)
	var ids []string
	for _, c := range cases {
		if count[c.ID] == 0 && Excuse(role, c.ID) == "" {
			ids = append(ids, c.ID)
		}
	}
	return ids
}
