package process

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOutputKeepsBeginningAndEnd(t *testing.T) {
	for _, row := range []struct {
		name  string
		total int
		whole bool
	}{
		{"nothing", 0, true},
		{"one byte", 1, true},
		{"the head exactly", keepHead, true},
		{"one byte more", keepHead + 1, true},
		{"head and tail exactly", keepHead + keepTail, true},
		{"one byte too many", keepHead + keepTail + 1, false},
		{"twice the tail", keepHead + 2*keepTail, false},
		{"where the tail is cut", keepHead + 2*keepTail + 1, false},
		{"very much", 1 << 20, false},
	} {
		for _, piece := range []int{1 << 20, 4096, 1000, 7} {
			t.Run(fmt.Sprintf("%s in pieces of %d", row.name, piece), func(t *testing.T) {
				var o Output
				all := make([]byte, row.total)
				for i := range all {
					all[i] = 'a' + byte(i%23)
				}
				for rest := all; len(rest) > 0; {
					n, err := o.Write(rest[:min(piece, len(rest))])
					require.NoError(t, err)
					require.Equal(t, min(piece, len(rest)), n)
					rest = rest[n:]
				}
				if row.whole {
					require.Equal(t, string(all), o.String())
					return
				}
				left := row.total - keepHead - keepTail
				require.Equal(t, fmt.Sprintf("%s\n[%d bytes left out]\n%s", all[:keepHead], left, all[keepHead+left:]), o.String())
				require.LessOrEqual(t, cap(o.tail), 1<<20+4*keepTail, "what is held is bounded")
			})
		}
	}
}

// A program that prints more than a pipe holds is never held up, and of what it printed both ends are kept.
func TestFloodIsDrained(t *testing.T) {
	p := self(t, "floods")
	ended(t, p)
	p.Stop(long)
	out := p.Output()
	require.True(t, strings.HasPrefix(out, "line 000000\nline 000001\n"))
	require.True(t, strings.HasSuffix(out, "line 199998\nline 199999\n"))
	require.Contains(t, out, "bytes left out]")
	require.Less(t, len(out), keepHead+keepTail+100)
}
