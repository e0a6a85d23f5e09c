package live

import (
	"cmp"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/conformance/scenario"
	"github.com/oizys-protocol/oizys/spec"
)

// The act with an index is the same whatever was made before, and is read back from its text.
func TestPlanIsPure(t *testing.T) {
	one, other := newPlan(4, 3000, true), newPlan(4, 3000, true)
	var a, b Act
	modes := map[Mode]int{}
	for i := range uint64(2000) {
		one.fill(i, &a)
		other.fill(i*31, &b)
		other.fill(i, &b)
		require.Equal(t, a.String(), b.String())
		modes[a.Mode]++
		for k := range a.List {
			require.NoError(t, a.List[k].Check(), "%s", &a)
		}
		back, err := ParseActs(FormatActs([]Act{a, b}))
		require.NoError(t, err)
		require.Len(t, back, 2)
		require.Equal(t, a.String(), back[1].String())
	}
	require.Len(t, modes, 3, "%v", modes)
	replay := ActAt(spec.Server, 4, 1999, 3000)
	require.Equal(t, a.String(), replay.String())
}

// What is sent stays as it is where less is announced.
func TestAnnounceAtMost(t *testing.T) {
	p, shortened := newPlan(2, growthLength, false), 0
	var a Act
	for i := range uint64(5000) {
		p.fill(i, &a)
		before := a.clone()
		a.announceAtMost(growthLength)
		for k := range a.List {
			require.NoError(t, a.List[k].Check(), "%s", &a)
			require.Equal(t, before.List[k].Size(), a.List[k].Size())
			for n, f := range a.List[k].Frames {
				require.LessOrEqual(t, f.Length, growthLength)
				if f.Length != before.List[k].Frames[n].Length {
					shortened++
				}
			}
		}
	}
	require.NotZero(t, shortened)
}

// Every act is of exactly one shard, with lanes that choose beside each other, and in runs that go on from others.
func TestShardsDoNotOverlap(t *testing.T) {
	const shards, runs, each, lanes = 3, 2, 500, 4
	seen := map[uint64]int{}
	var mu sync.Mutex
	for i := 1; i <= shards; i++ {
		for run := range uint64(runs) {
			h := &hunter{o: Options{Shard: runner.Shard{Index: i, Count: shards}, Runs: each}, corpus: &corpus{progress: progress{Next: run * each}}}
			h.next.Store(h.first())
			var all sync.WaitGroup
			for range lanes {
				l := &lane{h: h, plan: newPlan(1, 100, true)}
				all.Go(func() {
					for turn, more := l.choose(); more; turn, more = l.choose() {
						mu.Lock()
						seen[turn.index]++
						mu.Unlock()
					}
				})
			}
			all.Wait()
			require.Equal(t, (run+1)*each, h.next.Load())
		}
	}
	require.Len(t, seen, shards*runs*each)
	for index := range uint64(shards * runs * each) {
		require.Equal(t, 1, seen[index])
	}
}

// The visit with an index is the same each time, is read back from its text, and all kinds of messages are among them.
func TestVisitsArePure(t *testing.T) {
	empty, long, rests, early, none, longest, single := 0, 0, 0, 0, 0, 0, 0
	for i := range uint64(3000) {
		a, same := visitAt(5, i, 0), visitAt(5, i, 0)
		require.Equal(t, a.String(), same.String())
		back, err := ParseActs(a.String())
		require.NoError(t, err, "%d: %s", i, &a)
		require.Equal(t, a.message(), back[0].message())
		require.NotContains(t, []string{"-", "@"}, string(a.message()[:min(1, len(a.message()))]), "a command line may have another use for it")
		if slices.Contains(words[:], string(a.message())) {
			single++
		}
		switch size := a.List[1].Size(); {
		case size == 0:
			none++
			require.NotEqual(t, scenario.Hold, a.List[1].Close)
		case size >= spec.MaxContentLen:
			longest++
		}
		switch n := len(a.message()); {
		case n == 0:
			empty++
		case n > 1<<17-200:
			long++
		}
		answer := &a.List[1]
		if a.early(answer.Predict(answer.AppendWire(nil))) {
			early++
		}
		if frames := a.List[1].Frames; len(frames) > 0 && frames[0].Await {
			rests++
		}
	}
	require.NotZero(t, empty)
	require.NotZero(t, long)
	require.NotZero(t, rests)
	require.NotZero(t, early)
	require.NotZero(t, none)
	require.NotZero(t, longest)
	require.NotZero(t, single)
}

// Nothing longer is answered than the user allows, and without --max-length not often more than a client prints quickly.
func TestLengthsOfAnswers(t *testing.T) {
	for _, row := range []struct{ limit, often int }{{400, 0}, {0, 100}} {
		over := 0
		for i := range uint64(2000) {
			a := visitAt(9, i, row.limit)
			for _, f := range a.List[1].Frames {
				if f.Length-f.Missing > cmp.Or(row.limit, clientLength) {
					over++
				}
			}
		}
		require.LessOrEqual(t, over, row.often)
		require.Equal(t, row.often > 0, over > 0)
	}
}

func TestParseActsSaysWhatIsWrong(t *testing.T) {
	for _, row := range []struct{ name, text, says string }{
		{"nothing", "# a remark\n", "no scenario"},
		{"no mode", "hold 00:1:text\n", `line 1: "hold 00:1:text" is no way to play`},
		{"no such mode", "twice\nhold 00:1:text\n", `"twice"`},
		{"a wrong scenario", "one\n\n\n# x\nseries\nhold 00:0\nhold zz\n", "line 7"},
		{"no scenario", "# x\n\none\n", `line 3: "one" without a scenario`},
		{"a visit without an answer", "visit\nhold 00:1:text\n", "two lines"},
		{"a visit with a NUL", "visit\nhold 00:1:zeros\nhold 00:1:text\n", "without a NUL"},
		{"too many", "one\nhold 00:0\nhold 00:0\n", "has one scenario"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := ParseActs(row.text)
			require.ErrorContains(t, err, row.says)
		})
	}
}

func TestLine(t *testing.T) {
	ramp := func(n int, f func(i float64) float64) (x, y []float64) {
		for i := range n {
			x, y = append(x, float64(i)), append(y, f(float64(i)))
		}
		return x, y
	}
	for _, row := range []struct {
		name   string
		f      func(i float64) float64
		steady bool
	}{
		{"a leak", func(i float64) float64 { return 7*i + 3 }, true},
		{"nothing", func(float64) float64 { return 5 }, false},
		{"a heap that fills once", func(i float64) float64 { return min(i*50, 400) }, false},
		{"one step", func(i float64) float64 { return float64(int(i) / 12 * 900) }, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			slope, steady := line(ramp(24, row.f))
			require.Equal(t, row.steady, steady, slope)
		})
	}
}

func TestComplaints(t *testing.T) {
	for _, row := range []struct{ name, printed, kind string }{
		{"C", "x\n==7==ERROR: AddressSanitizer: heap-use-after-free on\n", "AddressSanitizer"},
		{"Go", "panic: runtime error: index out of range\n\ngoroutine 1", "go-panic"},
		{"Rust", "thread 'main' panicked at src/main.rs:3:5:\n", "rust-panic"},
		{"Python", "Traceback (most recent call last):\n  File", "python-traceback"},
		{"nothing of the kind", "ready\nFATAL: panic: ERROR\nno panic here\n", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			c, ok := complaint(row.printed)
			require.Equal(t, row.kind, c.kind)
			require.Equal(t, row.kind != "", ok)
		})
	}
}
