//go:build planted

package planted

import (
	"testing"
)

// These find something, and so are not built in ordinary tests: run them with `go test -tags planted -fuzz`.

func FuzzPlantedScript(f *testing.F) { fuzz(f, Script) }
func FuzzPlantedMagic(f *testing.F)  { fuzz(f, Magic) }

// FuzzEmpty does nothing: how fast the engine is by itself.
func FuzzEmpty(f *testing.F) { fuzz(f, func([]byte) error { return nil }) }

func fuzz(f *testing.F, run func([]byte) error) {
	f.Helper()
	f.Add([]byte{0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := run(data); err != nil {
			t.Fatal(err)
		}
	})
}
