// Package known reads and writes lists of known failures: what a team expects of a peer that does not conform yet, so
// that its builds fail for what is new and for nothing else.
//
// Begin with [Parse]. What the entries come to in a run is judged by report.ExpectFailures.
package known

import (
	"errors"
	"fmt"
	"strings"

	"github.com/oizys-protocol/oizys/conformance/pattern"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/yamlfile"
)

// ErrInvalid is wrapped by every error of this package that is about a list's content.
var ErrInvalid = errors.New("not a valid list of known failures")

// Entry is one expected failure.
type Entry struct {
	// Case is a pattern of case IDs of one family, as --case takes it.
	Case string
	// Reason says why they fail; it is never empty.
	Reason string
	// Actual is a text that must be in what the report says the peer did; empty means that anything will do.
	Actual string
	// Line is where in its file the entry begins, from 1.
	Line int
}

// List is a list of known failures; none is one without entries.
type List []Entry

// Parse reads a list in YAML: a list of entries with the keys case, reason and, if wanted, actual. Errors wrap
// [ErrInvalid] and name the line: an unknown, missing or repeated key, an empty text, a pattern that is none.
func Parse(src []byte) (List, error) {
	doc, err := yamlfile.Parse(src)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	values, err := doc.List()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	var list List
	for _, v := range values {
		e, err := parseEntry(v)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		list = append(list, e)
	}
	return list, nil
}

func parseEntry(v yamlfile.Value) (Entry, error) {
	e := Entry{Line: v.Line()}
	fields, err := v.Fields("case", "reason", "actual")
	if err != nil {
		return e, err
	}
	for _, f := range []struct {
		key      string
		into     *string
		required bool
	}{{"case", &e.Case, true}, {"reason", &e.Reason, true}, {"actual", &e.Actual, false}} {
		value, there := fields[f.key]
		if !there && !f.required {
			continue
		}
		if !there {
			return e, v.Errorf("the entry has no %s", f.key)
		}
		if *f.into, err = value.Text(); err != nil {
			return e, err
		}
		if *f.into = strings.TrimSpace(*f.into); *f.into == "" {
			return e, value.Errorf("%s is empty", f.key)
		}
	}
	if !pattern.Valid(e.Case) {
		return e, v.Errorf("%q is no pattern; * stands for anything but a slash, ** for anything, as in msg/sizes/*", e.Case)
	}
	return e, nil
}

// Check holds the list against the IDs of all cases there are for the role. An entry that covers no case, cases of more
// than one family (the first two words of the ID), or a case that another entry covers, is an error that wraps
// [ErrInvalid] and names the line: such a list hides failures that nobody meant.
func (l List) Check(ids []string) error {
	by := map[string]int{}
	for _, e := range l {
		first := ""
		for _, id := range ids {
			if !pattern.Matches(id, e.Case) {
				continue
			}
			if other, twice := by[id]; twice {
				return fmt.Errorf("%w: line %d: %s covers case %s, which the entry in line %d covers already", ErrInvalid, e.Line, e.Case, id, other)
			}
			by[id] = e.Line
			if first == "" {
				first = id
			}
			if a, b := pattern.Family(first), pattern.Family(id); a != b {
				return fmt.Errorf("%w: line %d: %s is too wide: it covers cases of %s and of %s, and an entry is for one family", ErrInvalid, e.Line, e.Case, a, b)
			}
		}
		if first == "" {
			return fmt.Errorf("%w: line %d: no case matches %s; `oizys list` shows them all", ErrInvalid, e.Line, e.Case)
		}
	}
	return nil
}

// Entries returns the list as a report keeps it.
func (l List) Entries() []report.Known {
	all := make([]report.Known, len(l))
	for i, e := range l {
		all[i] = report.Known{Case: e.Case, Reason: e.Reason, Actual: e.Actual}
	}
	return all
}
