package runner

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/spec"
)

func testClientCommand(t *testing.T, wrong string) []string {
	t.Helper()
	return []string{Testpeer(t), "client", wrong, "{socket}", "{message}"}
}

func testDriverCommand(t *testing.T, fault string) []string {
	t.Helper()
	return []string{Testpeer(t), "driver", fault, "none"}
}

// requireRejudged requires that a report is judged again as it was, but for a few cases that keep their verdict, and that
// nobody's word is taken for those.
func requireRejudged(t *testing.T, rep *report.Report, kept int) {
	t.Helper()
	again := rejudgedOf(t, rep, "1", func(*report.Report) {})
	require.Empty(t, again.Changed)
	require.Empty(t, again.Lost)
	// How many cases came to a deadline is up to the machine, and whether a program that stays was at work when it was left.
	timely := slices.DeleteFunc(slices.Clone(again.Kept), func(c Change) bool {
		return strings.HasPrefix(c.Why, "something came after a deadline had passed") || c.Why == "something came while it was being recorded"
	})
	require.LessOrEqual(t, len(timely), kept, "%v", again.Kept)
	require.Less(t, len(again.Kept), len(rep.Cases)/2)
	require.Equal(t, rep.Result, again.Report.Result)
	require.Equal(t, rep.Summary, again.Report.Summary)

	other := rejudgedOf(t, rep, "2", func(*report.Report) {})
	require.Empty(t, other.Changed)
	require.Len(t, other.Lost, len(again.Kept), "what this suite did not judge is judged by nobody")
}

// What the same suite judges again of a client it judges in the same way, whatever the client did.
func TestRejudgeAgreesOnClients(t *testing.T) {
	t.Parallel()
	only := []string{
		"cli/request/{plain,length-256,length-131071,utf8-mixed,dash-help}", "msg/empty-unsent", "hdr/length/example-*", "msg/empty/only",
		"msg/sizes/{1,32768,65537}", "cli/reply/{not-an-echo,nul-bytes,closed-behind,positional-200000,many-lines}",
		"close/truncated-*/{2-of-4,7-of-8}", "hdr/reserved-nonzero/0x01", "cli/invalid-reply/{exit-status,hung-up-in-content,reserved-0x80}",
		"close/nothing-after/burst-empty", "stream/duplex", "stream/unsolicited", "cli/ends",
	}
	for _, row := range []struct {
		wrong   string
		result  report.Result
		kept    int
		timeout time.Duration
	}{
		{"none", report.Conforming, 3, 0},
		{"prints on stderr, with words around", report.Conforming, 3, 0},
		{"looks whether the server is there", report.Conforming, 3, 0},
		{"crashes after an error", report.Conforming, 3, 0},
		{"ignores the reserved byte", report.Conforming, 3, 0},
		{"little-endian length", report.NonConforming, 0, 0},
		{"sends a terminating NUL", report.NonConforming, 0, 0},
		{"sends an empty message", report.NonConforming, 3, 0},
		{"stays", report.Conforming, 3, 300 * time.Millisecond}, // waited for in vain
	} {
		t.Run(row.wrong, func(t *testing.T) {
			t.Parallel()
			rep := judged(t, Options{Role: spec.Client, Command: testClientCommand(t, row.wrong), Version: "1", Seed: 7, Only: only, Timeout: row.timeout})
			require.Equal(t, row.result, rep.Result, rep.Why)
			if row.wrong == "little-endian length" || row.wrong == "sends a terminating NUL" {
				again := rejudgedOf(t, rep, "2", func(*report.Report) {}) // all else rests on the one case
				require.Equal(t, rep.Summary.Fail, again.Report.Summary.Fail)
				require.Equal(t, report.NonConforming, again.Report.Result)
				return
			}
			requireRejudged(t, rep, row.kept)
		})
	}
}

