package suite

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/model"
)

func TestFrame(t *testing.T) {
	for _, row := range []struct {
		name      string
		got, want []byte
	}{
		{"the source's first example", frame([]byte("Hi")), []byte("\x00\x00\x00\x02Hi")},
		{"the source's second example", frame([]byte("foo")), []byte("\x00\x00\x00\x03foo")},
		{"three bytes of length", rawFrame(0, 0x123456, []byte("x")), []byte("\x00\x12\x34\x56x")},
		{"a wrong reserved byte", rawFrame(0x7f, 3, []byte("bad")), []byte("\x7f\x00\x00\x03bad")},
		{"no content", rawFrame(0, 0, nil), []byte("\x00\x00\x00\x00")},
		{"joined", join([]byte("a"), nil, []byte("bc")), []byte("abc")},
	} {
		t.Run(row.name, func(t *testing.T) { require.Equal(t, row.want, row.got) })
	}
}

func TestContentHasItsLengthAndTag(t *testing.T) {
	const tag = "a tag"
	for n := range 200 {
		b := content(tag, n)
		require.Len(t, b, n)
		require.Equal(t, n > len(tag), bytes.HasPrefix(b, []byte(tag)), n)
		require.Equal(t, b, content(tag, n), "the same each time")
	}
	require.NotEqual(t, content("one", 3), content("two", 3), "a short content shows its tag, too")
}

// Whatever is shifted, dropped, repeated or taken from elsewhere shows: no stretch of eight bytes stands in a content
// twice, and none in two contents.
func TestContentShowsItsPlace(t *testing.T) {
	const n = 1 << 15
	seen := make(map[uint64]string, 2*n)
	for _, tag := range []string{"positional", "another"} {
		b := content(tag, n)
		for at := 0; at+8 <= n; at++ {
			stretch := binary.BigEndian.Uint64(b[at:])
			if where, twice := seen[stretch]; twice {
				require.Fail(t, "a stretch stands in two places", "%s and %s %d", where, tag, at)
			}
			seen[stretch] = fmt.Sprint(tag, " ", at)
		}
	}
	require.Len(t, seen, 2*(n-7))
}

// A content that is moved by a few bytes is equal to itself in no more places than chance has it.
func TestContentDiffersFromItselfMoved(t *testing.T) {
	const n = 1 << 16
	b := content("moved", n)
	for _, by := range []int{1, 2, 3, 4, 7, 8, 16, 64, 255, 256, 4096, 32768} {
		equal := 0
		for i := by; i < n; i++ {
			if b[i] == b[i-by] {
				equal++
			}
		}
		require.Less(t, equal, (n-by)/128, "moved by %d", by)
	}
}

func TestStreamsAreWhatTheySay(t *testing.T) {
	e := &Env{}
	defer e.Close()
	for _, row := range []struct {
		name     string
		wire     []byte
		messages int
	}{
		{"mixed", e.mixed("tag", 10_000), 10_000},
		{"alternating", e.alternating(), 32},
		{"one byte", oneByteMessages(5000), 5000},
	} {
		t.Run(row.name, func(t *testing.T) {
			out := model.Judge(row.wire, false)
			require.Equal(t, model.Open, out.End)
			require.Len(t, out.Messages, row.messages)
			alike := 0
			for i := 1; i < len(out.Messages); i++ {
				a, b := out.Messages[i-1], out.Messages[i]
				if bytes.Equal(row.wire[a.Offset:a.Offset+a.Length], row.wire[b.Offset:b.Offset+b.Length]) {
					alike++
				}
			}
			require.LessOrEqual(t, alike, row.messages/100, "neighbours that could be swapped unseen")
		})
	}
}

func TestRandomStreamsAreValidAndRepeatable(t *testing.T) {
	for seed := range uint64(200) {
		wire := randomStream(NewRand(seed, "id"))
		out := model.Judge(wire, false)
		require.Equal(t, model.Open, out.End)
		require.NotEmpty(t, out.Messages)
		require.LessOrEqual(t, len(out.Messages), 12)
		require.Equal(t, wire, randomStream(NewRand(seed, "id")))
	}
	require.NotEqual(t, randomStream(NewRand(1, "id")), randomStream(NewRand(2, "id")))
	require.NotEqual(t, randomStream(NewRand(1, "id")), randomStream(NewRand(1, "other")))
}

// properties run on a fixed seed: what fails once fails again.
func properties() *gopter.Properties {
	parameters := gopter.DefaultTestParametersWithSeed(1)
	parameters.MinSuccessfulTests = 500
	return gopter.NewProperties(parameters)
}

func TestCutPieces(t *testing.T) {
	p := properties()
	sizes := gen.SliceOf(gen.IntRange(1, 40)).SuchThat(func(s []int) bool { return len(s) > 0 })
	p.Property("cut at any place, the pieces are the same bytes with one more cut", prop.ForAll(func(sizes []int, where int) string {
		total := sum(sizes)
		at := where % (total + 1)
		before, after := cutPieces(sizes, total, at)
		if at > 0 && sum(before) != at || at < total && sum(after) != total-at || at == 0 && before != nil || at == total && after != nil {
			return fmt.Sprintf("at %d of %d: %v and %v", at, total, before, after)
		}
		want := cutPlaces(sizes)
		want[at] = true
		got := cutPlaces(append(append([]int(nil), before...), after...))
		got[at] = true
		return sameCuts(want, got)
	}, sizes, gen.IntRange(0, 1<<20)))
	p.TestingRun(t)
	before, after := cutPieces(nil, 10, 4)
	require.Nil(t, before, "no sizes stay none")
	require.Nil(t, after)
}

func TestRandomPieces(t *testing.T) {
	p := properties()
	p.Property("random pieces add up, and none is empty or too long", prop.ForAll(func(total, most int) bool {
		sizes := randomPieces(NewRand(uint64(total), "pieces"), total, most)
		for _, n := range sizes {
			if n < 1 || n > most {
				return false
			}
		}
		return sum(sizes) == total
	}, gen.IntRange(0, 5000), gen.IntRange(1, 300)))
	p.TestingRun(t)
}

func sum(sizes []int) int {
	total := 0
	for _, n := range sizes {
		total += n
	}
	return total
}

// cutPlaces returns where the pieces of the given sizes end.
func cutPlaces(sizes []int) map[int]bool {
	at, all := 0, map[int]bool{}
	for _, n := range sizes {
		at += n
		all[at] = true
	}
	return all
}

func sameCuts(a, b map[int]bool) string {
	for at := range a {
		if !b[at] {
			return fmt.Sprintf("no cut at %d", at)
		}
	}
	for at := range b {
		if !a[at] {
			return fmt.Sprintf("a cut at %d", at)
		}
	}
	return ""
}
