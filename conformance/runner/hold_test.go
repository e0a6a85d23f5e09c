package runner

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
)

// The peer of the first failure is kept, once; what is done to it meanwhile is not held against it.
func TestPeerIsHeldAtTheFirstFailure(t *testing.T) {
	t.Parallel()
	var all []Held
	rep := judged(t, Options{
		Command: command(t, "faulty", "error-not-closed"), Timeout: 100 * time.Millisecond,
		Only: []string{"msg/empty/first", "msg/empty/only", "hdr/length/example-*", "srv/stays-up"},
		Hold: func(_ context.Context, h Held) {
			all = append(all, h)
			require.NotEmpty(t, h.PIDs)
			require.True(t, process.Runs(h.PIDs[0]))
			require.True(t, shown(h.Socket))
			require.NoError(t, syscall.Kill(h.PIDs[0], syscall.SIGSEGV))
			<-h.Ended
		},
	})
	require.Len(t, all, 1)
	held := caseOf(t, rep, all[0].Case)
	require.Equal(t, report.Fail, held.Verdict)
	require.Contains(t, held.Actual, all[0].Why)
	require.Empty(t, held.Evidence.PeerExit)
	require.Equal(t, report.Pass, caseOf(t, rep, "srv/stays-up/whole-run").Verdict)
}

// Where nothing fails it is kept at the end, and to end that early is not to interrupt the run.
func TestPeerIsHeldAtTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	held := 0
	rep, err := certify(t, ctx, Options{
		Command: command(t, "faulty", "daemonises"), Only: []string{"hdr/length/example-*"},
		Hold: func(ctx context.Context, h Held) {
			held++
			require.Empty(t, h.Case)
			require.Len(t, h.PIDs, 1, "the daemon")
			require.Nil(t, h.Ended, "what was started has ended")
			require.True(t, shown(h.Socket))
			cancel()
			<-ctx.Done()
		},
	})
	require.NoError(t, err)
	require.Equal(t, 1, held)
	require.True(t, rep.Complete)
	require.Equal(t, report.Conforming, rep.Result)
}

// A dead peer is not kept, and neither is one that somebody else runs.
func TestPeerThatCannotBeHeld(t *testing.T) {
	var cases []string
	rep := judged(t, Options{
		Command: command(t, "faulty", "empty-aborts"), Only: []string{"hdr/length/example-hi", "msg/empty/only"},
		Hold: func(_ context.Context, h Held) { cases = append(cases, h.Case) },
	})
	require.Equal(t, report.NonConforming, rep.Result)
	require.Equal(t, []string{""}, cases, "only at the end, a fresh one")
	_, err := Run(t.Context(), Options{Attach: "x", Hold: func(context.Context, Held) {}})
	require.ErrorIs(t, err, ErrUsage)
	require.ErrorContains(t, err, "--hold")
}
