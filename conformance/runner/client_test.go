package runner_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/spec"
)

// found is a verdict that a case must come to, and the requirement that its evidence names first.
type found struct {
	id      string
	verdict report.Verdict
	rule    string
	says    string // in the actual, or in a hint
}

// certifyClient runs cases against a test client.
func certifyClient(t *testing.T, o runner.Options, wrong string) *report.Report {
	t.Helper()
	o.Role, o.Command = spec.Client, []string{runner.Testpeer(t), "client", wrong, "{socket}", "{message}"}
	rep, err := runner.Run(t.Context(), o)
	require.NoError(t, err)
	require.True(t, rep.Complete)
	return rep
}

// some is a choice of cases of every kind, without those that take long; few is what shows a client's manners.
func some() []string {
	return append(few(),
		"cli/request/{length-1,length-256,length-131071,utf8-mixed,spaces,invalid-ff}", "msg/empty-unsent", "hdr/length/example-*",
		"msg/sizes/{1,256,32768,65537}", "msg/binary/all-values", "stream/split/one-message-5-1", "stream/coalesced/two",
		"cli/reply/{not-an-echo,nul-bytes,closed-behind}", "close/truncated-*/{2-of-4,0-of-8,255-of-256}", "close/end-of-stream/at-once",
		"close/on-error/time", "stream/unsolicited/at-end",
	)
}

func few() []string {
	return []string{
		"cli/request/{plain,dash-*}", "cli/reply/positional-200000", "msg/empty/only", "close/truncated-content/7-of-8", "hdr/reserved-nonzero/0x01",
		"cli/invalid-reply/{exit-status,truncated-at-12,reserved-0x80,hung-up-in-content}", "close/nothing-after/burst-empty", "cli/ends", "stream/duplex",
	}
}

// conforming is a client with a habit, which conforms, the cases that it is put through, and what comes of them.
type conforming struct {
	habit string
	only  []string
	warns bool
	found []found
}

func TestClientsThatConform(t *testing.T) {
	t.Parallel()
	for _, row := range []conforming{
		{"none", some(), false, []found{
			{"msg/empty-unsent/empty-argument", report.Info, "msg/empty-unsent", "the client did not connect; it ended with exit status 2"},
			{"close/nothing-after/burst-empty", report.Info, "close/nothing-after", "the reply was presented"},
			{"cli/invalid-reply/exit-status", report.Info, "cli/invalid-reply", "silence 8"},
			{"close/on-error/time", report.Info, "close/on-error", "silence 4"},
			{"stream/duplex/request-unread", report.Info, "stream/duplex", "silence 7"},
		}},
		{"prints on stderr, with words around", few(), false, nil},
		{"prints nothing around", few(), false, nil},
		{"quotes a cut reply in its complaint", few(), false, nil},
		{"looks whether the server is there", few(), false, nil},
		{"takes a dash for an option", few(), false, []found{{"cli/request/dash-letter", report.Info, "cli/request", "another use for such a message"}}},
		{"crashes after an error", few(), false, []found{{"msg/empty/only", report.Info, "msg/empty", "the client's death (signal SIGKILL)"}}},
		{"stays", few(), true, []found{
			{"cli/ends/after-reply", report.Warn, "cli/ends", "it still ran"},
			{"cli/ends/whole-run", report.Warn, "cli/ends", "had to be ended"},
			{"cli/request/plain", report.Pass, "", ""},
		}},
		{"stays after a large reply", few(), true, []found{
			{"cli/ends/after-reply", report.Pass, "", ""},
			{"cli/ends/whole-run", report.Warn, "cli/ends", "had to be ended"},
		}},
		{"ignores the reserved byte", few(), true, []found{
			{"hdr/reserved-nonzero/0x01", report.Warn, "hdr/reserved-nonzero", ""},
			{"cli/invalid-reply/reserved-0x80", report.Warn, "hdr/reserved-nonzero", "was presented"},
		}},
	} {
		t.Run(row.habit, func(t *testing.T) {
			t.Parallel()
			requireConforms(t, row)
		})
	}
}

