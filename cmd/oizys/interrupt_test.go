package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/fuzz/live"
)

// A fuzz run that is interrupted, at whatever moment, says so, has what it found on disk, and leaves no process and nothing
// half-written. `go test -run - -bench Interrupt -benchtime 20x` does this more often.
func TestInterruptedFuzzRun(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the program several times")
	}
	t.Parallel()
	for _, moment := range []time.Duration{150 * time.Millisecond, 900 * time.Millisecond, 2500 * time.Millisecond} {
		t.Run(moment.String(), func(t *testing.T) {
			t.Parallel()
			interrupted(t, moment)
		})
	}
}

func BenchmarkInterrupt(b *testing.B) {
	for range b.N {
		interrupted(b, time.Duration(rand.Int64N(int64(6*time.Second))))
	}
}

func interrupted(t testing.TB, moment time.Duration) {
	t.Helper()
	work, temporary := t.TempDir(), shortDir(t)
	stray := strconv.FormatUint(1e9+rand.Uint64N(1e9), 10)
	cmd := exec.Command("oizys", "fuzz", "--out", "found", "--corpus", "corpus", "--report", "json=summary.json",
		"--", "sh", "-c", `setsid env -i sleep `+stray+` & trap '' INT TERM; exec oizys faulty server empty-ignored "$0"`, "{socket}")
	cmd.Dir, cmd.Env = work, append(os.Environ(), "TMPDIR="+temporary)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	require.NoError(t, cmd.Start())
	time.AfterFunc(moment, func() { _ = cmd.Process.Signal(os.Interrupt) }) // it runs until then
	begin := time.Now()
	err := cmd.Wait()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, "interrupted after %v", moment)
	require.Less(t, time.Since(begin), moment+20*time.Second)
	require.Empty(t, processesWith("TMPDIR="+temporary, stray), "interrupted after %v", moment)
	require.Empty(t, filesIn(t, temporary))
	unfinished, globErr := filepath.Glob(filepath.Join(work, "*", ".unfinished-*"))
	require.NoError(t, globErr)
	require.Empty(t, unfinished)
	if exit.Sys().(syscall.WaitStatus).Signaled() { // before it had begun
		require.Empty(t, filesIn(t, work))
		return
	}
	require.Contains(t, output.String(), "interrupted; what was found until then is here", "after %v", moment)
	text, err := os.ReadFile(filepath.Join(work, "summary.json"))
	require.NoError(t, err)
	var sum live.Summary
	require.NoError(t, json.Unmarshal(text, &sum))
	require.True(t, sum.Interrupted)
	want := exitInconclusive
	if len(sum.Findings) > 0 {
		want = exitFound
	}
	require.Equal(t, want, exit.ExitCode(), "%s", &output)
	require.Len(t, filesIn(t, filepath.Join(work, "found")), len(sum.Findings))
	for _, f := range sum.Findings {
		require.FileExists(t, filepath.Join(work, f.Saved, "finding.txt"))
		require.FileExists(t, filepath.Join(work, f.Saved, "acts.txt"))
	}
}
