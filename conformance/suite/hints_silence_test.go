package suite

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// An answer that does not come, or breaks off, has the likely causes that fit what came and what the peer got right
// before, and no other.
func TestHintsOfSilence(t *testing.T) {
	sized := func(n int) []byte { return frame(content("sized", n)) }
	hi := frame([]byte("Hi"))
	const upper, signed, limit, short = "upper byte may be lost", "signed number", "a limit, or a buffer, of its own", "short write"
	const header, body = "a header is taken from a single read", "content is taken from a single read"
	for _, row := range []struct {
		name    string
		sent    []byte
		pieces  []int
		matched int
		seen    [][]byte // messages that came back before
		want    []string // parts of the hints, in their order
	}{
		{name: "short", sent: hi},
		{name: "the answer's header breaks off", sent: sized(70_000), matched: 2},
		{name: "16 bits hold nothing", sent: sized(1 << 20), want: []string{upper, limit}},
		{name: "16 bits hold nothing, and 65,536 came back", sent: sized(1 << 20), seen: [][]byte{sized(65_536)}, want: []string{limit}},
		{name: "16 bits hold something of which nothing came", sent: sized(70_000), seen: [][]byte{sized(32_768)}, want: []string{limit}},
		{name: "as much came as 16 bits hold", sent: sized(70_000), matched: 4 + 4464, want: []string{"16 bits hold 4,464 of 70,000"}},
		{name: "as much came as 16 bits hold of one byte", sent: sized(65_537), matched: 5, want: []string{upper}},
		{name: "as much came as 16 bits hold, and 65,536 came back", sent: sized(70_000), matched: 4 + 4464, seen: [][]byte{sized(65_536)}, want: []string{short}},
		{name: "it breaks off elsewhere", sent: sized(1 << 20), matched: 219_264, want: []string{short}},
		{name: "it breaks off where 16 bits hold nothing", sent: sized(1 << 20), matched: 4 + 65_536, want: []string{short}},
		{name: "it breaks off at once", sent: sized(300), matched: 104},
		{name: "a high byte of the length", sent: sized(128), want: []string{signed}},
		{name: "a high middle byte", sent: sized(0x8000), seen: [][]byte{sized(255)}, want: []string{signed, limit}},
		{name: "high bytes that were understood", sent: sized(255), seen: [][]byte{sized(128)}},
		{name: "the longest, all before understood", sent: sized(0xffffff), seen: [][]byte{sized(0xfffffe)}, want: []string{"16,777,214 came back before"}},
		{name: "shorter than what came back", sent: sized(0x1300), seen: [][]byte{sized(0x1770)}},
		{name: "a header in pieces", sent: hi, pieces: []int{1, 5}, want: []string{header}},
		{name: "content in pieces", sent: hi, pieces: []int{5, 1}, want: []string{body}},
		{name: "content apart", sent: hi, pieces: []int{4, 2}, want: []string{body}},
		{name: "both in pieces", sent: hi, pieces: []int{1, 1, 1, 1, 1, 1}, want: []string{header, body}},
		{name: "the second one in pieces", sent: join(hi, hi), pieces: []int{7, 5}, matched: 6, want: []string{header}},
		{name: "the content's first piece came back", sent: hi, pieces: []int{5, 1}, matched: 5, want: []string{body}},
	} {
		t.Run(row.name, func(t *testing.T) {
			x := exchange{sent: row.sent, pieces: row.pieces, seen: new(Seen)}
			for _, message := range row.seen {
				x.seen.right(message, nil)
			}
			f := x.judgeOpen(t.Context(), transport.State{Want: int64(len(row.sent)), Matched: int64(row.matched), Got: int64(row.matched), Ended: "end of stream"}, nil)
			require.NotNil(t, f)
			require.Len(t, f.Hints, len(row.want), "%q", f.Hints)
			for i, want := range row.want {
				require.Contains(t, f.Hints[i], want)
			}
		})
	}
}

// What comes behind an error tells how it was missed.
func TestHintsOfGoingOn(t *testing.T) {
	bait := frame(content("bait", 32))
	for _, row := range []struct {
		name  string
		wire  []byte
		ended bool
		came  []byte
		want  string
	}{
		{"empty, skipped", rawFrame(0, 0, nil), false, bait, emptySkipped},
		{"empty, skipped, and a few bytes came", rawFrame(0, 0, nil), false, bait[:4], emptySkipped},
		{"empty, answered", rawFrame(0, 0, nil), false, join(rawFrame(0, 0, nil), bait), emptyAnswered},
		{"empty, an error message", rawFrame(0, 0, nil), false, frame([]byte("error")), ""},
		{"cut, the part", rawFrame(0, 8, []byte("1234")), true, frame([]byte("1234")), partDelivered},
		{"cut, with the header that came", rawFrame(0, 8, []byte("1234")), true, rawFrame(0, 8, []byte("1234")), partDelivered},
		{"cut behind the header", rawFrame(0, 8, nil), true, frame(nil), partDelivered},
		{"cut, 16 bits", rawFrame(0, 65_538, []byte("1234")), true, rawFrame(0, 65_538, []byte("12")), "16 bits hold 2"},
		{"cut, an error message", rawFrame(0, 8, []byte("1234")), true, frame([]byte("error")), ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			x := exchange{sent: row.wire, out: model.Judge(row.wire, row.ended)}
			if !row.ended {
				x.tail = bait
			}
			f := x.afterError(transport.State{Got: int64(len(row.came)), Stray: row.came}, "closed")
			require.Equal(t, report.Fail, f.Verdict)
			if row.want == "" {
				require.Empty(t, f.Hints)
				return
			}
			require.Contains(t, f.Hints[0], row.want)
		})
	}
}

func TestLeaksTellZombies(t *testing.T) {
	require.Contains(t, leaks("processes", 1000), "wait() is missing")
	require.Contains(t, leaks("processes", 0), "processes leak")
	require.Contains(t, leaks("threads", 1000), "threads leak")
}

// What was got right in pieces is no likely cause any more.
func TestSeenPieces(t *testing.T) {
	hi := frame([]byte("Hi"))
	seen := new(Seen)
	x := exchange{sent: hi, pieces: []int{1, 1, 1, 1, 1, 1}, seen: seen}
	require.Len(t, x.hintsOfSilence(transport.State{}), 2)
	seen.right(hi, []int{5, 1})
	require.Contains(t, x.hintsOfSilence(transport.State{})[0], "a header")
	require.Len(t, x.hintsOfSilence(transport.State{}), 1)
	seen.right(hi, []int{3, 3})
	require.Empty(t, x.hintsOfSilence(transport.State{}))
	x.seen = nil
	require.Len(t, x.hintsOfSilence(transport.State{}), 2)
}

// What a case shows to be right is seen, whether its session stays open or ends.
func TestPlayNotesWhatIsRight(t *testing.T) {
	for _, s := range []script{
		{wire: frame(content("open", 300)), pieces: []int{2, 302}},
		{wire: frame(content("ended", 300)), pieces: []int{2, 302}, ended: true},
		{wire: join(frame(content("error", 300)), []byte{0, 0, 0, 0}), pieces: []int{2, 306}},
	} {
		e := env(t, mini{t: t}.serve(), long)
		e.Seen = new(Seen)
		f := e.play(t.Context(), s)
		require.False(t, f.Bad())
		require.Equal(t, 300, e.Seen.longestContent())
		header, content := e.Seen.cutMessages()
		require.True(t, header)
		require.False(t, content)
	}
}
