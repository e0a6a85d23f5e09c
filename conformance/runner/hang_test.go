package runner

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
)

// A peer that hangs is asked where, while its session is open; how it ends then is not held against it.
func TestStacksOfAPeerThatHangs(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, kind, fault string
		only              []string
		hangs             string // the case
		says              string
	}{
		{"in a case that others need", "faulty", "error-not-closed", []string{"msg/empty/first", "hdr/length/example-*"}, "msg/empty/first", "goroutine"},
		{"in one beside others", "faulty", "error-not-closed", []string{"msg/empty/only", "hdr/length/example-*", "stream/coalesced"}, "msg/empty/only", "goroutine"},
		{"and takes no notice of it", "deaf", "error-not-closed", []string{"msg/empty/only", "hdr/length/example-*"}, "msg/empty/only", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			rep := judged(t, Options{
				Command: command(t, row.kind, row.fault), Timeout: 150 * time.Millisecond, Only: append(row.only, "srv/stays-up"),
			})
			require.Equal(t, report.NonConforming, rep.Result)
			hung := caseOf(t, rep, row.hangs)
			require.Equal(t, report.Fail, hung.Verdict)
			require.Contains(t, hung.Evidence.PeerStacks, row.says)
			require.Equal(t, row.says == "", hung.Evidence.PeerStacks == "")
			require.NotContains(t, hung.Evidence.PeerOutput, "goroutine", "what it had printed before stands by itself")
			require.Empty(t, hung.Evidence.PeerExit, "it did not end")
			for _, c := range rep.Cases {
				if c.ID != row.hangs {
					require.Equal(t, report.Pass, c.Verdict, "%s: %s", c.ID, c.Actual)
				}
			}
		})
	}
}

// Where everything hangs, a peer is asked a few times and no more, and the run is soon over.
func TestStacksAreAskedForAFewTimes(t *testing.T) {
	t.Parallel()
	rep := judged(t, Options{Command: command(t, "faulty", "error-not-closed"), Timeout: 50 * time.Millisecond, Only: []string{
		"hdr/length/example-hi", "msg/empty/only", "msg/empty/twice", "msg/empty/first", "close/on-error", "hdr/reserved-nonzero/0x0*", "close/nothing-after",
	}})
	asked := 0
	for _, c := range rep.Cases {
		if c.Evidence != nil && c.Evidence.PeerStacks != "" {
			asked++
		}
	}
	require.GreaterOrEqual(t, asked, 2)
	require.LessOrEqual(t, asked, maxStacks)
}

// One that hangs as it starts says where in what it prints.
func TestStacksOfAPeerThatNeverListens(t *testing.T) {
	t.Parallel()
	_, err := certify(t, t.Context(), Options{
		Command: script(`trap 'echo waiting for a bus; exit 2' QUIT; while :; do sleep 1000 & wait; done`), StartTimeout: 3 * time.Second, Only: []string{suite.Gate},
	})
	require.ErrorIs(t, err, ErrNoPeer)
	require.ErrorContains(t, err, "it did not listen")
	require.ErrorContains(t, err, "  | waiting for a bus")
}

// A peer that stops itself by a signal is no riddle: the case that does it is found, and the others are judged.
func TestPeerThatStopsItself(t *testing.T) {
	t.Parallel()
	rep := judged(t, Options{Command: command(t, "stops", "-"), Timeout: 300 * time.Millisecond, Only: []string{
		"hdr/length/example-*", "msg/empty/only", "stream/coalesced/two",
	}})
	require.Equal(t, report.NonConforming, rep.Result)
	failed := withVerdict(rep, report.Fail)
	require.Len(t, failed, 1)
	require.Equal(t, "msg/empty/only", failed[0].ID)
	require.Contains(t, failed[0].Actual, "stopped by a signal")
	require.Equal(t, rep.Summary.Pass, len(rep.Cases)-1)
}
