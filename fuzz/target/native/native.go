// Package native runs the bodies of fuzz targets under Go's own engine.
package native

import "testing"

// Fuzz makes a fuzz test of a target's body. The seeds are the files in testdata/fuzz.
func Fuzz(f *testing.F, run func(data []byte) error) {
	f.Helper()
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := run(data); err != nil {
			t.Fatal(err)
		}
	})
}
