package scenario

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func parse(t *testing.T, line string) Scenario {
	t.Helper()
	s, err := Parse(line)
	require.NoError(t, err)
	return *s
}

func TestMinimise(t *testing.T) {
	contains := func(part string) func(wire []byte) bool {
		return func(wire []byte) bool { return bytes.Contains(wire, []byte(part)) }
	}
	for _, row := range []struct {
		name  string
		from  []string
		fails func(wire []byte) bool
		to    []string
	}{
		{
			"the one scenario, the one frame, and of its content the bytes that matter",
			[]string{"hold 00:9:random/3", "hold 00:30:tokens/7 ~00:12:=7878617879787a7878787878 00:3:ones cut=5,9", "abrupt"},
			contains("xyxz"), []string{"hold 00:4:=7879787a"},
		},
		{
			"a wrong reserved byte, any",
			[]string{"half-close 00:300:text/9 ~f4:77:random/9 00:4:text paced=1,2,3"},
			func(wire []byte) bool { return !bytes.Equal(wire[:1], []byte{0}) || bytes.Contains(wire, []byte{0xf4}) },
			[]string{"half-close 01:0"},
		},
		{
			"a long message, as short as fails",
			[]string{"hold 00:40000:random/5"},
			func(wire []byte) bool { return len(wire) > 4+1000 }, []string{"hold 00:1001:text"},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			var list []Scenario
			for _, line := range row.from {
				list = append(list, parse(t, line))
			}
			asked := 0
			small := Minimise(list, 500, func(list []Scenario) bool {
				asked++
				var wire []byte
				for i := range list {
					wire = list[i].AppendWire(wire)
				}
				return len(wire) > 0 && row.fails(wire)
			})
			require.LessOrEqual(t, asked, 500)
			var lines []string
			for i := range small {
				lines = append(lines, small[i].String())
			}
			require.Equal(t, row.to, lines)
			require.Equal(t, row.from[0], list[0].String(), "the list itself is not changed")
		})
	}
}

func TestMinimiseKeepsToItsBudget(t *testing.T) {
	asked := 0
	Minimise([]Scenario{parse(t, "hold 00:4000:random/5 00:30:tokens/3")}, 7, func([]Scenario) bool { asked++; return false })
	require.Equal(t, 7, asked)
}
