package runner

import (
	"fmt"
	"strings"

	"github.com/oizys-protocol/oizys/conformance/pattern"
	"github.com/oizys-protocol/oizys/conformance/suite"
)

// Choose returns the cases that match one of only, or all when there is none, and none of skip. A pattern that matches
// no case, or is none, is an error that wraps ErrUsage.
func Choose(cases []suite.Case, only, skip []string) ([]suite.Case, error) {
	for _, p := range append(append([]string(nil), only...), skip...) {
		if !pattern.Valid(p) {
			return nil, fmt.Errorf("%w: %q is no pattern; * stands for anything but a slash, ** for anything, as in 'msg/sizes/*'", ErrUsage, p)
		}
		if !matchesAny(cases, p) {
			return nil, fmt.Errorf("%w: no case matches %q; `oizys list` shows them all", ErrUsage, p)
		}
	}
	var chosen []suite.Case
	for _, c := range cases {
		if (len(only) == 0 || Matches(c.ID, only)) && !Matches(c.ID, skip) {
			chosen = append(chosen, c)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("%w: the patterns leave no case to run", ErrUsage)
	}
	return chosen, nil
}

func matchesAny(cases []suite.Case, p string) bool {
	for _, c := range cases {
		if pattern.Matches(c.ID, p) {
			return true
		}
	}
	return false
}

// Matches reports whether one of the patterns matches id, or the beginning of it up to a slash.
func Matches(id string, patterns []string) bool { return pattern.Matches(id, patterns...) }

// area is the first part of a case's ID.
func area(id string) string {
	first, _, _ := strings.Cut(id, "/")
	return first
}

// family is the requirement's part of a case's ID.
func family(id string) string { return pattern.Family(id) }
