package runner

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// rejudgedOf returns what becomes of a report by a version of the suite, after a change to a copy of it.
func rejudgedOf(t *testing.T, rep *report.Report, version string, change func(*report.Report)) *Rejudgement {
	t.Helper()
	text, err := json.Marshal(rep)
	require.NoError(t, err)
	var old report.Report
	require.NoError(t, json.Unmarshal(text, &old))
	change(&old)
	again, err := Rejudge(t.Context(), &old, version)
	require.NoError(t, err)
	return again
}

// hi is the case that the tests tamper with.
const hi = "hdr/length/example-hi"

func theHi(t *testing.T, rep *report.Report) *report.Case {
	t.Helper()
	for i := range rep.Cases {
		if rep.Cases[i].ID == hi {
			return &rep.Cases[i]
		}
	}
	require.Fail(t, "no such case", hi)
	return nil
}

// What the same suite judges again it judges in the same way, whatever the server did.
func TestRejudgeAgrees(t *testing.T) {
	t.Parallel()
	all := []string{"hdr/length/example-*", "hdr/reserved-nonzero/0x*1", "msg/empty", "close/on-error", "stream/split/random-*", "srv/stays-up"}
	for _, row := range []struct {
		fault   string
		only    []string
		timeout time.Duration
	}{
		{"none", all, 0},
		{"empty-echoed", all, 0},
		{"reserved-echoed", all, 0},
		{"reserved-signed-check", all, 0},
		{"error-not-closed", []string{"hdr/length/example-*", "msg/empty/{only,twice}"}, 300 * time.Millisecond}, // waited for in vain
	} {
		t.Run(row.fault, func(t *testing.T) {
			t.Parallel()
			rep := judged(t, Options{Command: command(t, "faulty", row.fault), Version: "1", Seed: 7, Only: row.only, Timeout: row.timeout})
			again := rejudgedOf(t, rep, "1", func(*report.Report) {})
			require.Empty(t, again.Changed)
			require.Empty(t, again.Lost)
			require.Equal(t, rep.Result, again.Report.Result)
			require.Equal(t, rep.Summary, again.Report.Summary)
			require.Less(t, len(again.Kept), 10, "%v", again.Kept)

			other := rejudgedOf(t, rep, "2", func(*report.Report) {})
			require.Empty(t, other.Changed)
			require.Len(t, other.Lost, len(again.Kept), "what this suite did not judge is judged by nobody")
			require.Equal(t, report.Suite{Version: "1", VectorsDigest: rep.Suite.VectorsDigest, Cases: rep.Suite.Cases}, *other.Report.Rejudged)
			if rep.Result == report.Conforming {
				require.Equal(t, report.Inconclusive, other.Report.Result)
			}
		})
	}
}

// A verdict is that of the bytes: what the report says of them counts for nothing.
func TestRejudgeGoesByTheRecording(t *testing.T) {
	rep := judged(t, Options{Command: command(t, "faulty", "none"), Only: []string{"hdr/length/example-*", "msg/empty/only"}, Version: "1"})
	tape := func(r *report.Report) *report.Tape { return &theHi(t, r).Recording.Sessions[0] }
	for _, tc := range []struct {
		name   string
		change func(r *report.Report)
		now    report.Verdict
		why    string
	}{
		{"called a failure", func(r *report.Report) { theHi(t, r).Verdict = report.Fail }, report.Pass, ""},
		{"another answer", func(r *report.Report) {
			t := tape(r)
			t.Rest, t.Echoed = strings.Repeat("00", int(t.Echoed)-6), 6
		}, report.Fail, "00"},
		{"other bytes sent", func(r *report.Report) { tape(r).Sum++ }, report.Error, "sends other bytes than was recorded"},
		{"more bytes sent", func(r *report.Report) { tape(r).Sent++ }, report.Error, "sends fewer bytes than was recorded"},
		{"no recording", func(r *report.Report) { theHi(t, r).Recording = nil }, report.Error, "no recording"},
		{"no session", func(r *report.Report) { theHi(t, r).Recording.Sessions = nil }, report.Error, "not recorded"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			again := rejudgedOf(t, rep, "2", tc.change)
			got := theHi(t, again.Report)
			require.Equal(t, tc.now, got.Verdict, got.Actual)
			require.Contains(t, got.Actual, tc.why)
		})
	}
}

// A case that has come since, and one that there is not any more, are named.
func TestRejudgeNamesWhatCameAndWent(t *testing.T) {
	rep := judged(t, Options{Command: command(t, "faulty", "none"), Only: []string{"hdr/length/example-*"}, Version: "1"})
	again := rejudgedOf(t, rep, "2", func(r *report.Report) {
		r.Cases[0].ID = "hdr/length/of-old"
		r.Suite.Cases = len(r.Cases)
	})
	require.Equal(t, []Change{{ID: "hdr/length/of-old", Old: report.Pass, Why: "there is no such case any more"}}, again.Changed)
	require.Len(t, again.Lost, again.Report.Suite.Cases-len(rep.Cases)+1)
	require.Equal(t, report.Inconclusive, again.Report.Result)
}
