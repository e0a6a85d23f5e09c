package runner

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
)

func TestDeadline(t *testing.T) {
	ms := func(n ...int) []time.Duration {
		var all []time.Duration
		for _, i := range n {
			all = append(all, time.Duration(i)*time.Millisecond)
		}
		return all
	}
	for _, row := range []struct {
		name             string
		times            []time.Duration
		median, patience time.Duration
	}{
		{"no round trip", nil, 0, time.Second},
		{"a quick peer keeps the floor", ms(1, 1, 2, 1, 1), time.Millisecond, time.Second},
		{"a slow one is given fifty of its round trips", ms(100, 90, 110), 100 * time.Millisecond, 5 * time.Second},
		{"one with a hiccup twenty of its worst", ms(1, 1, 400), time.Millisecond, 8 * time.Second},
		{"one round trip", ms(40), 40 * time.Millisecond, 2 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			median, patience := deadline(row.times)
			require.Equal(t, row.median, median)
			require.Equal(t, row.patience, patience)
		})
	}
}

// Of the repetitions the worst counts, and all are remembered.
func TestMerge(t *testing.T) {
	of := func(v report.Verdict) *result {
		res := &result{c: suite.Case{ID: "a/b/c"}}
		if v != report.Pass {
			res.f = &suite.Finding{Verdict: v}
		}
		return res
	}
	order := []report.Verdict{report.Pass, report.Info, report.Skip, report.Warn, report.Error, report.Fail}
	for i, worse := range order {
		for _, better := range order[:i+1] {
			for _, sequence := range [][]report.Verdict{{worse, better}, {better, worse}, {better, worse, better}} {
				t.Run(fmt.Sprint(sequence), func(t *testing.T) {
					merged := map[string]*result{}
					for _, v := range sequence {
						merge(merged, map[string]*result{"a/b/c": of(v)})
					}
					require.Len(t, merged, 1)
					require.Equal(t, worse, merged["a/b/c"].verdictNow())
					require.Equal(t, sequence, merged["a/b/c"].verdict)
					r := &run{}
					entry := r.entry(merged["a/b/c"])
					require.Equal(t, worse != better, entry.Flaky)
					require.Equal(t, sequence, entry.Verdicts)
				})
			}
		}
	}
}

func TestMergeKeepsCasesOfOneRepetition(t *testing.T) {
	merged := map[string]*result{}
	merge(merged, map[string]*result{"a": {c: suite.Case{ID: "a"}}})
	merge(merged, map[string]*result{"b": {c: suite.Case{ID: "b"}}})
	require.Len(t, merged, 2)
	r := &run{}
	require.Empty(t, r.entry(merged["a"]).Verdicts)
}

// Cases are mixed so that one family is not run all at once: none is lost, each family keeps its order, and two
// neighbours are of one family only when no other is left.
func TestMingled(t *testing.T) {
	parameters := gopter.DefaultTestParametersWithSeed(1)
	p := gopter.NewProperties(parameters)
	p.Property("mingled", prop.ForAll(func(families []int) string {
		cases := make([]suite.Case, len(families))
		for i, f := range families {
			cases[i].ID = fmt.Sprintf("area/family-%d/%d", f, i)
		}
		mixed := mingled(cases)
		last := map[string]int{}
		left := map[string]int{}
		for _, c := range cases {
			left[family(c.ID)]++
		}
		for i, c := range mixed {
			var f, number int
			if _, err := fmt.Sscanf(c.ID, "area/family-%d/%d", &f, &number); err != nil {
				return err.Error()
			}
			if before, ok := last[family(c.ID)]; ok && before > number {
				return "out of order: " + c.ID
			}
			if i > 0 && family(mixed[i-1].ID) == family(c.ID) && len(left) > 1 {
				return "neighbours although others were left: " + c.ID
			}
			last[family(c.ID)] = number
			if left[family(c.ID)]--; left[family(c.ID)] == 0 {
				delete(left, family(c.ID))
			}
		}
		if len(mixed) != len(cases) || len(left) > 0 {
			return "cases are lost"
		}
		return ""
	}, gen.SliceOf(gen.IntRange(0, 5))))
	p.TestingRun(t)
}

func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(10)
		b.take(6)
		b.take(4)
		taken := make(chan int, 2)
		go func() {
			b.take(3)
			taken <- 3
		}()
		synctest.Wait()
		require.Empty(t, taken, "there is no room")
		b.give(4)
		require.Equal(t, 3, <-taken)
		go func() {
			b.take(100)
			taken <- 100
		}()
		synctest.Wait()
		require.Empty(t, taken, "more than the limit waits until it is alone")
		b.give(6)
		synctest.Wait()
		require.Empty(t, taken)
		b.give(3)
		require.Equal(t, 100, <-taken)
		b.give(100)
		require.Zero(t, b.used)
	})
}

