package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// shards returns the reports of a run of five cases that was split in two, where msg/a/0 was run in both.
func shards() []Part {
	ids := []string{"msg/a/0", "msg/a/1", "msg/a/2", "msg/a/3", "msg/a/4"}
	parts := []Part{{Name: "1.json"}, {Name: "2.json"}}
	for i := range parts {
		r := reportOf(nil)
		r.Shard = &Shard{Index: i + 1, Count: 2, Chosen: len(ids), Digest: DigestOf(ids)}
		for k, id := range ids {
			if k%2 == i || k == 0 {
				r.Cases = append(r.Cases, Case{ID: id, Requirements: []string{"msg/a"}, Verdict: Pass, Shared: k%2 != i})
			}
		}
		r.Settle()
		parts[i].Report = r
	}
	return parts
}

func TestMergePutsShardsTogether(t *testing.T) {
	parts := shards()
	for _, p := range parts {
		require.Equal(t, Inconclusive, p.Report.Result, "a shard alone")
		require.True(t, p.Report.ShardFoundNothing())
	}
	merged, err := Merge([]Part{parts[1], parts[0]})
	require.NoError(t, err)
	require.Equal(t, Conforming, merged.Result)
	require.Equal(t, Summary{Pass: 5}, merged.Summary)
	require.Nil(t, merged.Shard)
	require.Equal(t, 6, merged.Peer.Starts)
	for i, c := range merged.Cases {
		require.Equal(t, fmt.Sprintf("msg/a/%d", i), c.ID, "in the order that was split")
		require.False(t, c.Shared)
		require.False(t, c.Flaky)
	}
	_, err = Read(strings.NewReader(written(t, JSON, merged)))
	require.NoError(t, err)
}

// What explains the findings of one shard need not explain those of all.
func TestMergeKeepsNoDiagnosisOfAPart(t *testing.T) {
	parts := shards()
	parts[0].Report.Diagnosis = &Diagnosis{Summary: "of one shard"}
	merged, err := Merge(parts)
	require.NoError(t, err)
	require.Nil(t, merged.Diagnosis)
	require.NotNil(t, parts[0].Report.Diagnosis, "the part is left as it is")
}

func TestMergeKeepsTheWorst(t *testing.T) {
	for _, row := range []struct {
		name        string
		own, shared Verdict
		want        Verdict
		flaky       bool
		result      Result
	}{
		{"failed in its own shard", Fail, Pass, Fail, true, NonConforming},
		{"failed elsewhere", Pass, Fail, Fail, true, NonConforming},
		{"not judged elsewhere", Pass, Error, Error, true, Inconclusive},
		{"warned elsewhere", Pass, Warn, Warn, true, Conforming},
		{"failed in both", Fail, Fail, Fail, false, NonConforming},
		{"skipped elsewhere", Pass, Skip, Pass, false, Conforming},
		{"skipped in its own", Skip, Pass, Skip, true, Conforming},
	} {
		t.Run(row.name, func(t *testing.T) {
			parts := shards()
			parts[0].Report.Cases[0].Verdict, parts[1].Report.Cases[0].Verdict = row.own, row.shared
			parts[0].Report.Settle()
			parts[1].Report.Settle()
			merged, err := Merge(parts)
			require.NoError(t, err)
			require.Equal(t, row.want, merged.Cases[0].Verdict)
			require.Equal(t, row.flaky, merged.Cases[0].Flaky)
			require.Equal(t, row.result, merged.Result)
		})
	}
}

// A case that no shard was given to, and that failed in one, is not lost.
func TestMergeKeepsWhatIsNobodysOwn(t *testing.T) {
	parts := shards()
	parts[1].Report.Cases = append(parts[1].Report.Cases, Case{ID: "srv/stays-up/whole-run", Verdict: Fail, Shared: true})
	parts[1].Report.Settle()
	merged, err := Merge(parts)
	require.NoError(t, err)
	require.Len(t, merged.Cases, 6)
	require.Equal(t, NonConforming, merged.Result)
}

