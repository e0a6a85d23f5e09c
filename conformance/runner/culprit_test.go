package runner

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
)

// The case after which the server ends some time later is named, and nothing else is blamed.
func TestCaseThatKillsLaterIsNamed(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, kind, says string
		guilty           []string // each of them would be
	}{
		{"beside others", "later", "exit status 2", []string{"msg/empty/only"}},
		{"stopped by a signal", "stops-later", "stopped by a signal", []string{"msg/empty/only"}},
		{"one that others need", "later", "exit status 2", []string{"msg/empty/first", "close/on-error/empty-message"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			only := append([]string{"hdr/length/example-*", "stream/coalesced/{two,hundred}", "stream/split/one-message-{1-5,2-4,3-3}", idles, "srv/stays-up"}, row.guilty...)
			rep := judged(t, Options{Command: command(t, row.kind, "-"), Only: only})
			require.Equal(t, report.NonConforming, rep.Result, rep.Why)
			failed := withVerdict(rep, report.Fail)
			require.Len(t, failed, 1)
			guilty := failed[0]
			require.Contains(t, row.guilty, guilty.ID)
			require.Equal(t, "srv/stays-up", guilty.Evidence.Requirements[0].ID)
			require.Regexp(t, `^the server's process ended [0-9.]+m?s after the case: .*; it did so again on a fresh start`, guilty.Actual)
			require.Contains(t, guilty.Actual, row.says)
			require.NotEmpty(t, guilty.Evidence.PeerExit)
			require.Contains(t, guilty.Replay, "--case "+guilty.ID+" --case "+idles)
		})
	}
}

// An end that takes more than one case, or none, is blamed on none.
func TestEndsThatNoCaseBringsAbout(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, kind string }{{"it adds up", "adds-up"}, {"it ends by itself", "timer"}} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			// What happens to it at the very end of a round is seen in the next.
			rep := judged(t, Options{Command: command(t, row.kind, "-"), Repeat: 2, Only: []string{
				"hdr/length/example-*", "msg/empty/{only,second,last,twice,hundred,after-ten,bytewise,split-header}", "stream/coalesced/two", "stream/idle/silent-and-usable", "srv/stays-up",
			}})
			require.Equal(t, report.NonConforming, rep.Result)
			failed := withVerdict(rep, report.Fail)
			require.Contains(t, failed, caseOf(t, rep, suite.StaysUp))
			for _, c := range failed {
				// One idles for longer than the server lives, and may fail beside others for that.
				require.Contains(t, []string{suite.StaysUp, suite.BesideEachOther, idles}, c.ID)
			}
		})
	}
}