// A panic in a case is the suite's fault and nobody else's.
func TestPanicInACaseIsAnError(t *testing.T) {
	c := suite.Case{ID: "a/b/c", Run: func(context.Context, *suite.Env) *suite.Finding { panic("index out of range") }}
	f := guarded(t.Context(), c, &suite.Env{})
	require.NotNil(t, f)
	require.Equal(t, report.Error, f.Verdict)
	require.Contains(t, f.Actual, "index out of range")
	require.False(t, f.Bad())
}

func TestSuspectsAreThoseThatEndedLast(t *testing.T) {
	now := time.Now()
	early, late := &result{ended: now.Add(-2 * suspicion)}, &result{ended: now}
	r := &run{subject: &subject{}}
	suspects, innocent := r.suspects([]*result{early, late})
	require.Equal(t, []*result{late}, suspects)
	require.Equal(t, []*result{early}, innocent)
}

func TestWhatAPeerPrintsIsSafeToShow(t *testing.T) {
	shown := indent("plain\n\x1b[31mred \xff \"quoted\" é\ttab\n")
	require.Equal(t, "  | plain\n  | \\x1b[31mred \\xff \\\"quoted\\\" \\u00e9\\ttab\n  |", strings.TrimRight(shown, " "))
	long := indent(strings.Repeat("x", 5000))
	require.Less(t, len(long), 2100)
	require.Contains(t, long, "xxx")
}

func TestTailOfOutput(t *testing.T) {
	require.Equal(t, "short", tail("short"))
	long := strings.Repeat("a", 5000) + "the end"
	require.True(t, strings.HasPrefix(tail(long), "…a"))
	require.True(t, strings.HasSuffix(tail(long), "the end"))
	require.Less(t, len(tail(long)), 2100)
}

func TestMoreOfAList(t *testing.T) {
	require.Empty(t, more(nil))
	require.Empty(t, more([]string{"a"}))
	require.Equal(t, " (and 2 more like it)", more([]string{"a", "b", "c"}))
}

// The requirement that a finding breaks comes first, and none is cited twice.
func TestRulesOfAFinding(t *testing.T) {
	c := suite.Case{Requirements: []string{"msg/empty", "close/on-error"}}
	ids := func(f *suite.Finding) []string {
		var all []string
		for _, rule := range rules(f, c) {
			require.NotEmpty(t, rule.Statement)
			require.NotEmpty(t, rule.Source)
			all = append(all, rule.ID)
		}
		return all
	}
	require.Equal(t, []string{"msg/empty", "close/on-error"}, ids(&suite.Finding{}))
	require.Equal(t, []string{"close/on-error", "msg/empty"}, ids(&suite.Finding{Requirement: "close/on-error"}))
	require.Equal(t, []string{"srv/stays-up", "msg/empty", "close/on-error"}, ids(&suite.Finding{Requirement: "srv/stays-up"}))
}

func TestSubstitution(t *testing.T) {
	require.Equal(t, []string{"./echo", "--at=/tmp/s", "/tmp/s/tmp/s", "{other}"}, substitute([]string{"./echo", "--at={socket}", "{socket}{socket}", "{other}"}, "/tmp/s"))
}

// Every case of a run, alone or beside others, knows what the peer got right in it.
func TestCasesKnowWhatThePeerGotRight(t *testing.T) {
	r := &run{subject: &subject{}}
	var seen []*suite.Seen
	c := suite.Case{ID: "x/y/z", Run: func(_ context.Context, e *suite.Env) *suite.Finding {
		seen = append(seen, e.Seen)
		return nil
	}}
	r.execute(t.Context(), c, time.Second, nil)
	r.executeIn(t.Context(), c, r.loneEnv(c.ID, time.Second), nil)
	require.Equal(t, []*suite.Seen{&r.right, &r.right}, seen)
}

// A case that comes to its limit was not judged, so that nothing is certified; a slow peer has its time.
func TestCaseThatDoesNotEndIsNotJudged(t *testing.T) {
	for _, row := range []struct {
		name            string
		own, pace, want time.Duration
	}{
		{"every case", 0, time.Second, caseLimit},
		{"one that takes long", 5 * time.Minute, time.Second, 5 * time.Minute},
		{"a slow peer", 0, 10 * time.Second, limitFactor * 10 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				c := suite.Case{ID: "x/y/z", Limit: row.own, Run: func(ctx context.Context, _ *suite.Env) *suite.Finding {
					<-ctx.Done()
					return nil
				}}
				r := &run{subject: &subject{}}
				res := r.execute(t.Context(), c, row.pace, nil)
				require.Equal(t, row.want, time.Since(begin))
				require.Equal(t, report.Error, res.verdictNow())
				require.Contains(t, res.f.Actual, "--skip x/y/z")
				result, _ := report.Decide(report.Count([]report.Case{r.entry(res), {Verdict: report.Pass}}), true, false)
				require.Equal(t, report.Inconclusive, result)
			})
		})
	}
}