func TestMergeRefuses(t *testing.T) {
	for _, row := range []struct {
		name string
		edit func(parts []Part) []Part
		says string
	}{
		{"nothing", func([]Part) []Part { return nil }, "there is no report"},
		{"a shard that is missing", func(p []Part) []Part { return p[:1] }, "1 report is missing, that of shard 2/2"},
		{"a shard twice", func(p []Part) []Part { return []Part{p[0], {"again.json", p[0].Report}} }, "again.json is shard 1 of 2, which 1.json is already"},
		{"a shard too many", func(p []Part) []Part { return append(p, p[1]) }, "which 2.json is already"},
		{"a whole run", func(p []Part) []Part { p[1].Report.Shard = nil; return p }, "2.json is no shard's report"},
		{"a whole run first", func(p []Part) []Part { p[0].Report.Shard = nil; return p }, "1.json is no shard's report"},
		{"another split", func(p []Part) []Part { p[1].Report.Shard.Count = 3; return p }, "2.json is shard 2 of 3, and 1.json is shard 1 of 2"},
		{"cut short", func(p []Part) []Part { p[1].Report.Complete = false; return p }, "2.json was cut short"},
		{"another version", func(p []Part) []Part { p[1].Report.Suite.Version = "9"; return p }, "2.json has the suite.version 9, and 1.json has 0.1.0"},
		{"other vectors", func(p []Part) []Part { p[1].Report.Suite.VectorsDigest = "x"; return p }, "suite.vectors_digest"},
		{"another catalogue", func(p []Part) []Part { p[1].Report.Suite.Cases++; return p }, "suite.cases"},
		{"another role", func(p []Part) []Part { p[1].Report.Role = "client"; return p }, "role client"},
		{"another peer", func(p []Part) []Part { p[1].Report.Peer.Command = []string{"./other"}; return p }, "peer.command [./other]"},
		{"another socket", func(p []Part) []Part { p[1].Report.Peer.Attach = "s"; return p }, "peer.attach"},
		{"another seed", func(p []Part) []Part { p[1].Report.Seed = 7; return p }, "2.json has the seed 7, and 1.json has 42"},
		{"one strict", func(p []Part) []Part { p[1].Report.Strict = true; return p }, "strict"},
		{"one repeated", func(p []Part) []Part { p[1].Report.Repeat = 2; return p }, "repeat"},
		{"other cases chosen", func(p []Part) []Part { p[1].Report.Shard.Digest = "x"; return p }, "shard.digest"},
		{"a case missing", func(p []Part) []Part { p[1].Report.Cases = p[1].Report.Cases[:2]; return p }, "4 cases, and not the 5"},
		{"a case replaced", func(p []Part) []Part { p[1].Report.Cases[1].ID = "msg/b/1"; return p }, "missing or foreign"},
		{"a case twice", func(p []Part) []Part { p[1].Report.Cases[0].Shared = false; return p }, "2.json has case msg/a/0, and so has 1.json"},
	} {
		t.Run(row.name, func(t *testing.T) {
			merged, err := Merge(row.edit(shards()))
			require.ErrorIs(t, err, ErrParts)
			require.ErrorContains(t, err, row.says)
			require.Nil(t, merged)
		})
	}
}

func TestShardIsNeverConforming(t *testing.T) {
	for _, row := range []struct {
		verdict Verdict
		result  Result
		nothing bool
	}{
		{Pass, Inconclusive, true}, {Warn, Inconclusive, true}, {Fail, NonConforming, false}, {Error, Inconclusive, false}, {Skip, Inconclusive, true},
	} {
		t.Run(string(row.verdict), func(t *testing.T) {
			r := shards()[0].Report
			r.Cases[1].Verdict = row.verdict
			r.Settle()
			require.Equal(t, row.result, r.Result)
			require.Equal(t, row.nothing, r.ShardFoundNothing())
			require.Contains(t, r.Why, "shard 1 of 2", "also where it failed")
			text := written(t, Text, r)
			require.Contains(t, text, "shard 1 of 2")
			junit := written(t, JUnit, r)
			require.Equal(t, row.nothing, !strings.Contains(junit, "<failure") && !strings.Contains(junit, "<error"), "JUnit is green for a shard that found nothing")
		})
	}
	cut := shards()[0].Report
	cut.Complete = false
	cut.Settle()
	require.False(t, cut.ShardFoundNothing())
}
