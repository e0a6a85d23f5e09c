package runner_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/runner"
)

// The benchmarks measure whole runs against real processes:
//
//	go test -run '^$' -bench . -benchtime 5x ./conformance/runner
//
// They report the wall time of a run, the cases in it and the most memory that the runner has held.

func BenchmarkReference(b *testing.B) {
	benchmarkRun(b, report.Conforming, "peer", "server", "{socket}")
}

// BenchmarkHanging is a peer that answers a session's first message and nothing after it, so that it passes the gate
// and hangs in every case: the slowest there is to judge.
func BenchmarkHanging(b *testing.B) {
	benchmarkRun(b, report.NonConforming, "faulty", "server", "first-message-only", "{socket}")
}

func benchmarkRun(b *testing.B, want report.Result, args ...string) {
	program := filepath.Join(b.TempDir(), "oizys")
	out, err := exec.Command("go", "build", "-o", program, "github.com/oizys-protocol/oizys/cmd/oizys").CombinedOutput()
	require.NoError(b, err, string(out))
	cases := 0
	for b.Loop() {
		rep, err := runner.Run(context.Background(), runner.Options{Command: append([]string{program}, args...)})
		require.NoError(b, err)
		require.Equal(b, want, rep.Result, rep.Why)
		cases = len(rep.Cases)
	}
	b.ReportMetric(float64(cases), "cases")
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/1000/float64(b.N), "s/run")
	b.ReportMetric(peakMiB(b), "peak-MiB")
}

// peakMiB returns the most memory that this process has had resident.
func peakMiB(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	require.NoError(b, err)
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmHWM:" {
			kib, err := strconv.Atoi(fields[1])
			require.NoError(b, err)
			return float64(kib) / 1024
		}
	}
	b.Fatal("the system does not tell how much memory was used")
	return 0
}
