package runner

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
)

// A peer that never listens is no verdict: what it printed, and how it ended, is said.
func TestPeerThatDoesNotListen(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		command []string
		wait    time.Duration
		says    []string
	}{
		{"exits at once", script("echo boom >&2; exit 3"), long, []string{"it ended (exit status 3)", "  | boom"}},
		{"exits at once without a word", script("exit 0"), long, []string{"it ended (exit status 0)"}},
		{"dies", script("kill -SEGV $$"), long, []string{"it ended (signal SIGSEGV"}},
		{"waits for something else", script("echo waiting for a bus; exec sleep 1000"), 3 * time.Second, []string{"it did not listen at ", " within 3s", "does the command pass on {socket}", "  | waiting for a bus"}},
		{"makes a file in place of a socket", script(`: > "$0"; exec sleep 1000`), 200 * time.Millisecond, []string{"it did not listen"}},
		{"ignores its socket, with children", script("sleep 1000 & trap '' TERM; sleep 1000 & wait"), 200 * time.Millisecond, []string{"it did not listen"}},
		{"prints control characters", script(`printf '\033[31mred\007\n'; exit 1`), long, []string{`\x1b[31mred\a`}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			rep, err := certify(t, t.Context(), Options{Command: row.command, StartTimeout: row.wait, Only: []string{suite.Gate}})
			require.ErrorIs(t, err, ErrNoPeer)
			require.NotErrorIs(t, err, ErrUsage)
			for _, says := range row.says {
				require.ErrorContains(t, err, says)
			}
			require.NotNil(t, rep)
			require.Equal(t, report.Inconclusive, rep.Result)
			require.False(t, rep.Complete)
			require.NotNil(t, rep.Cases)
			require.Empty(t, rep.Cases)
			require.Equal(t, 1, rep.Peer.Starts)
			require.NotEmpty(t, rep.Why)
			require.NotContains(t, rep.Why, "\n", "what the peer printed stands in the report already")
		})
	}
}

// A socket that its server has left behind is no server: nothing was judged.
func TestAttachedServerThatHasGone(t *testing.T) {
	socket := filepath.Join(shortDir(t), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	require.NoError(t, err)
	l.SetUnlinkOnClose(false)
	require.NoError(t, l.Close())
	rep, err := certify(t, t.Context(), Options{Attach: socket, Only: []string{suite.Gate}})
	require.ErrorIs(t, err, ErrNoPeer)
	require.ErrorContains(t, err, "nobody listens")
	require.NotNil(t, rep)
	require.Equal(t, report.Inconclusive, rep.Result)
	require.Empty(t, rep.Cases)
}

// A run that is cut short ends soon, is never conforming, and leaves nothing behind.
func TestInterruptedRuns(t *testing.T) {
	t.Parallel()
	light := []string{"hdr", "msg/empty", "close", "stream/split/one-message*", "stream/coalesced", "srv/isolation"}
	for _, row := range []struct {
		name    string
		command []string
		o       Options
		after   int // cases that are done; -1 means at once
		delay   time.Duration
	}{
		{"before it began", command(t, "faulty", "none"), Options{Only: light}, -1, 0},
		{"after the first case", command(t, "faulty", "none"), Options{Only: light}, 1, 0},
		{"in the middle", command(t, "faulty", "none"), Options{Only: light}, 200, 0},
		{"one by one", command(t, "faulty", "none"), Options{Only: light, Jobs: 1}, 30, 0},
		{"a peer that hangs", command(t, "faulty", "error-not-closed"), Options{Timeout: long, Only: []string{"hdr/length/example-*", "stream/coalesced", "msg/empty/first", "msg/empty/only"}}, 1, 100 * time.Millisecond},
		{"a peer that ignores it", command(t, "faulty", "ignores-sigterm"), Options{Only: light}, 10, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if row.after < 0 {
				cancel()
			}
			row.o.Command = row.command
			row.o.Progress = &watcher{onDone: func(done int) {
				if done == row.after {
					time.AfterFunc(row.delay, cancel)
				}
			}}
			rep, _ := certify(t, ctx, row.o) // the error, if any, is said by the report
			require.ErrorIs(t, ctx.Err(), context.Canceled, "the run came so far")
			require.NotNil(t, rep)
			require.False(t, rep.Complete)
			require.Equal(t, report.Inconclusive, rep.Result)
			require.Equal(t, "the run was interrupted", rep.Why)
			require.GreaterOrEqual(t, len(rep.Cases), row.after, "what was found until then is kept")
			require.Empty(t, withVerdict(rep, report.Fail), "an interruption fails nobody")
			require.Empty(t, withVerdict(rep, report.Error))
			if row.after >= 10 {
				require.Regexp(t, `^(signal SIG(TERM|KILL)|exit status 0), when the suite ended it$`, rep.Peer.Exit)
			}
		})
	}
}

