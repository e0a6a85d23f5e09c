package report

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func failing(id, actual string) Case { return Case{ID: id, Verdict: Fail, Actual: actual} }

func TestExpectFailures(t *testing.T) {
	pass := Case{ID: "msg/a/pass", Verdict: Pass}
	for _, tc := range []struct {
		name     string
		cases    []Case
		entry    Known
		strict   bool
		shard    bool
		known    int
		problem  string
		result   Result
		forBuild Result
	}{
		{"known", []Case{pass, failing("msg/b/1", "x")}, Known{Case: "msg/b", Reason: "r"}, false, false, 1, "", NonConforming, Conforming},
		{"known, nothing else judged", []Case{failing("msg/b/1", "x")}, Known{Case: "msg/b", Reason: "r"}, false, false, 1, "", NonConforming, Conforming},
		{"one known, one not", []Case{pass, failing("msg/b/1", "x"), failing("msg/c/1", "x")}, Known{Case: "msg/b", Reason: "r"}, false, false, 1, "", NonConforming, NonConforming},
		{"known, one not judged", []Case{pass, failing("msg/b/1", "x"), {ID: "msg/c/1", Verdict: Error}}, Known{Case: "msg/b", Reason: "r"}, false, false, 1, "", NonConforming, Inconclusive},
		{"the text fits", []Case{pass, failing("msg/b/1", "the moon rose")}, Known{Case: "msg/b", Reason: "r", Actual: "moon"}, false, false, 1, "", NonConforming, Conforming},
		{"another text", []Case{pass, failing("msg/b/1", "the sun rose")}, Known{Case: "msg/b", Reason: "r", Actual: "moon"}, false, false, 0, "in another way", NonConforming, NonConforming},
		{"stale", []Case{pass}, Known{Case: "msg/a/*", Reason: "r"}, false, false, 0, "stale", Conforming, NonConforming},
		{"stale by a record", []Case{pass, {ID: "msg/b/1", Verdict: Info}}, Known{Case: "msg/b", Reason: "r"}, false, false, 0, "stale", Conforming, NonConforming},
		{"too wide", []Case{pass, failing("msg/a/1", "x")}, Known{Case: "msg/a", Reason: "r"}, false, false, 1, "too wide", NonConforming, NonConforming},
		{"skipped: nothing is said", []Case{pass, {ID: "msg/b/1", Verdict: Skip}}, Known{Case: "msg/b", Reason: "r"}, false, false, 0, "", Conforming, Conforming},
		{"not run: nothing is said", []Case{pass}, Known{Case: "msg/b", Reason: "r"}, false, false, 0, "", Conforming, Conforming},
		{"a warning", []Case{pass, {ID: "msg/b/1", Verdict: Warn}}, Known{Case: "msg/b", Reason: "r"}, false, false, 1, "", Conforming, Conforming},
		{"a warning, strict", []Case{pass, {ID: "msg/b/1", Verdict: Warn}}, Known{Case: "msg/b", Reason: "r"}, true, false, 1, "", NonConforming, Conforming},
		{"a warning, strict, not known", []Case{pass, {ID: "msg/b/1", Verdict: Warn}}, Known{Case: "msg/c", Reason: "r"}, true, false, 0, "", NonConforming, NonConforming},
		{"a shard: not stale", []Case{pass}, Known{Case: "msg/a", Reason: "r"}, false, true, 0, "", Inconclusive, Conforming},
		{"a shard: not too wide", []Case{pass, failing("msg/a/1", "x")}, Known{Case: "msg/a", Reason: "r"}, false, true, 1, "", NonConforming, Conforming},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := reportOf(tc.cases)
			r.Strict = tc.strict
			if tc.shard {
				r.Shard = &Shard{Index: 1, Count: 2, Chosen: 4, Digest: "d"}
			}
			r.ExpectFailures([]Known{tc.entry})
			r.Settle()
			require.Equal(t, tc.known, r.Known[0].Cases)
			if tc.problem == "" {
				require.Empty(t, r.Known[0].Problem)
			} else {
				require.Contains(t, r.Known[0].Problem, tc.problem)
			}
			require.Equal(t, tc.problem != "", strings.HasSuffix(r.Why, "; but the list of known failures does not fit: see its entry "+tc.entry.Case), r.Why)
			require.Equal(t, tc.result, r.Result)
			require.Equal(t, tc.forBuild, r.ForBuild())
			text := written(t, JSON, r)
			again, err := Read(strings.NewReader(text))
			require.NoError(t, err)
			require.Equal(t, tc.forBuild, again.ForBuild(), "what was written says the same")
			doc := parsed(t, written(t, JUnit, r))
			require.Equal(t, tc.forBuild != Conforming, doc.Failures+doc.Errors > 0, "JUnit fails a build exactly when the exit code does")
		})
	}
}

func TestWhyNamesTheFirstEntryThatDoesNotFit(t *testing.T) {
	r := reportOf([]Case{{ID: "msg/a/1", Verdict: Pass}, failing("msg/b/1", "x"), {ID: "msg/c/1", Verdict: Pass}})
	r.ExpectFailures([]Known{{Case: "msg/b", Reason: "r"}, {Case: "msg/c", Reason: "r"}, {Case: "msg/a", Reason: "r"}})
	r.Settle()
	require.Equal(t, "1 case shows a MUST broken, and it is known; but the list of known failures does not fit: see its entry msg/c and 1 more", r.Why)
}

func TestReadRefusesFalseKnownFailures(t *testing.T) {
	r := reportOf([]Case{{ID: "msg/a/1", Verdict: Pass}, failing("msg/b/1", "x")})
	r.ExpectFailures([]Known{{Case: "msg/c", Reason: "r"}})
	r.Cases[1].Known = "because I say so"
	r.Settle()
	_, err := Read(strings.NewReader(written(t, JSON, r)))
	require.ErrorIs(t, err, ErrInvalid)
	require.ErrorContains(t, err, `case "msg/b/1" is called known`)

	r.ExpectFailures([]Known{{Case: "msg/a", Reason: "r"}})
	r.Known[0].Problem = ""
	_, err = Read(strings.NewReader(written(t, JSON, r)))
	require.ErrorContains(t, err, "its list of known failures does not fit its cases")
}

func TestMergeJudgesTheListOnTheWhole(t *testing.T) {
	parts := shards()
	for _, p := range parts {
		p.Report.ExpectFailures([]Known{{Case: "msg/a/0", Reason: "r"}})
		p.Report.Settle()
	}
	merged, err := Merge(parts)
	require.NoError(t, err)
	require.Equal(t, []string{"msg/a/0: stale: msg/a/0 passes; take the entry out"}, merged.KnownProblems())

	parts[1].Report.ExpectFailures([]Known{{Case: "msg/a/0", Reason: "another"}})
	_, err = Merge(parts)
	require.ErrorIs(t, err, ErrParts)
	require.ErrorContains(t, err, "has the known")
}
