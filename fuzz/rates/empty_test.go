//go:build rates

// Package rates has a fuzz target that does nothing, by which the others' rates are measured.
package rates

import "testing"

func FuzzEmpty(f *testing.F) {
	f.Add([]byte{0, 0, 0})
	f.Fuzz(func(*testing.T, []byte) {})
}
