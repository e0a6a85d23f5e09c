package scenario

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/vectors"
	"github.com/oizys-protocol/oizys/vectors/gen"
)

// What a scenario becomes is a vector that the strict loader takes, of the same bytes.
func TestVectorsAreLoaded(t *testing.T) {
	g := Generator{Seed: 3, MaxLength: 70000}
	var s Scenario
	made := 0
	for i := range uint64(600) {
		g.Fill(i, &s)
		sum := 0
		for _, n := range s.Pieces(s.Size()) {
			require.Positive(t, n)
			sum += n
		}
		require.True(t, sum == s.Size() || sum == 0 && len(s.Cuts) == 0, "%d: %s", i, &s)
		v, err := s.Vector("fuzz-1", "found by fuzzing")
		if s.Close == Abrupt || s.Size() > maxVector {
			require.ErrorIs(t, err, ErrNoVector)
			continue
		}
		require.NoError(t, err)
		file := gen.Format(vectors.File{Area: "found", Description: "found", Vectors: []*vectors.Vector{v}})
		set, err := vectors.Load(fstest.MapFS{"found.json": &fstest.MapFile{Data: file}})
		require.NoError(t, err, "%d: %s\n%s", i, &s, file)
		require.Equal(t, s.AppendWire(nil), set.All()[0].Wire())
		made++
	}
	require.Greater(t, made, 400)
}
