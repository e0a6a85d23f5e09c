package runner_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/spec"
)

func TestCommandLinesThatDoNotFitTheRole(t *testing.T) {
	for _, row := range []struct {
		name  string
		o     runner.Options
		kind  error
		words string
	}{
		{"a client without a message", runner.Options{Role: spec.Client, Command: []string{"./client", "{socket}"}}, runner.ErrUsage, "add it where the text to send goes"},
		{"a client without a socket", runner.Options{Role: spec.Client, Command: []string{"/bin/true", "{message}"}}, runner.ErrNoPeer, "has no {socket}: add it where the socket's path goes"},
		{"a server without a socket", runner.Options{Command: []string{"/bin/false"}}, runner.ErrNoPeer, "has no {socket}: add it where the socket's path goes"},
		{"a client that never comes", runner.Options{Role: spec.Client, Command: []string{"/bin/echo", "usage:", "{socket}", "{message}"}}, runner.ErrNoPeer, "usage:"},
		{"a client that hangs", runner.Options{Role: spec.Client, StartTimeout: 100 * time.Millisecond, Command: []string{"sh", "-c", "exec sleep 1000", "{socket}", "{message}"}}, runner.ErrNoPeer, "within 100ms"},
		{"a client that is not there", runner.Options{Role: spec.Client, Command: []string{"./no-such-client", "{socket}", "{message}"}}, runner.ErrUsage, "no such file"},
		{"a client to attach to", runner.Options{Role: spec.Client, Attach: "/run/client.sock"}, runner.ErrUsage, "cannot be attached to"},
		{"a server with a message", runner.Options{Command: []string{"./server", "{socket}", "{message}"}}, runner.ErrUsage, "add --role client"},
		{"a role that there is not", runner.Options{Role: "gateway", Command: []string{"./gateway"}}, runner.ErrUsage, "the role is server, client or driver"},
		{"a driver with a socket", runner.Options{Role: spec.Driver, Command: []string{"./driver", "{socket}"}}, runner.ErrUsage, "told of sockets on its standard input"},
		{"a driver to attach to", runner.Options{Role: spec.Driver, Attach: "/run/driver.sock"}, runner.ErrUsage, "cannot be attached to"},
		{"a driver that is not there", runner.Options{Role: spec.Driver, Command: []string{"./no-such-driver"}}, runner.ErrUsage, "no such file"},
	} {
		t.Run(row.name, func(t *testing.T) {
			rep, err := runner.Run(t.Context(), row.o)
			require.ErrorIs(t, err, row.kind)
			require.ErrorContains(t, err, row.words)
			require.Equal(t, errors.Is(row.kind, runner.ErrUsage), rep == nil, "a report of what was not judged")
			if rep != nil {
				require.Equal(t, report.Inconclusive, rep.Result)
				require.False(t, rep.Complete)
			}
		})
	}
}

// A client may take the socket's path from the environment, and its message as a part of a word: what no longer fits
// there is skipped.
func TestClientOfAnotherShape(t *testing.T) {
	script := []string{"sh", "-c", `exec "$0" client none "$OIZYS_SOCKET" "${1#--message=}"`, runner.Testpeer(t), "--message={message}"}
	rep, err := runner.Run(t.Context(), runner.Options{Role: spec.Client, Command: script, Only: []string{"cli/request/{plain,length-131000,length-131071,placeholder}"}})
	require.NoError(t, err)
	require.Equal(t, report.Conforming, rep.Result, verdicts(rep, report.Verdicts()...))
	requireFound(t, rep, []found{
		{"cli/request/length-131071", report.Skip, "", ""},
		{"cli/request/length-131000", report.Pass, "", ""},
		{"cli/request/placeholder", report.Pass, "", ""},
	})
}

func TestClientRunIsRepeatedAndStrict(t *testing.T) {
	o := runner.Options{Repeat: 2, Strict: true, Only: []string{"cli/request/plain", "hdr/reserved-nonzero/0x01", "cli/ends/{after-reply,whole-run}"}}
	rep := certifyClient(t, o, "ignores the reserved byte")
	require.Equal(t, report.NonConforming, rep.Result)
	require.Equal(t, 1, rep.Summary.Warn, verdicts(rep, report.Verdicts()...))
	for _, c := range rep.Cases {
		require.Len(t, c.Verdicts, 2, c.ID)
		require.False(t, c.Flaky, c.ID)
	}
}

func TestClientRunIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o := runner.Options{Role: spec.Client, Command: []string{runner.Testpeer(t), "client", "none", "{socket}", "{message}"}}
	o.Progress = cancelling{cancel}
	rep, err := runner.Run(ctx, o)
	require.NoError(t, err)
	require.False(t, rep.Complete)
	require.Equal(t, report.Inconclusive, rep.Result)
	require.NotEmpty(t, rep.Cases, "what was found until then")
}

// cancelling interrupts a run at its first verdict.
type cancelling struct{ cancel context.CancelFunc }

func (cancelling) Begin(int)           {}
func (c cancelling) Done(report.Case)  { c.cancel() }
func (cancelling) Note(string, ...any) {}
func (cancelling) End()                {}