func TestInterruptedWhileThePeerStarts(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	file := filepath.Join(t.TempDir(), "begun")
	begun := awaitFile(ctx, file, cancel)
	rep, err := certify(t, ctx, Options{Command: script(fmt.Sprintf(`sleep 1000 & : > %s; wait`, quote(file))), StartTimeout: long})
	<-begun
	require.ErrorIs(t, err, context.Canceled)
	require.NotNil(t, rep)
	require.False(t, rep.Complete)
	require.Equal(t, report.Inconclusive, rep.Result)
}

// awaitFile cancels when there is the file, and gives up when the context ends; what it returns is closed then.
func awaitFile(ctx context.Context, file string, cancel func()) <-chan struct{} {
	over := make(chan struct{})
	go func() {
		defer close(over)
		look := time.NewTicker(time.Millisecond)
		defer look.Stop()
		for ctx.Err() == nil {
			if _, err := os.Stat(file); err == nil {
				cancel()
			}
			<-look.C
		}
	}()
	return over
}

// What failed once and was to be seen again is no failure when the run ends before that. The peer is started anew to see it
// again, and that time it does not listen: the run is cancelled then.
func TestUnconfirmedFailuresOfAnInterruptedRunAreNone(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, fault string
		timeout     time.Duration
		actual      string
	}{
		{"a wrong answer beside other cases", "empty-echoed", long, "the session went on"},
		{"a deadline", "error-not-closed", 100 * time.Millisecond, "still open"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			dir := t.TempDir()
			serve := command(t, "faulty", row.fault)
			begun := awaitFile(ctx, filepath.Join(dir, "again"), cancel)
			rep, _ := certify(t, ctx, Options{ // the error, if any, is said by the report
				Command: script(fmt.Sprintf(`cd %s && if mkdir first 2>/dev/null; then exec %s "$0"; fi; : > again; exec sleep 1000`,
					quote(dir), CommandLine(serve[:len(serve)-1]))),
				Timeout: row.timeout, StartTimeout: long, Only: []string{"msg/empty/only", "msg/empty/twice"},
			})
			<-begun
			require.ErrorIs(t, ctx.Err(), context.Canceled, "the run came so far")
			require.False(t, rep.Complete)
			skipped := withVerdict(rep, report.Skip)
			require.Len(t, skipped, 2)
			require.Len(t, rep.Cases, len(skipped), "they are all that was found")
			for _, c := range skipped {
				require.Contains(t, c.Actual, "it failed once, and the run ended before it was run again alone")
				require.Contains(t, c.Actual, row.actual)
			}
		})
	}
}

// A peer whose verdict changes from one repetition to the next is flaky, and that is not hidden.
func TestRepetitionsThatDifferAreFlaky(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "count")
	rep := judged(t, Options{Command: command(t, "every-other", file), Only: []string{"msg/empty/only", "hdr/length/example-hi"}, Jobs: 1, Repeat: 2})
	require.Equal(t, 2, rep.Repeat)
	c := caseOf(t, rep, "msg/empty/only")
	require.Equal(t, []report.Verdict{report.Fail, report.Pass}, c.Verdicts)
	require.True(t, c.Flaky)
	require.Equal(t, report.Fail, c.Verdict, "the worst counts")
	require.NotNil(t, c.Evidence)
	steady := caseOf(t, rep, "hdr/length/example-hi")
	require.Equal(t, []report.Verdict{report.Pass, report.Pass}, steady.Verdicts)
	require.False(t, steady.Flaky)
	require.Equal(t, report.NonConforming, rep.Result)
}

