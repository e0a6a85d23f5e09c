package content

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

const longest = 3 * Block / 2

func TestPatternIsTheSameEverywhere(t *testing.T) {
	require.True(t, bytes.Equal(New(longest), New(longest)))
	require.True(t, bytes.Equal(New(longest)[:100], New(16)[:100]), "of another length")
}

func TestMessagesDifferFromTheirNeighbours(t *testing.T) {
	p := New(16)
	for i := range 2 * windows {
		require.Len(t, p.Message(i, 16), 16)
		require.NotEqual(t, p.Message(i, 16), p.Message(i+1, 16), "message %d", i)
	}
}

func TestTallyTakesWhatIsExpected(t *testing.T) {
	p := New(longest)
	for _, size := range []int{1, 7, 8, 9, 16, 1000, longest} {
		tally := NewTally(p, size, 3)
		for i := range 3 {
			require.False(t, tally.Done())
			require.NoError(t, tally.Take(p.Message(i, size)), "size %d", size)
			require.Equal(t, i+1, tally.Seen())
		}
		require.True(t, tally.Done())
		require.ErrorIs(t, tally.Take(p.Message(3, size)), ErrCount)
	}
}

func TestTallySeesWhatIsWrong(t *testing.T) {
	const size = 16
	p := New(size)
	second := p.Message(1, size)
	last := slices.Clone(second)
	last[size-1] ^= 1
	rows := []struct {
		name string
		got  []byte
		want error
	}{
		{"nothing", nil, ErrLength},
		{"a byte too few", second[:size-1], ErrLength},
		{"a byte too many", p.Message(1, size+1), ErrLength},
		{"the message before", p.Message(0, size), ErrContent},
		{"the message after", p.Message(2, size), ErrContent},
		{"the last byte changed", last, ErrContent},
		{"zeroes", make([]byte, size), ErrContent},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			tally := NewTally(p, size, 5)
			require.NoError(t, tally.Take(p.Message(0, size)))
			require.ErrorIs(t, tally.Take(row.got), row.want)
			require.Equal(t, 1, tally.Seen(), "what is wrong does not count")
		})
	}
}

// A changed block is found soon, wherever it is.
func TestTallyLooksEverywhere(t *testing.T) {
	p := New(longest)
	wrong := slices.Clone(p.Message(0, longest))
	clear(wrong[longest/3 : longest/2])
	for range 1000 {
		tally := NewTally(p, longest, 1)
		if tally.Take(wrong) != nil {
			return
		}
	}
	t.Fatal("a sixth of a message was changed, and nobody saw it in 1000 looks")
}

func TestStreamTakesAnyPieces(t *testing.T) {
	p := New(longest)
	period := p.Period(longest)
	require.Len(t, period, 2*Block)
	stream := bytes.Repeat(period, 3)
	s := NewStream(p, longest)
	for piece := 1; len(stream) > 0; piece *= 3 {
		n := min(piece, len(stream))
		require.NoError(t, s.Take(stream[:n]))
		stream = stream[n:]
	}
}

func TestStreamSeesWhatIsWrong(t *testing.T) {
	p := New(longest)
	s := NewStream(p, longest)
	require.NoError(t, s.Take(p.Period(longest)[:1000]))
	require.ErrorIs(t, s.Take(p.Period(longest)[1001:2000]), ErrContent, "a byte is missing")
}
