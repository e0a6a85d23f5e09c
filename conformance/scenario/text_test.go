package scenario

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Every scenario is read back from its line as it was, and sends the same bytes.
func TestEveryScenarioIsReadBack(t *testing.T) {
	g := Generator{Seed: 7, MaxLength: 5000}
	var s Scenario
	for i := range uint64(5000) {
		g.Fill(i, &s)
		back, err := Parse(s.String())
		require.NoError(t, err, "%d: %s", i, &s)
		require.Equal(t, s.String(), back.String())
		require.Equal(t, s.AppendWire(nil), back.AppendWire(nil))
		require.ElementsMatch(t, s.Cuts, back.Cuts, "%d: %s", i, &s)
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	for _, row := range []struct{ name, line, says string }{
		{"nothing", " ", "empty"},
		{"no such end", "close 00:1:text", `"close" says nothing about the end`},
		{"no length", "hold 00", "a frame is RESERVED:LENGTH:CONTENT"},
		{"no reserved byte", "hold xx:1:text", "a frame is RESERVED:LENGTH:CONTENT"},
		{"a long reserved byte", "hold 100:1:text", "a frame is RESERVED:LENGTH:CONTENT"},
		{"a length in letters", "hold 00:one:text", `"one" is no length`},
		{"a length beyond three bytes", "hold 00:16777216:text", "no header announces 16777216 bytes"},
		{"no such content", "hold 00:1:words", `unknown content "words"`},
		{"no content", "hold 00:1", "without a content"},
		{"half a byte", "hold 00:1:=a", "no content in hex"},
		{"no bytes", "hold 00:1:=", "literal content without bytes"},
		{"a seed in words", "hold 00:1:text/seed", `"seed" is no seed`},
		{"all is missing", "half-close 00:1:text-5", "at least one is sent"},
		{"a truncated frame in the middle", "half-close 00:2:text-1 00:1:text", "only the last frame can be truncated"},
		{"held inside a message", "hold 00:2:text-1", "ends inside a message"},
		{"a cut at the end", "hold 00:1:text cut=5", "a cut at 5"},
		{"cuts that fall", "hold 00:1:text cut=3,2", "a cut at 2"},
		{"cuts in words", "hold 00:1:text cut=a", `"a" is no offset`},
		{"cuts twice", "hold 00:1:text cut=1 paced=2", "given twice"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := Parse(row.line)
			require.ErrorIs(t, err, ErrInvalid)
			require.ErrorContains(t, err, row.says)
		})
	}
}

func TestBytes(t *testing.T) {
	for _, row := range []struct {
		name, line string
		wire       string
	}{
		{"a message written out", "hold 00:2:=4869", "\x00\x00\x00\x02Hi"},
		{"a literal repeats to its length", "hold 00:5:=4869", "\x00\x00\x00\x05HiHiH"},
		{"an empty message", "hold 00:0", "\x00\x00\x00\x00"},
		{"half a header", "half-close 00:258:text-260", "\x00\x00"},
		{"a header and one byte", "half-close 00:258:zeros-257", "\x00\x00\x01\x02\x00"},
		{"a wrong reserved byte", "hold 7f:3:ones", "\x7f\x00\x00\x03\xff\xff\xff"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, err := Parse(row.line)
			require.NoError(t, err)
			require.Equal(t, row.wire, string(s.AppendWire(nil)))
			require.Equal(t, len(row.wire), s.Size())
			require.Equal(t, row.wire, string(FromWire([]byte(row.wire), s.Close).AppendWire(nil)))
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, line := range []string{"hold 00:5:text/1f ~00:2:=4869 7f:3:zeros paced=4,9", "half-close 00:9:framed-3", "abrupt"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		s, err := Parse(line)
		if err != nil {
			require.ErrorIs(t, err, ErrInvalid)
			return
		}
		back, err := Parse(s.String())
		require.NoError(t, err)
		require.Equal(t, s.String(), back.String())
	})
}
