package target

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The targets' bodies lie in this package, and so must the functions that fuzz them: only what the package itself imports
// is built with coverage.

func fuzz(f *testing.F, name string) {
	f.Helper()
	target, ok := Find(name)
	require.True(f, ok, "no target %s", name)
	seeds, err := target.Seeds()
	require.NoError(f, err)
	for _, s := range seeds {
		f.Add(s.Data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := target.Run(data); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzDecoder(f *testing.F)   { fuzz(f, "decoder") }
func FuzzChunks(f *testing.F)    { fuzz(f, "chunks") }
func FuzzRoundTrip(f *testing.F) { fuzz(f, "roundtrip") }
func FuzzStream(f *testing.F)    { fuzz(f, "stream") }
func FuzzSession(f *testing.F)   { fuzz(f, "session") }
func FuzzVectors(f *testing.F)   { fuzz(f, "vectors") }
func FuzzReport(f *testing.F)    { fuzz(f, "report") }
func FuzzKnown(f *testing.F)     { fuzz(f, "known") }
