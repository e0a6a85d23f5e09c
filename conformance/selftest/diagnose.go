package selftest

import (
	"fmt"
	"io"

	"github.com/oizys-protocol/oizys/conformance/diagnosis"
	"github.com/oizys-protocol/oizys/conformance/faulty"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/spec"
)

// Observation is what a row shows to a diagnosis.
func (row Row) Observation() diagnosis.Observation {
	seen := diagnosis.Observation{Role: row.Role, Judged: map[string]bool{}}
	for _, id := range row.Passed {
		seen.Judged[id] = true
	}
	for _, f := range row.Findings {
		if f.Verdict == report.Fail || f.Verdict == report.Warn {
			seen.Judged[f.Case] = true
			seen.Findings = append(seen.Findings, diagnosis.Finding{Case: f.Case, Requirement: f.Requirement, Expected: f.Expected, Actual: f.Actual, Hints: f.Hints})
		}
	}
	return seen
}

// Learn makes a dictionary of the rows of a role. It is of use only for a full run of all its faults.
func (m *Matrix) Learn(role spec.Role) (*diagnosis.Dictionary, error) {
	cases, err := catalogue(role)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, c := range cases {
		ids = append(ids, c.ID)
	}
	seen := map[string]diagnosis.Observation{}
	for _, row := range m.Rows {
		if row.Role == role && !row.Odd {
			seen[row.Name] = row.Observation()
		}
	}
	return diagnosis.Learn(role, ids, seen), nil
}

// Score is how often diagnoses of known faults were right.
type Score struct {
	Role spec.Role
	All  int // faults that were found
	// First counts those that the dictionary named first; Class those whose kind of mistake it named from all others,
	// with the fault itself taken out of it.
	First, Class int
	// Sure counts the diagnoses by how sure they were, and Right those of them that named the fault.
	Sure, Right map[report.Sureness]int
	// Astray says of each fault that was not named first what was, and Mistaken of each whose class was not named which was.
	Astray, Mistaken []string
}

// Diagnose measures a dictionary on the rows of its role.
func (m *Matrix) Diagnose(role spec.Role, d *diagnosis.Dictionary) Score {
	s := Score{Role: role, Sure: map[report.Sureness]int{}, Right: map[report.Sureness]int{}}
	for _, row := range m.Rows {
		seen := row.Observation()
		fault, known := faulty.Find(row.Name) // its class may be another by now than in the matrix
		if row.Role != role || row.Odd || len(seen.Findings) == 0 || !known {
			continue
		}
		s.All++
		ranked := d.Rank(seen)
		right := ranked[0].Fault == row.Name
		told := d.Diagnose(seen)
		s.Sure[told.Sure]++
		if right {
			s.First++
			s.Right[told.Sure]++
		} else {
			s.Astray = append(s.Astray, fmt.Sprintf("%s: %s (%.2f)", row.Name, ranked[0].Fault, ranked[0].Likeness))
		}
		if class := d.Class(seen, row.Name); class == fault.Class {
			s.Class++
		} else {
			s.Mistaken = append(s.Mistaken, fmt.Sprintf("%s: %s, and it is %s", row.Name, class, fault.Class))
		}
	}
	return s
}

// WriteScore writes a score as lines of text.
func WriteScore(w io.Writer, s Score) error {
	_, err := fmt.Fprintf(w, "%s: the fault is named first for %d of %d; without it in the dictionary its class is named for %d\n",
		s.Role, s.First, s.All, s.Class)
	for _, sure := range []report.Sureness{report.AlmostCertain, report.Likely, report.Possible, ""} {
		if s.Sure[sure] > 0 && err == nil {
			word := string(sure)
			if sure == "" {
				word = "no known fault fits"
			}
			_, err = fmt.Fprintf(w, "  %s: %d, of which %d rightly\n", word, s.Sure[sure], s.Right[sure])
		}
	}
	for _, list := range []struct {
		of    string
		lines []string
	}{{"not first", s.Astray}, {"another class", s.Mistaken}} {
		for _, line := range list.lines {
			if err == nil {
				_, err = fmt.Fprintf(w, "  %s: %s\n", list.of, line)
			}
		}
	}
	return err
}