// A client that spins has nothing beside it: that it does shows in the processor time that it gets.
func TestClientThatSpinsConforms(t *testing.T) {
	requireConforms(t, conforming{"spins while it waits", few(), true, []found{{"cli/ends/waits-idle", report.Warn, "cli/ends", "processor"}}})
}

// A client that prints a large reply more slowly than the suite would wait for one that prints without end is waited for: it
// is as slow if nobody has the time to read it.
func TestClientThatPrintsInItsTimeConforms(t *testing.T) {
	t.Parallel()
	o := runner.Options{Only: []string{"cli/reply/positional-16777211"}, Timeout: 150 * time.Millisecond}
	rep := certifyClient(t, o, "prints a large reply in its time")
	require.Equal(t, report.Conforming, rep.Result, "%s: %s", rep.Why, verdicts(rep, report.Fail, report.Skip))
}

func requireConforms(t *testing.T, row conforming) {
	t.Helper()
	jobs := 2
	if strings.HasPrefix(row.habit, "stays") { // each case waits for its end, in vain
		jobs = 8
	}
	rep := certifyClient(t, runner.Options{Only: row.only, Jobs: jobs}, row.habit)
	require.Equal(t, report.Conforming, rep.Result, "%s: %s", rep.Why, verdicts(rep, report.Fail, report.Error))
	require.Equal(t, row.warns, rep.Summary.Warn > 0, verdicts(rep, report.Warn))
	require.Zero(t, rep.Summary.Skip, verdicts(rep, report.Skip))
	requireFound(t, rep, row.found)
}

func TestClientsThatDoNotConform(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		wrong string
		found []found
	}{
		{"little-endian length", []found{{"cli/request/plain", report.Fail, "hdr/length", "little-endian"}}},
		{"sends another reserved byte", []found{{"cli/request/plain", report.Fail, "hdr/reserved-zero", "reserved 0x01"}}},
		{"sends no header", []found{{"cli/request/plain", report.Fail, "cli/request", "content is sent without a header"}}},
		{"sends a terminating NUL", []found{{"cli/request/plain", report.Fail, "cli/request", "a string's terminator is sent"}}},
		{"sends twice", []found{{"cli/request/plain", report.Fail, "cli/request", "the message is sent twice"}}},
		{"sends an empty message", []found{{"msg/empty-unsent/empty-argument", report.Fail, "msg/empty-unsent", "a header that announces no content is sent"}}},
		{"says goodbye", []found{{"cli/request/plain", report.Fail, "cli/request", "another message is sent"}}},
		{"exits before reading", []found{{"cli/request/plain", report.Fail, "cli/reply", "printed nothing"}}},
		{"waits for the end of the stream", []found{{"cli/request/plain", report.Fail, "cli/reply", "only when the server closes the connection"}}},
		{"returns 1 though it has a reply", []found{{"cli/request/plain", report.Fail, "cli/reply", "ended with exit status 1"}}},
		{"returns 1 a while after a reply", []found{{"cli/request/plain", report.Fail, "cli/reply", "ended with exit status 1"}}},
		{"prints all but the last byte", []found{{"cli/request/plain", report.Fail, "cli/reply", "up to byte 12 of 13"}}},
		{"prints its own message", []found{{"cli/reply/not-an-echo", report.Fail, "cli/reply", "not the reply"}}},
		{"prints the first 64 KiB", []found{
			{"msg/sizes/65536", report.Pass, "", ""},
			{"msg/sizes/65537", report.Fail, "cli/reply", "up to byte 65,536 of 65,537"},
		}},
		{"prints up to a NUL", []found{{"cli/reply/nul-bytes", report.Fail, "cli/reply", ""}, {"msg/binary/nul-between", report.Fail, "cli/reply", "C string"}}},
		{"decodes text", []found{
			{"cli/request/invalid-ff", report.Fail, "cli/request", "U+FFFD"},
			{"cli/request/utf8-mixed", report.Pass, "", ""},
			{"msg/binary/all-values", report.Fail, "cli/reply", "U+FFFD"},
		}},
		{"takes what one read returns", []found{{"stream/split/one-message-5-1", report.Fail, "cli/reply", ""}}},
		{"takes what one read returns of the header", []found{{"stream/split/one-message-1-1-1-1-1-1", report.Fail, "stream/split", "exit status 1"}}},
		{"passes over an empty reply", []found{
			{"msg/empty/only", report.Fail, "msg/empty", "the session was still open"},
			{"msg/empty/first", report.Fail, "close/nothing-after", "a message behind an empty one was presented"},
		}},
		{"takes an empty reply", []found{{"msg/empty/only", report.Fail, "cli/invalid-reply", "an empty reply was presented"}}},
		{"hangs after an error", []found{{"msg/empty/first", report.Fail, "msg/empty", "the session was still open"}}},
		{"presents a cut reply", []found{{"close/truncated-content/7-of-8", report.Fail, "cli/invalid-reply", "was presented as a reply"}}},
		{"presents a cut reply and fails", []found{{"cli/invalid-reply/truncated-at-12", report.Fail, "cli/invalid-reply", "was presented as a reply"}}},
	} {
		t.Run(row.wrong, func(t *testing.T) {
			t.Parallel()
			only := make([]string, 0, len(row.found))
			for _, f := range row.found {
				only = append(only, f.id)
			}
			rep := certifyClient(t, runner.Options{Only: only, Jobs: 2, Timeout: 500 * time.Millisecond}, row.wrong)
			require.Equal(t, report.NonConforming, rep.Result, verdicts(rep, report.Verdicts()...))
			requireFound(t, rep, row.found)
		})
	}
}