func TestRepetitionsThatAgreeAreNotFlaky(t *testing.T) {
	rep := judged(t, Options{Command: command(t, "faulty", "none"), Only: []string{"hdr/length/example-*", "msg/empty"}, Repeat: 3})
	require.Equal(t, report.Conforming, rep.Result)
	for _, c := range rep.Cases {
		require.Equal(t, []report.Verdict{report.Pass, report.Pass, report.Pass}, c.Verdicts, c.ID)
		require.False(t, c.Flaky)
	}
}

// The case that kills the peer is named, alone, and the others are judged on a fresh one.
func TestDeathIsBlamedOnTheCaseThatKills(t *testing.T) {
	rep := judged(t, Options{Command: command(t, "faulty", "empty-aborts"), Only: []string{
		"hdr/length/example-*", "msg/empty/only", "stream/order/ping-pong-500", "stream/coalesced", "close/truncated-header", "srv/stays-up",
	}})
	require.Equal(t, report.NonConforming, rep.Result)
	killed := caseOf(t, rep, "msg/empty/only")
	require.Equal(t, report.Fail, killed.Verdict)
	require.Equal(t, "srv/stays-up", killed.Evidence.Requirements[0].ID)
	require.Contains(t, killed.Actual, "the server's process ended: "+killed.Evidence.PeerExit)
	require.NotEmpty(t, killed.Evidence.PeerExit)
	require.NotEmpty(t, killed.Evidence.PeerOutput)
	require.NotEmpty(t, killed.Evidence.Sessions)
	for _, c := range rep.Cases {
		if c.ID != killed.ID {
			require.Equal(t, report.Pass, c.Verdict, "%s: %s", c.ID, c.Actual)
		}
	}
	require.Greater(t, rep.Peer.Starts, 1)
}

// A family that kills again and again is not run to its end.
func TestDeathsOfOneFamilyAreBounded(t *testing.T) {
	rep := judged(t, Options{Command: command(t, "faulty", "empty-aborts"), Only: []string{"hdr/length/example-*", "msg/empty", "stream/coalesced/two"}})
	require.Equal(t, report.NonConforming, rep.Result)
	failed, skipped := withVerdict(rep, report.Fail), withVerdict(rep, report.Skip)
	require.GreaterOrEqual(t, len(failed), 1)
	require.LessOrEqual(t, len(failed), deathsPerFamily+defaultJobs)
	require.NotEmpty(t, skipped)
	for _, c := range skipped {
		require.Equal(t, "msg/empty", family(c.ID))
		require.NotEmpty(t, c.Actual)
	}
	require.Equal(t, report.Pass, caseOf(t, rep, "stream/coalesced/two").Verdict)
	require.LessOrEqual(t, rep.Peer.Starts, 30)
}

// A signal that no program sends itself says nothing of the program, whether it came beside other cases or during one
// that runs alone.
func TestPeerThatIsKilledFromOutside(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		only []string
	}{
		{"beside others", []string{"msg/empty/only", "msg/empty/twice", "msg/empty/hundred", "stream/coalesced", "close/truncated-header"}},
		{"alone", []string{"msg/empty/first", "close/on-error/time", "stream/coalesced"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "count")
			rep, err := certify(t, t.Context(), Options{Command: command(t, "killed-once", file), Only: row.only})
			require.NotNil(t, rep)
			require.Empty(t, withVerdict(rep, report.Fail), "nobody failed")
			require.ErrorContains(t, err, "signal SIGKILL")
			require.Equal(t, report.Inconclusive, rep.Result)
			require.Contains(t, rep.Why, "did not send itself")
		})
	}
}

