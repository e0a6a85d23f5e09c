package known

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
)

var every = []string{"hdr/length/1", "msg/empty/only", "msg/empty/first", "msg/sizes/1"}

func TestParse(t *testing.T) {
	list, err := Parse([]byte("# ours\n- case: msg/empty/*\n  reason: issue 17\n- {case: msg/sizes/1, reason: r, actual: went on}\n"))
	require.NoError(t, err)
	require.Equal(t, List{{"msg/empty/*", "issue 17", "", 2}, {"msg/sizes/1", "r", "went on", 4}}, list)
	require.NoError(t, list.Check(every))
	require.Equal(t, []report.Known{{Case: "msg/empty/*", Reason: "issue 17"}, {Case: "msg/sizes/1", Reason: "r", Actual: "went on"}}, list.Entries())
	list, err = Parse(nil)
	require.NoError(t, err)
	require.Empty(t, list)
}

func TestErrors(t *testing.T) {
	for _, tc := range []struct{ name, src, want string }{
		{"unknown key", "- case: a\n  reson: b", `line 2: unknown key "reson"`},
		{"no reason", "- case: a", "line 1: the entry has no reason"},
		{"no case", "- reason: a", "line 1: the entry has no case"},
		{"empty reason", "- case: a\n  reason: ''", "line 2: reason is empty"},
		{"null reason", "- case: a\n  reason:", "line 2: a text is missing here"},
		{"empty text", "- case: msg/empty\n  reason: a\n  actual: ' '", "line 3: actual is empty"},
		{"no list", "case: a", "line 1: here must be a list"},
		{"no pattern", "- {case: 'a[', reason: b}", `line 1: "a[" is no pattern`},
		{"nothing matches", "\n- {case: msg/emptier, reason: b}", "line 2: no case matches msg/emptier"},
		{"two families", "- {case: 'msg/**', reason: b}", "line 1: msg/** is too wide: it covers cases of msg/empty and of msg/sizes"},
		{"covered twice", "- {case: msg/empty, reason: b}\n- {case: '**/only', reason: b}", "line 2: **/only covers case msg/empty/only, which the entry in line 1 covers already"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			list, err := Parse([]byte(tc.src))
			if err == nil {
				err = list.Check(every)
			}
			require.ErrorIs(t, err, ErrInvalid)
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func reportOf(strict bool, cases ...report.Case) *report.Report {
	return &report.Report{Role: "server", Strict: strict, Complete: true, Cases: cases}
}

// What is written is read again, and expects what failed.
func TestWrite(t *testing.T) {
	fail := func(id string) report.Case {
		return report.Case{ID: id, Verdict: report.Fail, Actual: "went\n- on: \x1b[1m"}
	}
	pass := func(id string) report.Case { return report.Case{ID: id, Verdict: report.Pass} }
	warn := func(id string) report.Case { return report.Case{ID: id, Verdict: report.Warn} }
	for _, tc := range []struct {
		name string
		rep  *report.Report
		want []string
	}{
		{"nothing", reportOf(false, pass(every[0])), nil},
		{"one case", reportOf(false, fail(every[1]), pass(every[2])), []string{every[1]}},
		{"a family", reportOf(false, fail(every[1]), fail(every[2])), []string{"msg/empty"}},
		{"a family of which not all ran", reportOf(false, fail(every[1])), []string{every[1]}},
		{"a warning", reportOf(false, fail(every[1]), warn(every[0])), []string{every[1]}},
		{"a warning under strict", reportOf(true, fail(every[1]), warn(every[0])), []string{every[1], "hdr/length"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text, err := Write(tc.rep, every)
			require.NoError(t, err)
			list, err := Parse(text)
			require.NoError(t, err, "%s", text)
			require.NoError(t, list.Check(every))
			var got []string
			for _, e := range list {
				got = append(got, e.Case)
				require.Equal(t, Unexplained, e.Reason)
			}
			require.Equal(t, tc.want, got)
			tc.rep.ExpectFailures(list.Entries())
			tc.rep.Settle()
			require.Empty(t, tc.rep.KnownProblems())
			require.Equal(t, report.Conforming, tc.rep.ForBuild())
		})
	}
}

func TestWriteKeepsReasons(t *testing.T) {
	rep := reportOf(false, report.Case{ID: every[1], Verdict: report.Fail, Actual: "went on"}, report.Case{ID: every[3], Verdict: report.Fail})
	rep.ExpectFailures([]report.Known{{Case: every[1], Reason: "issue 17", Actual: "went"}})
	text, err := Write(rep, every)
	require.NoError(t, err)
	list, err := Parse(text)
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.Equal(t, Entry{Case: every[1], Reason: "issue 17", Actual: "went", Line: list[0].Line}, list[0])
	require.Equal(t, "msg/sizes", list[1].Case)
}

// What the list says of cases that were not run is kept; what a case that passed makes stale is not.
func TestWriteKeepsWhatWasNotRun(t *testing.T) {
	rep := reportOf(false, report.Case{ID: every[1], Verdict: report.Fail}, report.Case{ID: every[3], Verdict: report.Pass})
	rep.ExpectFailures([]report.Known{{Case: every[0], Reason: "issue 3", Actual: "went"}, {Case: every[3], Reason: "issue 4"}})
	text, err := Write(rep, every)
	require.NoError(t, err)
	list, err := Parse(text)
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.Equal(t, Unexplained, list[0].Reason)
	require.Equal(t, Entry{Case: every[0], Reason: "issue 3", Actual: "went", Line: list[1].Line}, list[1])
}

// An entry that does not fit is taken apart, and no case that does not pass loses its reason.
func TestWriteKeepsReasonsOfWhatDoesNotFit(t *testing.T) {
	only, first, sizes := every[1], every[2], every[3]
	for _, tc := range []struct {
		name  string
		cases []report.Case
		entry report.Known
		want  List
	}{
		{"the text changed", []report.Case{{ID: sizes, Verdict: report.Fail, Actual: "the sun rose\nand set"}},
			report.Known{Case: sizes, Reason: "issue 17", Actual: "moon"}, List{{sizes, "issue 17", "the sun rose", 0}}},
		{"bytes that are no text", []report.Case{{ID: sizes, Verdict: report.Fail, Actual: "the sun \xff rose"}},
			report.Known{Case: sizes, Reason: "issue 17", Actual: "moon"}, List{{sizes, "issue 17", "the sun", 0}}},
		{"the text of one of two changed", []report.Case{{ID: only, Verdict: report.Fail, Actual: "a moon"}, {ID: first, Verdict: report.Fail, Actual: "a sun"}},
			report.Known{Case: "msg/empty", Reason: "issue 17", Actual: "moon"}, List{{only, "issue 17", "moon", 0}, {first, "issue 17", "a sun", 0}}},
		{"of two, one did not run", []report.Case{{ID: only, Verdict: report.Fail, Actual: "a sun"}},
			report.Known{Case: "msg/empty", Reason: "issue 17", Actual: "moon"}, List{{only, "issue 17", "a sun", 0}, {first, "issue 17", "moon", 0}}},
		{"too wide", []report.Case{{ID: only, Verdict: report.Fail}, {ID: first, Verdict: report.Pass}},
			report.Known{Case: "msg/empty", Reason: "issue 17"}, List{{only, "issue 17", "", 0}}},
		{"stale, and one was skipped", []report.Case{{ID: only, Verdict: report.Skip}, {ID: first, Verdict: report.Pass}},
			report.Known{Case: "msg/empty", Reason: "issue 17"}, List{{only, "issue 17", "", 0}}},
		{"a warning that counts under strict alone", []report.Case{{ID: sizes, Verdict: report.Warn}},
			report.Known{Case: "msg/sizes", Reason: "issue 17"}, List{{"msg/sizes", "issue 17", "", 0}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rep := reportOf(false, tc.cases...)
			rep.ExpectFailures([]report.Known{tc.entry})
			text, err := Write(rep, every)
			require.NoError(t, err)
			list, err := Parse(text)
			require.NoError(t, err, "%s", text)
			require.NoError(t, list.Check(every))
			rep.ExpectFailures(list.Entries())
			require.Empty(t, rep.KnownProblems(), "what is written fits: %s", text)
			for i := range list {
				list[i].Line = 0
			}
			require.Equal(t, tc.want, list, "%s", text)
		})
	}
}