// verdicts lists the cases that came to one of some verdicts, for messages.
func verdicts(rep *report.Report, some ...report.Verdict) string {
	var b strings.Builder
	for _, c := range rep.Cases {
		if slices.Contains(some, c.Verdict) {
			b.WriteString("\n" + string(c.Verdict) + " " + c.ID + ": " + c.Actual)
		}
	}
	return b.String()
}

func requireFound(t *testing.T, rep *report.Report, want []found) {
	t.Helper()
	for _, f := range want {
		i := slices.IndexFunc(rep.Cases, func(c report.Case) bool { return c.ID == f.id })
		require.GreaterOrEqual(t, i, 0, "no case %s", f.id)
		c := rep.Cases[i]
		require.Equal(t, f.verdict, c.Verdict, "%s: %s", c.ID, c.Actual)
		if f.rule == "" {
			continue
		}
		require.NotNil(t, c.Evidence, c.ID)
		require.Equal(t, f.rule, c.Evidence.Requirements[0].ID, "%s: %s", c.ID, c.Actual)
		require.Contains(t, strings.Join(append([]string{c.Actual}, c.Evidence.Hints...), "\n"), f.says, c.ID)
		if !strings.HasSuffix(c.ID, "/whole-run") {
			require.Contains(t, c.Replay, "oizys certify --role client --case "+c.ID)
		}
	}
}

// How the suite ends a client that still runs is not said to be the client's doing.
func TestEndOfAClientThatIsEndedIsNotItsOwn(t *testing.T) {
	t.Parallel()
	rep := certifyClient(t, runner.Options{Timeout: 300 * time.Millisecond, Only: []string{"cli/request/plain", "msg/empty/only", "msg/empty/twice"}}, "hangs after an error")
	ended := 0
	for _, c := range rep.Cases {
		if c.Verdict == report.Fail {
			require.NotRegexp(t, "SIGTERM|SIGKILL", c.Evidence.PeerExit, c.ID)
			ended++
		}
	}
	require.Positive(t, ended)
}

// A client that hangs is asked where, and how it ends then is said to be of that.
func TestStacksOfAClientThatHangs(t *testing.T) {
	t.Parallel()
	rep := certifyClient(t, runner.Options{Timeout: 300 * time.Millisecond, Only: []string{"cli/request/plain", "msg/empty/only"}}, "hangs after an error")
	hung := 0
	for _, c := range rep.Cases {
		if c.Verdict == report.Fail {
			hung++
			require.Contains(t, c.Evidence.PeerStacks, "goroutine 1 ", c.ID)
			require.Contains(t, c.Evidence.PeerExit, "after the SIGQUIT that it was sent", c.ID)
		}
	}
	require.Equal(t, 1, hung)
}
