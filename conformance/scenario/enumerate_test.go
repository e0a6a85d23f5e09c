package scenario

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A space is walked through whole, without a scenario twice, and the reference does as predicted in all of it.
func TestSpaceIsWalkedThroughWhole(t *testing.T) {
	for _, row := range []struct {
		name  string
		space Space
		count int
	}{
		// Streams of 1 to 4 bytes: 4, 16, 64 and 256, ended; of those of 4 bytes 192 have a wrong reserved byte and one is
		// an empty message, which are held besides.
		{"every stream of up to 3 bytes, every cut", Space{Longest: 3}, 4*1 + 16*2 + 64*4},
		{"uncut", Space{Longest: 4, Uncut: true}, 4 + 16 + 64 + 256 + 193},
		{"paced, of two bytes", Space{Alphabet: []byte{0, 1}, Longest: 5, Paced: true}, 1*2 + 2*4 + 4*8 + 8*(16+9) + 16*(32+16+2+2)},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := player(t, reference(t))
			seen := map[string]bool{}
			for i, s := range row.space.All() {
				require.EqualValues(t, len(seen), i)
				require.NoError(t, s.Check(), s)
				line := s.String()
				require.False(t, seen[line], line)
				seen[line] = true
				r := p.Play(s)
				require.Equal(t, None, r.Breach, "%s: %s", line, r)
			}
			require.Equal(t, row.count, len(seen))
		})
	}
}
