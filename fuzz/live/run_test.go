package live

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/spec"
)

// python is an echo server that starts slowly enough to be met in every state.
func python(t *testing.T) []string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", "conformance", "peers", "python", "echo_server.py"))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "server.py")
	require.NoError(t, os.WriteFile(path, source, 0o600))
	return []string{"python3", path, "{socket}"}
}

// shell is a peer that is no server.
func shell(script string) []string { return []string{"sh", "-c", script} }

func TestPeersThatCannotBeTried(t *testing.T) {
	for _, row := range []struct {
		name    string
		command []string
		wait    time.Duration // for it to listen; 0 is as long as by default
		is      error
		says    string
	}{
		{"no command", nil, 0, ErrUsage, "no peer"},
		{"no such program", []string{"./nothing-here", "{socket}"}, 0, ErrUsage, "cannot run"},
		{"it ends at once", shell("echo a reason >&2; exit 7"), 0, ErrNotJudged, "a reason"},
		{"it never listens, floods its output and ignores SIGTERM", shell("trap '' TERM; while :; do echo flood; done"), 400 * time.Millisecond, ErrNotJudged, "did not listen"},
	} {
		t.Run(row.name, func(t *testing.T) {
			begin := time.Now()
			sum, err := Run(t.Context(), Options{Command: row.command, StartTimeout: row.wait, Duration: time.Minute})
			require.ErrorIs(t, err, row.is)
			require.ErrorContains(t, err, row.says)
			require.Less(t, time.Since(begin), 20*time.Second)
			if sum != nil {
				require.Equal(t, NotJudged, sum.Result)
			}
		})
	}
}

// A run that is interrupted ends soon, says so, and leaves nothing running: while it plays, and while it waits for a peer
// that answers nothing and ignores signals.
func TestInterrupted(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("python3 is not installed")
	}
	mute := filepath.Join(t.TempDir(), "mute.py")
	require.NoError(t, os.WriteFile(mute, []byte(`
import os, signal, socket
signal.signal(signal.SIGTERM, signal.SIG_IGN)
s = socket.socket(socket.AF_UNIX)
s.bind(os.environ["OIZYS_SOCKET"])
s.listen()
c, _ = s.accept()
print("connected", flush=True)
while True: signal.pause()
`), 0o600))
	for _, row := range []struct {
		name    string
		command []string
		plays   bool // something was played
		after   func(cancel func()) Progress
	}{
		{"while it plays", python(t), true, func(cancel func()) Progress { return &interrupts{cancel: cancel} }},
		{"while it waits", []string{"python3", mute}, false, func(cancel func()) Progress {
			time.AfterFunc(1500*time.Millisecond, cancel) // the peer is waited for twice as long
			return nil
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var ends time.Time
			sum, err := Run(ctx, Options{Command: row.command, Role: spec.Server, Timeout: time.Minute, Progress: row.after(func() { ends = time.Now(); cancel() })})
			require.ErrorIs(t, err, context.Canceled)
			require.Less(t, time.Since(ends), 10*time.Second)
			require.Equal(t, Interrupted, sum.Result)
			require.True(t, sum.Interrupted)
			require.Equal(t, row.plays, sum.Scenarios > 0)
			require.Empty(t, sum.Findings)
			require.Empty(t, processesOf(t, row.command[1]))
		})
	}
}

// interrupts ends a run as soon as it has played something.
type interrupts struct {
	silent
	cancel func()
}

func (i *interrupts) Status(s Status) {
	if s.Scenarios > 0 {
		i.cancel()
	}
}

// processesOf returns the processes whose command line holds a word.
func processesOf(t *testing.T, word string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(t, err)
	var found []string
	for _, file := range files {
		if line, err := os.ReadFile(file); err == nil && strings.Contains(string(line), word) {
			found = append(found, string(line))
		}
	}
	return found
}

// A finding that cannot be saved is in the summary, with the reason.
func TestFolderThatCannotBeWritten(t *testing.T) {
	notADirectory := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(notADirectory, nil, 0o600))
	sum := newSummary(&Options{})
	f := &Finding{Key: "no-close hold empty-message", Acts: "one\nhold 00:0\n", Index: 4}
	saveFinding(&Options{Role: spec.Server, Out: filepath.Join(notADirectory, "out"), Progress: silent{}, Command: []string{"./a peer"}}, sum, f)
	require.Len(t, sum.Unsaved, 1)
	require.Empty(t, f.Saved)
	require.Equal(t, "oizys fuzz --replay 4 -- './a peer'", f.Replay)
}
