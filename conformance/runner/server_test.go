package runner

import (
	"bytes"
	"context"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/faulty"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
)

// some are cases of every area that take little time and memory.
func some() []string {
	return []string{
		"hdr/length", "msg/empty", "stream/split/one-message*", "stream/coalesced", "stream/order", "stream/unsolicited", "stream/idle",
		"close/on-error", "close/nothing-after/burst-*", "srv/isolation", "srv/serves-again/half-close*", "srv/stays-up",
	}
}

func TestConformingServer(t *testing.T) {
	watch := &watcher{}
	rep := judged(t, Options{Command: command(t, "faulty", "none"), Only: some(), Skip: []string{"**/*1677721?", "**/*8388608"}, Version: "1.2.3", Seed: 42, Progress: watch})
	require.Equal(t, report.Conforming, rep.Result, rep.Why)
	require.GreaterOrEqual(t, len(rep.Cases), 80)
	for _, c := range rep.Cases {
		require.Contains(t, []report.Verdict{report.Pass, report.Info}, c.Verdict, "%s: %s", c.ID, c.Actual)
		if c.ID != suite.StaysUp && c.ID != suite.BesideEachOther {
			require.Contains(t, c.Replay, "--case "+c.ID+" --seed 42 -- ")
		}
		require.NotEmpty(t, c.Title)
		require.NotEmpty(t, c.Requirements)
		require.False(t, c.Flaky)
	}
	require.GreaterOrEqual(t, rep.Summary.Info, 4, "silences are recorded")
	require.Equal(t, "server", rep.Role)
	require.Equal(t, uint64(42), rep.Seed)
	require.Equal(t, "1.2.3", rep.Suite.Version)
	require.Len(t, rep.Suite.VectorsDigest, 64)
	require.Equal(t, len(serverCases(t)), rep.Suite.Cases)
	require.Equal(t, suite.MaxCapacity, rep.Peer.Sessions)
	require.GreaterOrEqual(t, rep.Peer.DeadlineMS, 1000.0)
	require.Positive(t, rep.Peer.RoundTripMS)
	require.Equal(t, "ready\n", rep.Peer.Output)
	require.NotEmpty(t, rep.Peer.Exit)

	require.Equal(t, len(rep.Cases), watch.total)
	require.Equal(t, 1, watch.ended)
	require.Len(t, watch.done, len(rep.Cases), "each case is told of")
	for id, times := range watch.done {
		require.Equal(t, 1, times, id)
	}
}

// The report is what programs can read, with all that it says.
func TestReportIsReadBack(t *testing.T) {
	rep := judged(t, Options{Command: command(t, "faulty", "empty-echoed"), Only: []string{"msg/empty/only", "hdr/length/example-*"}})
	var text bytes.Buffer
	require.NoError(t, report.Write(&text, report.JSON, rep))
	back, err := report.Read(&text)
	require.NoError(t, err)
	require.Equal(t, rep.Summary, back.Summary)
	require.Equal(t, rep.Result, back.Result)
	require.Len(t, back.Cases, len(rep.Cases))
}

func TestServerOfOneSessionConforms(t *testing.T) {
	t.Parallel()
	rep := judged(t, Options{
		Command: command(t, "faulty", "serial"), Timeout: 300 * time.Millisecond,
		Only: []string{"hdr/length/example-*", "srv/isolation", "stream/unsolicited/at-once", "msg/empty/only"},
	})
	require.Equal(t, report.Conforming, rep.Result, rep.Why)
	require.Equal(t, 1, rep.Peer.Sessions)
	skipped := withVerdict(rep, report.Skip)
	several := slices.DeleteFunc(matching(t, "srv/isolation"), func(c suite.Case) bool { return c.Sessions < 2 })
	require.GreaterOrEqual(t, len(several), 4)
	require.Len(t, skipped, len(several))
	for _, c := range skipped {
		require.Regexp(t, `^it needs \d+ sessions at once, and the server serves 1 \(silence 5\)$`, c.Actual)
	}
}

