package live

import (
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// built compiles a program and returns the peer's command.
func built(t *testing.T, compiler string, args ...string) []string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "peer")
	args = slices.Insert(args, 1, "-o", program) // behind go's "build"
	out, err := exec.Command(compiler, args...).CombinedOutput()
	require.NoError(t, err, string(out))
	return []string{program, "{socket}"}
}

func planted(t *testing.T, more ...string) []string {
	t.Helper()
	return built(t, "cc", append([]string{"-O1", "-pthread", `-DMAGIC="Oi"`, filepath.Join("testdata", "planted.c")}, more...)...)
}

// A bug that stands behind comparisons is found by what they tell, and what is found shows it without them.
func TestCoverageOfC(t *testing.T) {
	command := planted(t, "-fsanitize-coverage=trace-pc", filepath.Join("coverage", "oizys_coverage.c"))
	corpus := t.TempDir()
	sum, err := Run(t.Context(), Options{Command: command, Coverage: true, Corpus: corpus, MaxLength: 300, MaxFindings: 1, Duration: 2 * time.Minute})
	require.NoError(t, err)
	require.Len(t, sum.Findings, 1, "%+v", sum)
	f := sum.Findings[0]
	require.Equal(t, "died signal SIGABRT", f.Key)
	require.Greater(t, sum.Places, 10)
	require.NotZero(t, sum.Kept)
	kept, err := filepath.Glob(filepath.Join(corpus, "*"+corpusEnd))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(kept), sum.Kept)

	acts, err := ParseActs(f.Acts)
	require.NoError(t, err)
	again, err := Run(t.Context(), Options{Command: command, Replays: []Replay{{Acts: acts}}})
	require.NoError(t, err)
	require.Len(t, again.Findings, 1)
	require.Equal(t, f.Key, again.Findings[0].Key)
}

// What a Go program tells when it ends has acts kept that reach what no other has.
func TestCoverageOfGo(t *testing.T) {
	command := built(t, "go", "build", "-cover", filepath.Join("testdata", "peer.go"))
	sum, err := Run(t.Context(), Options{Command: command, Coverage: true, MaxLength: 300, Runs: 3000, Seed: 2})
	require.NoError(t, err)
	require.Equal(t, Clean, sum.Result, "%+v", sum)
	require.Greater(t, sum.Places, 8)
	require.NotZero(t, sum.Kept)
}

func TestCoverageThatIsNotThere(t *testing.T) {
	_, err := Run(t.Context(), Options{Command: planted(t), Coverage: true})
	require.ErrorIs(t, err, ErrUsage)
	require.ErrorContains(t, err, "the peer tells no coverage")
	_, err = Run(t.Context(), Options{Command: planted(t), Coverage: true, Role: "client"})
	require.ErrorIs(t, err, ErrUsage)
	require.ErrorContains(t, err, "coverage is for fuzzing servers")
}
