package runner

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// A server that ends with its session is judged by its sessions where it is started for each, and else fails.
func TestServerThatIsStartedForEachSession(t *testing.T) {
	t.Parallel()
	only := []string{"hdr/length/example-*", "msg/empty", "stream/coalesced", "stream/idle", "close/on-error", "srv/serves-again/thousand-errors", "srv/stays-up"}
	rep := judged(t, Options{Command: command(t, "faulty", "first-session-exits"), Restart: RestartAlways, Only: only})
	require.Equal(t, report.Conforming, rep.Result, rep.Why)
	require.Greater(t, rep.Peer.Starts, len(rep.Cases)/2)
	require.Greater(t, rep.Summary.Pass, 20)
	for _, c := range withVerdict(rep, report.Skip) {
		require.Equal(t, "srv", area(c.ID))
		require.Contains(t, c.Actual, "a server of its own")
	}
	require.Len(t, withVerdict(rep, report.Skip), 2)

	rep = judged(t, Options{Command: command(t, "faulty", "first-session-exits"), Only: []string{"hdr/length/example-hi", "srv/stays-up"}})
	require.Equal(t, report.NonConforming, rep.Result)
	failed := withVerdict(rep, report.Fail)
	require.NotEmpty(t, failed)
	require.Contains(t, failed[0].Evidence.Hints[0], "--restart always")
}

// Defects of its sessions are found all the same, with what the one server of the case has printed.
func TestDefectsOfAServerThatIsStartedForEachSession(t *testing.T) {
	t.Parallel()
	only := []string{"hdr/length/example-*", "msg/empty/only", "stream/coalesced/two"}
	for _, row := range []struct{ fault, stacks string }{{"empty-echoed", ""}, {"error-not-closed", "goroutine 1 "}} {
		t.Run(row.fault, func(t *testing.T) {
			t.Parallel()
			rep := judged(t, Options{Command: command(t, "faulty", row.fault), Restart: RestartAlways, Only: only, Timeout: 300 * time.Millisecond})
			failed := withVerdict(rep, report.Fail)
			require.Len(t, failed, 1)
			require.Equal(t, "msg/empty/only", failed[0].ID)
			require.Contains(t, failed[0].Evidence.PeerOutput, "ready")
			require.Contains(t, failed[0].Evidence.PeerStacks, row.stacks)
			require.Contains(t, failed[0].Replay, " --restart always ")
		})
	}
}

func TestRestartThatDoesNotFit(t *testing.T) {
	for _, o := range []Options{{Command: []string{"x"}, Restart: "sometimes"}, {Attach: "y", Restart: RestartAlways}} {
		_, err := Run(t.Context(), o)
		require.ErrorIs(t, err, ErrUsage)
	}
	_, err := certify(t, t.Context(), Options{Command: script("echo no; exit 4"), Restart: RestartAlways})
	require.ErrorIs(t, err, ErrNoPeer)
	require.ErrorContains(t, err, "exit status 4")
}
