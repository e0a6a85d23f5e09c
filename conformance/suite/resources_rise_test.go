package suite

import (
	"testing"

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