// The wrong servers of the project's brief. Each fails, and only in cases whose broken requirement is one that the
// defect breaks.
func TestWrongServersFailForTheirReason(t *testing.T) {
	if testing.Short() {
		t.Skip("many sessions; what runs beside each other is shown by the other tests")
	}
	t.Parallel()
	for _, row := range []struct {
		fault string
		only  []string
		hint  string // a part of a hint of one of the failures
	}{
		{"length-little-endian", []string{"hdr/length/example-*", "msg/empty/only", "stream/order/ping-pong-500"}, ""},
		{"error-not-closed", []string{"hdr/length/example-*", "msg/empty/first", "close/on-error/empty-message", "stream/order/ping-pong-500"}, ""},
		{"split-header-lost", []string{"hdr/length/example-*", "stream/split/one-message-{1-5,1-1-4}", "stream/coalesced/two", "msg/empty/only"}, ""},
		{"content-one-read", []string{"hdr/length/example-*", "stream/split/one-message-5-1", "stream/coalesced/two", "msg/sizes/256", "msg/empty/only"}, "only what one read returned"},
		{"length-16-bit", []string{"hdr/length/example-*", "msg/sizes/6553*", "msg/empty/only"}, ""},
		{"empty-echoed", []string{"hdr/length/example-*", "msg/empty/only", "msg/empty/first", "close/on-error/empty*", "stream/order/ping-pong-500"}, ""},
		{"content-buffer-shared", []string{"hdr/length/example-*", "srv/isolation", "stream/order/ping-pong-500", "msg/sizes/256", "msg/empty/first"}, "shared"},
		{"leak-descriptor", []string{"hdr/length/example-*", "srv/releases/descriptors-and-threads", "stream/order/ping-pong-500"}, "descriptors leak"},
		{"sigpipe-death", []string{"hdr/length/example-*", "srv/serves-again/close-with-large-*", "srv/serves-again/half-close*", "srv/stays-up"}, "SIGPIPE is not ignored"},
		{"trailing-nul", []string{"hdr/length/example-*", "msg/binary/nul-*", "msg/empty/only"}, "NUL"},
	} {
		t.Run(row.fault, func(t *testing.T) {
			t.Parallel()
			fault, ok := faulty.Find(row.fault)
			require.True(t, ok)
			only := slices.DeleteFunc(slices.Clone(row.only), func(p string) bool { return len(matching(t, p)) == 0 })
			require.Equal(t, row.only, only, "every pattern matches")
			rep := judged(t, Options{Command: command(t, "faulty", row.fault), Only: row.only, Skip: []string{"**/*1677721?", "**/*8388608"}, Timeout: 500 * time.Millisecond})
			require.Equal(t, report.NonConforming, rep.Result, rep.Why)
			failed := append(withVerdict(rep, report.Fail), withVerdict(rep, report.Warn)...)
			require.NotEmpty(t, withVerdict(rep, report.Fail))
			require.Empty(t, withVerdict(rep, report.Error))
			var hints strings.Builder
			for _, c := range failed {
				require.NotNil(t, c.Evidence, c.ID)
				require.NotEmpty(t, c.Evidence.Requirements, c.ID)
				require.Contains(t, fault.Breaks, c.Evidence.Requirements[0].ID, "%s: expected %s; actual %s", c.ID, c.Expected, c.Actual)
				require.NotEmpty(t, c.Expected, c.ID)
				require.NotEmpty(t, c.Actual, c.ID)
				require.NotEmpty(t, c.Replay, c.ID)
				hints.WriteString(strings.Join(c.Evidence.Hints, "\n") + "\n")
			}
			require.Contains(t, hints.String(), row.hint)
		})
	}
}

func matching(t *testing.T, pattern string) []suite.Case {
	t.Helper()
	return slices.DeleteFunc(serverCases(t), func(c suite.Case) bool { return !Matches(c.ID, []string{pattern}) })
}

// A server that ignores the reserved byte breaks a SHOULD: it conforms, with a warning, unless strictness is asked for.
func TestWarningFailsOnlyUnderStrictJudging(t *testing.T) {
	t.Parallel()
	o := Options{Command: command(t, "faulty", "reserved-ignored"), Only: []string{"hdr/length/example-*", "hdr/reserved-nonzero/0x0[1-3]"}}
	rep := judged(t, o)
	require.Equal(t, report.Conforming, rep.Result)
	require.Len(t, withVerdict(rep, report.Warn), 3)
	o.Strict = true
	rep = judged(t, o)
	require.Equal(t, report.NonConforming, rep.Result)
	require.True(t, rep.Strict)
	require.Len(t, withVerdict(rep, report.Warn), 3, "a warning stays one")
}

// A server that already runs is judged where it is, and left alone.
func TestAttachedServer(t *testing.T) {
	socket := serveHere(t, "none")
	rep := judged(t, Options{Attach: socket, Only: []string{"hdr/length/example-*", "msg/empty", "srv/isolation/errors"}})
	require.Equal(t, report.Conforming, rep.Result, rep.Why)
	require.Equal(t, socket, rep.Peer.Attach)
	require.Equal(t, []string{}, rep.Peer.Command)
	require.Empty(t, rep.Peer.Exit)
	require.Contains(t, rep.Cases[0].Replay, "--attach "+socket)
	c, err := net.Dial("unix", socket)
	require.NoError(t, err, "it still serves")
	require.NoError(t, c.Close())
}

func TestAttachedWrongServer(t *testing.T) {
	rep := judged(t, Options{Attach: serveHere(t, "empty-echoed"), Only: []string{"hdr/length/example-*", "msg/empty/only"}})
	require.Equal(t, report.NonConforming, rep.Result)
}

// serveHere runs a faulty server in this process and returns its socket.
func serveHere(t *testing.T, name string) string {
	t.Helper()
	socket := filepath.Join(shortDir(t), "s")
	ctx, cancel := context.WithCancel(context.Background())
	ready, written := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- faulty.Serve(ctx, socket, name, written) }()
	_, err := io.ReadFull(ready, make([]byte, len("ready\n")))
	require.NoError(t, err)
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	return socket
}