// So it does of a driver.
func TestRejudgeAgreesOnDrivers(t *testing.T) {
	t.Parallel()
	only := []string{
		"hdr/length/example-*", "msg/empty/only", "hdr/reserved-nonzero/0x01", "msg/sizes/sent-65536", "sess/close-once", "sess/close-local", "sess/close-late-handler",
		"sess/handler-twice", "sess/handler-fails", "sess/release", "sess/send-empty", "sess/send-closed", "sess/send-count/first", "sess/close-silences",
		"sess/independent/{by-turns,halves,one-fails}", "sess/reentrant/{send-in-message,close-in-close}", "stream/idle/other-session",
	}
	for _, row := range []struct {
		fault   string
		result  report.Result
		timeout time.Duration
	}{
		{"none", report.Conforming, 0},
		{"close-handler-twice", report.NonConforming, 0},
		{"empty-sent", report.NonConforming, 0},
		{"message-handler-replaced", report.NonConforming, 0},
		{"failing-handler-kills-process", report.NonConforming, 0},
		{"close-again-kills", report.NonConforming, 0},
		{"sends-on-last-session", report.NonConforming, 0},
		{"late-close-handler-never", report.NonConforming, 500 * time.Millisecond}, // waited for in vain
	} {
		t.Run(row.fault, func(t *testing.T) {
			t.Parallel()
			rep := judged(t, Options{Role: spec.Driver, Command: testDriverCommand(t, row.fault), Version: "1", Seed: 7, Only: only, Timeout: row.timeout})
			require.Equal(t, row.result, rep.Result, rep.Why)
			requireRejudged(t, rep, 8)
		})
	}
}

// A verdict on a program is that of what it did, too: what the report says of it counts for nothing.
func TestRejudgeGoesByTheRecordingOfPrograms(t *testing.T) {
	client := judged(t, Options{Role: spec.Client, Command: testClientCommand(t, "none"), Only: []string{hi}, Version: "1"})
	driver := judged(t, Options{Role: spec.Driver, Command: testDriverCommand(t, "none"), Only: []string{hi}, Version: "1"})
	run := func(r *report.Report) *report.Run { return &theHi(t, r).Recording.Runs[0] }
	failed := uint32(1 << 8)
	for _, tc := range []struct {
		name   string
		rep    *report.Report
		change func(r *report.Report)
		now    report.Verdict
		why    string
	}{
		{"called a failure", client, func(r *report.Report) { theHi(t, r).Verdict = report.Fail }, report.Pass, ""},
		{"another status", client, func(r *report.Report) { run(r).Status = &failed }, report.Fail, "exit status 1"},
		{"another output", client, func(r *report.Report) { run(r).Stdout = []report.Piece{{Text: "Ho\n"}} }, report.Fail, "printed the reply up to byte 1 of 2"},
		{"another message", client, func(r *report.Report) {
			h := &run(r).Sessions[0]
			h.Expected, h.Rest = h.Expected-1, "00"
		}, report.Error, "sends fewer bytes than was recorded"},
		{"given something else", client, func(r *report.Report) { run(r).Sum++ }, report.Error, "tells the program something else"},
		{"other bytes sent", client, func(r *report.Report) { run(r).Sessions[0].Sum++ }, report.Error, "sends other bytes than was recorded"},
		{"no run", client, func(r *report.Report) { theHi(t, r).Recording.Runs = nil }, report.Error, "not recorded"},
		{"a run more", client, func(r *report.Report) {
			rec := theHi(t, r).Recording
			rec.Runs = append(rec.Runs, rec.Runs[0])
		}, report.Error, "fewer times"},
		{"a driver called a failure", driver, func(r *report.Report) { theHi(t, r).Verdict = report.Fail }, report.Pass, ""},
		{"another status of a driver", driver, func(r *report.Report) { run(r).Status = &failed }, report.Fail, "exit status 1"},
		{"other commands", driver, func(r *report.Report) { run(r).Told++ }, report.Error, "tells the program something else"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			again := rejudgedOf(t, tc.rep, "2", tc.change)
			got := theHi(t, again.Report)
			require.Equal(t, tc.now, got.Verdict, got.Actual)
			require.Contains(t, got.Actual, tc.why)
		})
	}
}
