package runner_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/spec"
)

// answersSync is the beginning of a driver in a shell that answers the run's first command, and then does something else.
const answersSync = `read -r first; case "$first" in *sync*) echo '{"id":1,"ok":true}';; *) `

// A program that is no driver, or that breaks the contract, is never conforming, and what it wrote is quoted.
func TestDriversThatBreakTheContract(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		does    string // at the gate's first command, open
		verdict report.Verdict
		says    string
	}{
		{"garbage", `echo 'Listening on port 80'`, report.Error, "Listening on port 80"},
		{"another object", `echo '{"status":"fine"}'`, report.Error, `{\"status\":\"fine\"}`},
		{"no ok", `echo '{"id":1}'`, report.Error, `it has no ok`},
		{"a refusal without an error", `echo '{"id":1,"ok":false}'`, report.Error, `names no error`},
		{"half a line", `printf '{"id":1,"o'`, report.Fail, `half a line: "{\"id\":1,\"o"`},
		{"half a line and hangs", `printf '{"id":1,"o'; exec sleep 1000`, report.Fail, `wrote nothing more, after half a line`},
		{"nothing", `exec sleep 1000`, report.Fail, "wrote nothing more"},
		{"too much", `exec yes '{"event":"close","session":"other","error":null}'`, report.Error, "8,388,608 bytes and more"},
		{"too much without a line end", `exec head -c 20000000 /dev/zero`, report.Error, "8,388,608 bytes and more"},
		{"a reply that was not asked for", `echo '{"id":2,"ok":true}'`, report.Error, `\"id\":2`},
		{"a reply twice", `echo '{"id":1,"ok":true}'; echo '{"id":1,"ok":true}'; exec sleep 1000`, report.Error, `1 replies had come, and then`},
		{"dies", `kill -SEGV $$`, report.Fail, "signal SIGSEGV"},
		{"ends", `exit 3`, report.Fail, "exit status 3"},
		{"closes its output", `exec >&-; exec sleep 1000`, report.Error, "closed its output and went on"},
		{"answers and does not connect", `echo '{"id":1,"ok":true}'; exec sleep 1000`, report.Fail, "did not connect"},
		{"supports nothing", `echo '{"id":1,"ok":false,"error":"unsupported"}'`, report.Skip, "does not support open"},
		{"refuses", `echo '{"id":1,"ok":false,"error":"not today"}'`, report.Fail, "not today"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			o := runner.Options{
				Role: spec.Driver, Command: []string{"sh", "-c", answersSync + row.does + ";; esac"},
				Only: []string{"hdr/length/example-hi", "sess/close-again/local"}, Timeout: 20 * time.Second,
			}
			if strings.HasSuffix(row.does, "exec sleep 1000") {
				o.Timeout = 300 * time.Millisecond // the others are not ended by the deadline, however busy the machine is
			}
			rep, err := runner.Run(t.Context(), o)
			require.NoError(t, err)
			require.NotEqual(t, report.Conforming, rep.Result)
			require.Equal(t, row.verdict, rep.Cases[0].Verdict, rep.Cases[0].Actual)
			require.Contains(t, rep.Cases[0].Actual, row.says)
			require.Equal(t, report.Skip, rep.Cases[1].Verdict, "nothing is shown without the gate")
			require.Contains(t, rep.Cases[0].Replay, "oizys certify --role driver --case hdr/length/example-hi")
			if row.verdict != report.Skip {
				require.Contains(t, rep.Cases[0].Evidence.PeerOutput, `"do":"open"`, "the lines both ways")
			}
		})
	}
}

func TestProgramsThatAreNoDriver(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, does, says string }{
		{"ends", "exit 0", "the driver ended (exit status 0)"},
		{"prints its usage", "echo usage: tool FILE", "usage: tool FILE"},
		{"hangs", "exec sleep 1000", "wrote nothing more"},
		{"has no sync", `echo '{"id":1,"ok":false,"error":"unsupported"}'`, "does not support the command sync"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			o := runner.Options{Role: spec.Driver, Command: []string{"sh", "-c", row.does}}
			if row.name == "hangs" {
				o.StartTimeout = 300 * time.Millisecond // the others are not ended by it, however busy the machine is
			}
			rep, err := runner.Run(t.Context(), o)
			require.ErrorIs(t, err, runner.ErrNoPeer)
			require.False(t, errors.Is(err, runner.ErrUsage))
			require.ErrorContains(t, err, row.says)
			require.Equal(t, report.Inconclusive, rep.Result)
		})
	}
}

// Nothing of a run is left: no socket and no directory.
func TestDriverRunLeavesNothing(t *testing.T) {
	dir, err := os.MkdirTemp("", "o")
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	t.Setenv("TMPDIR", dir)
	o := runner.Options{Role: spec.Driver, Command: []string{"sh", "-c", answersSync + "exit 1;; esac"}, Only: []string{"hdr/length/example-hi"}}
	_, err = runner.Run(t.Context(), o)
	require.NoError(t, err)
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Empty(t, left)
}
