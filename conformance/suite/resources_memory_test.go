package suite

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMemoryRisesOnlyForGood(t *testing.T) {
	const mib = 1 << 20
	for name, row := range map[string]struct {
		seen []int64
		want int64
	}{
		"nothing":          {nil, 0},
		"too few":          {[]int64{1, 900 * mib}, 0},
		"level":            {[]int64{5 * mib, 5 * mib, 5 * mib}, 0},
		"up and down":      {[]int64{200 * mib, 260 * mib, 210 * mib, 270 * mib, 205 * mib, 265 * mib}, 0},
		"falls":            {[]int64{9 * mib, 8 * mib, 7 * mib}, 0},
		"linear":           {[]int64{10 * mib, 20 * mib, 30 * mib, 40 * mib, 50 * mib, 60 * mib}, 90 * mib},
		"grows, then rest": {[]int64{10 * mib, 40 * mib, 40 * mib, 40 * mib, 40 * mib, 40 * mib}, 0},
	} {
		require.Equal(t, row.want, risen(row.seen), name)
	}
	require.False(t, restsAfter(2, 8))
	require.True(t, restsAfter(2, 6))
}

func TestHowLongMemoryIsLookedAt(t *testing.T) {
	const s = time.Second
	for name, row := range map[string]struct {
		rounds, rested int
		took           time.Duration
		growth         int64
		want           bool
	}{
		"the first round":                       {0, 0, 0, 0, true},
		"quick":                                 {leastRounds, 0, s, 0, true},
		"quick, all rounds":                     {memoryRounds, 1, s, 0, false},
		"not quick, few rounds":                 {leastRounds - 1, 0, memoryLimit, 0, true},
		"not quick, enough rounds":              {leastRounds, 0, memoryLimit, leakGrowth, false},
		"not quick, enough rounds, begins rest": {leastRounds, 1, memoryLimit, leakGrowth, true},
		"slow, little growth":                   {leastRounds - 1, 0, slowLimit, leakGrowth - 1, false},
		"slow, grows":                           {leastRounds - 1, 0, slowLimit, leakGrowth, true},
		"slow, grows, enough rounds":            {leastRounds, 1, slowLimit, leakGrowth, false},
	} {
		require.Equal(t, row.want, memoryGoesOn(row.rounds, row.rested, row.took, row.growth), name)
	}
}

func TestLeakBeyondDoubt(t *testing.T) {
	// rising returns so many rounds' memory, which grows by each of the steps for an even share of them.
	rising := func(rounds int, steps ...int64) []int64 {
		seen := []int64{100 << 20}
		for i := 1; i < rounds; i++ {
			seen = append(seen, seen[i-1]+steps[i*len(steps)/rounds])
		}
		return seen
	}
	const much = 64 << 20
	require.True(t, beyondDoubt(rising(leastRounds, much)))
	require.False(t, beyondDoubt(nil))
	require.False(t, beyondDoubt(rising(leastRounds-1, much)), "too few rounds")
	require.False(t, beyondDoubt(rising(leastRounds, much/4)), "too little growth")
	require.False(t, beyondDoubt(rising(leastRounds, 4*much, much, much, much/4)), "it may come to rest")
	require.False(t, beyondDoubt(rising(leastRounds, much, much, much, 0)), "it has come to rest")
	require.True(t, beyondDoubt(rising(memoryRounds, much, 2*much, much)))
}
