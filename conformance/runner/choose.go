package runner

import (
	"fmt"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/oizys-protocol/oizys/conformance/suite"
)

// Choose returns the cases that match one of only, or all when there is none, and none of skip. A pattern that matches
// no case, or is none, is an error that wraps ErrUsage.
func Choose(cases []suite.Case, only, skip []string) ([]suite.Case, error) {
	for _, pattern := range append(append([]string(nil), only...), skip...) {
		if !doublestar.ValidatePattern(pattern) {
			return nil, fmt.Errorf("%w: %q is no pattern; * stands for anything but a slash, ** for anything, as in 'msg/sizes/*'", ErrUsage, pattern)
		}
		if !matchesAny(cases, pattern) {
			return nil, fmt.Errorf("%w: no case matches %q; `oizys list` shows them all", ErrUsage, pattern)
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

func matchesAny(cases []suite.Case, pattern string) bool {
	for _, c := range cases {
		if Matches(c.ID, []string{pattern}) {
			return true
		}
	}
	return false
}

// Matches reports whether one of the patterns matches id, or the beginning of it up to a slash.
func Matches(id string, patterns []string) bool {
	for _, pattern := range patterns {
		for prefix := id; prefix != ""; prefix = parent(prefix) {
			if ok, _ := doublestar.Match(pattern, prefix); ok { // checked by Choose
				return true
			}
		}
	}
	return false
}

func parent(id string) string {
	if i := strings.LastIndexByte(id, '/'); i >= 0 {
		return id[:i]
	}
	return ""
}

// family is the requirement's part of a case's ID.
func family(id string) string {
	parts := strings.SplitN(id, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}