// Of a family in which everything hangs a few cases are waited for, and the others skipped for that reason.
func TestHangingFamilyIsBraked(t *testing.T) {
	t.Parallel()
	rep := judged(t, Options{
		Command: command(t, "faulty", "error-not-closed"), Timeout: 150 * time.Millisecond,
		Only: []string{"hdr/length/example-*", "hdr/reserved-nonzero", "stream/coalesced", "stream/split/one-message-5-1"},
		Skip: []string{"hdr/reserved-nonzero/by-itself*"}, // they rest on another, which is run first
	})
	cases := matching(t, "hdr/reserved-nonzero")
	require.GreaterOrEqual(t, len(cases), 255)
	warned, skipped := withVerdict(rep, report.Warn), withVerdict(rep, report.Skip)
	require.GreaterOrEqual(t, len(warned), 1)
	require.LessOrEqual(t, len(warned), stalledPerFamily+defaultJobs)
	require.GreaterOrEqual(t, len(skipped), 255-stalledPerFamily-defaultJobs)
	for _, c := range warned {
		require.Equal(t, "hdr/reserved-nonzero", c.Evidence.Requirements[0].ID)
		require.Contains(t, c.Actual, "again so alone, with a longer deadline")
	}
	for _, c := range skipped {
		require.Contains(t, c.Actual, "other cases of hdr/reserved-nonzero missed their deadline, alone as well")
	}
	require.Empty(t, withVerdict(rep, report.Error))
	require.Equal(t, report.Pass, caseOf(t, rep, "stream/coalesced/two").Verdict)
}

// A peer that uses up the processors when its sessions are over is judged all the same: it is started anew until what fails
// has failed with nothing of that kind going on.
func TestPeerThatUsesUpTheProcessorsIsJudged(t *testing.T) {
	if testing.Short() {
		t.Skip("uses up the processors")
	}
	watch := &watcher{}
	rep := judged(t, Options{
		Command: command(t, "spins", ""), Progress: watch, Timeout: 300 * time.Millisecond, // what is missed is tried again with a longer one
		Only: []string{"hdr/length/example-*", "msg/empty/only", "close/end-of-stream/after-two", "stream/coalesced"},
	})
	require.Equal(t, report.NonConforming, rep.Result, rep.Why)
	failed := withVerdict(rep, report.Fail)
	require.Len(t, failed, 1)
	require.Equal(t, "close/end-of-stream/after-two", failed[0].ID)
	require.Contains(t, failed[0].Evidence.Hints, whyRestless)
	require.Contains(t, watch.notes, "the server uses up the processors while nothing is asked of it")
}

// A peer that fails the very first case is not put through all that rests on it, and what it speaks instead is looked for.
func TestNothingIsRunBehindAFailedGate(t *testing.T) {
	rep := judged(t, Options{Command: command(t, "faulty", "length-little-endian"), Timeout: 300 * time.Millisecond})
	require.Equal(t, report.NonConforming, rep.Result)
	failed := withVerdict(rep, report.Fail)
	require.Len(t, failed, 1)
	require.Equal(t, suite.Gate, failed[0].ID)
	require.Contains(t, strings.Join(failed[0].Evidence.Hints, "\n"), "24-bit little-endian")
	require.Equal(t, len(rep.Cases)-1, rep.Summary.Skip)
	for _, c := range withVerdict(rep, report.Skip) {
		require.True(t, strings.HasPrefix(c.Actual, "it shows nothing without "), c.Actual)
	}
}

// A server that runs elsewhere and goes away in the middle cannot be judged.
func TestAttachedServerThatGoesAway(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	socket, ended := filepath.Join(shortDir(t), "s"), make(chan error, 1)
	go func() { ended <- serveUntil(ctx, socket) }()
	require.Eventually(t, func() bool { found, _ := inTable(socket); return found }, long, time.Millisecond)
	watch := &watcher{onDone: func(done int) {
		if done == 1 { // the first case is told of before the others begin
			cancel()
			<-ended //nolint:errcheck // How it ended is not what this is about.
		}
	}}
	rep, err := certify(t, t.Context(), Options{Attach: socket, Only: []string{"hdr", "msg/empty", "stream/coalesced"}, Progress: watch})
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrUsage)
	require.NotNil(t, rep)
	require.Equal(t, report.Inconclusive, rep.Result)
	require.False(t, rep.Complete)
	require.Contains(t, rep.Why, "attached server")
}
