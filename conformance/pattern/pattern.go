// Package pattern is how cases are named by the dozen: what `--case`, `--skip` and the lists of known failures take.
//
// In a pattern * stands for anything but a slash, ** for anything; a pattern that matches the beginning of an ID up to a
// slash matches the ID. A slash at a pattern's end says nothing.
package pattern

import (
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Valid reports whether pattern is one.
func Valid(pattern string) bool { return doublestar.ValidatePattern(pattern) }

// Matches reports whether one of the patterns matches id, or the beginning of it up to a slash. One that is not valid
// matches nothing.
func Matches(id string, patterns ...string) bool {
	for _, p := range patterns {
		p = strings.TrimSuffix(p, "/")
		if isPlain(p) {
			if rest, ok := strings.CutPrefix(id, p); ok && p != "" && (rest == "" || rest[0] == '/') {
				return true
			}
			continue
		}
		for prefix := id; prefix != ""; prefix = parent(prefix) {
			if ok, err := doublestar.Match(p, prefix); ok && err == nil {
				return true
			}
		}
	}
	return false
}

// isPlain reports whether a pattern stands for its own text alone, as an ID does.
func isPlain(pattern string) bool { return !strings.ContainsAny(pattern, `*?[]{}\`) }

// Family is the requirement's part of a case's ID, its first two words: that of hdr/reserved-nonzero/7f is
// hdr/reserved-nonzero.
func Family(id string) string {
	parts := strings.SplitN(id, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}

func parent(id string) string {
	if i := strings.LastIndexByte(id, '/'); i >= 0 {
		return id[:i]
	}
	return ""
}
