package runner

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
	"github.com/oizys-protocol/oizys/vectors"
)

func TestParseShard(t *testing.T) {
	s, err := ParseShard("2/4")
	require.NoError(t, err)
	require.Equal(t, Shard{2, 4}, s)
	for _, word := range []string{"", "1", "/", "1/", "/1", "0/4", "5/4", "-1/4", "1/0", "1/-1", "a/b", "1/2/3", " 1/2", "1/2 ", "1/1001", "0/0", "99999999999999999999/1"} {
		t.Run(word, func(t *testing.T) {
			_, err := ParseShard(word)
			require.ErrorIs(t, err, ErrUsage)
			require.ErrorContains(t, err, fmt.Sprintf("%q is no shard", word))
		})
	}
}

// Each chosen case is the own one of one shard, and what a case rests on is run wherever the case is.
func TestShardsAreThePartsOfTheWhole(t *testing.T) {
	set, err := vectors.Embedded()
	require.NoError(t, err)
	for _, role := range []spec.Role{spec.Server, spec.Client} {
		all, err := Catalogue(role, set)
		require.NoError(t, err)
		known := map[string]bool{}
		for _, c := range all {
			known[c.ID] = true
		}
		for _, count := range []int{1, 2, 3, 7, 50, len(all)} {
			t.Run(fmt.Sprintf("%s in %d", role, count), func(t *testing.T) {
				owned := map[string]int{}
				for i := 1; i <= count; i++ {
					p, err := Shard{i, count}.of(all)
					require.NoError(t, err)
					require.Equal(t, len(all), p.shard.Chosen)
					requireRunnable(t, p, known)
					for id, own := range p.own {
						if own {
							owned[id]++
						}
					}
				}
				require.Len(t, owned, len(all))
				for id, n := range owned {
					require.Equal(t, 1, n, id)
				}
			})
		}
	}
}

func requireRunnable(t *testing.T, p part, known map[string]bool) {
	t.Helper()
	have := map[string]bool{}
	for _, c := range p.cases {
		require.False(t, have[c.ID], "%s is there twice", c.ID)
		have[c.ID] = true
	}
	own := 0
	for _, c := range p.cases {
		if p.own[c.ID] {
			own++
		}
		for _, need := range c.Needs {
			require.True(t, have[need] || !known[need], "%s needs %s, which is not in shard %v", c.ID, need, p.shard)
		}
	}
	require.Positive(t, own)
}

// What was not chosen is not added for being needed.
func TestShardAddsNothingThatWasNotChosen(t *testing.T) {
	chosen := []suite.Case{{ID: "a/b/1", Needs: []string{"a/b/0"}}, {ID: "a/b/2", Needs: []string{"a/b/1"}}}
	p, err := Shard{2, 2}.of(chosen)
	require.NoError(t, err)
	require.Equal(t, chosen, p.cases)
	require.Equal(t, map[string]bool{"a/b/1": false, "a/b/2": true}, p.own)
	_, err = Shard{1, 3}.of(chosen)
	require.ErrorIs(t, err, ErrUsage)
	require.ErrorContains(t, err, "2 cases cannot be split into 3 shards")
	_, err = Run(t.Context(), Options{Command: []string{"x"}, Shard: Shard{3, 2}})
	require.ErrorIs(t, err, ErrUsage)
}

// Shards of a real run, merged, say of a server what the whole run says.
func TestShardsOfARunAreMerged(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		fault  string
		result report.Result
	}{{"none", report.Conforming}, {"empty-echoed", report.NonConforming}} {
		t.Run(row.fault, func(t *testing.T) {
			t.Parallel()
			o := Options{Command: command(t, "faulty", row.fault), Only: []string{"hdr/length/example-*", "msg/empty/*", "stream/coalesced/two"}}
			whole := judged(t, o)
			require.Equal(t, row.result, whole.Result)
			var parts []report.Part
			shared := 0
			for i := 1; i <= 3; i++ {
				o.Shard = Shard{i, 3}
				rep := judged(t, o)
				require.NotEqual(t, report.Conforming, rep.Result)
				for _, c := range rep.Cases {
					if c.Shared {
						shared++
					}
				}
				parts = append(parts, report.Part{Name: fmt.Sprint(i), Report: rep})
			}
			require.Positive(t, shared, "the gate runs in every shard")
			merged, err := report.Merge(parts)
			require.NoError(t, err)
			require.Equal(t, whole.Result, merged.Result)
			require.Equal(t, whole.Summary, merged.Summary)
			require.Equal(t, verdicts(whole), verdicts(merged))
		})
	}
}

// verdicts returns every case with its verdict, in order.
func verdicts(rep *report.Report) []string {
	var all []string
	for _, c := range rep.Cases {
		all = append(all, c.ID+" "+string(c.Verdict))
	}
	return all
}

func TestCasesInWords(t *testing.T) {
	require.Equal(t, "1 case", cases(1))
	require.Equal(t, "2 cases", cases(2))
	require.Equal(t, "; before, in 1 case more", further(1))
	require.Empty(t, further(0))
}
