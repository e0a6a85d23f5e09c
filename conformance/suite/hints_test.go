package suite

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// answered is the state of a connection on which sent was expected and got came.
func answered(sent, got []byte) transport.State {
	matched := 0
	for matched < min(len(sent), len(got)) && sent[matched] == got[matched] {
		matched++
	}
	s := transport.State{Want: int64(len(sent)), Got: int64(len(got)), Matched: int64(matched), Next: sent[matched:]}
	if matched < len(got) {
		s.Stray = got[matched:]
	}
	return s
}

// wrongAnswer is a way to get an echo wrong, and what the finding must say of it.
type wrongAnswer struct {
	name        string
	sent, got   []byte
	hint        string // a part of one of the hints; empty means that there is none
	first       bool   // it is the first of them
	requirement string
	actual      string // a part of what was seen
}

func wrongAnswers() []wrongAnswer {
	hi := frame([]byte("Hi"))
	three := join(frame([]byte("one")), frame([]byte("twain")), frame([]byte("three is longer")))
	long, medium := content("long", 70_000), content("medium", 300)
	binary := []byte("caf\xe9 \xff\xfe")
	return []wrongAnswer{
		{"little-endian", hi, []byte("\x00\x02\x00\x00Hi"), "little-endian byte order", true, "hdr/length", "length 131,072"},
		{"little-endian of two bytes", frame(medium), append([]byte("\x00\x2c\x01\x00"), medium...), "little-endian byte order", true, "hdr/length", "expected 00 00 01 2c"},
		{"32 bits little-endian", hi, []byte("\x02\x00\x00\x00Hi"), "32-bit little-endian", false, "hdr/reserved-zero", "reserved 0x02"},
		{"the header counted", hi, []byte("\x00\x00\x00\x06Hi"), "counts the header's 4 bytes", true, "hdr/length", "length 6"},
		{"framed twice", hi, []byte("\x00\x00\x00\x06\x00\x00\x00\x02Hi"), "framed twice", true, "msg/binary", "length 6"},
		{"64 bits", hi, []byte("\x00\x00\x00\x00\x00\x00\x00\x02Hi"), "a 64-bit number", true, "hdr/length", "length 0"},
		{"a NUL behind", hi, []byte("\x00\x00\x00\x03Hi\x00"), "followed by a NUL", true, "msg/binary", "length 3"},
		{"quoted", hi, []byte("\x00\x00\x00\x05b'Hi'"), "quoted text with escapes", true, "msg/binary", "length 5"},
		{"characters counted", frame([]byte("caf\u00e9s")), []byte("\x00\x00\x00\x05caf\u00e9s"), "counts characters", true, "hdr/length", "length 5"},
		{"a line in front", hi, []byte("220 ready\r\n\x00\x00\x00\x02Hi"), "a greeting is sent", true, "stream/unsolicited", `the text "220 "`},
		{"two dropped", join(frame([]byte("one")), frame([]byte("two!")), frame([]byte("three")), frame([]byte("the fourth"))), join(frame([]byte("one")), frame([]byte("the fourth"))), "", false, "stream/order", "answer 2"},
		{"the last one twice", hi, join(hi, hi), "", false, "stream/order", "nothing had asked for"},
		{"a line end behind", hi, []byte("\x00\x00\x00\x03Hi\n"), "a line end is added", true, "msg/binary", "48 69 0a"},
		{"16 bits", frame(long), append([]byte("\x00\x00\x11\x70"), long...), "kept in 16 bits", true, "", "length 4,464"},
		{"8 bits", frame(medium), append([]byte("\x00\x00\x00\x2c"), medium...), "kept in 8 bits", true, "", "length 44"},
		{"twice", three, join(frame([]byte("one")), frame([]byte("one")), frame([]byte("twain"))), "answered twice", true, "stream/order", "answer 2"},
		{"dropped", three, join(frame([]byte("one")), frame([]byte("three is longer"))), "dropped, or overtaken", true, "stream/order", "answer 2"},
		{"an empty one", hi, []byte("\x00\x00\x00\x00"), "an empty message is sent", true, "msg/empty", "length 0"},
		{"cut short", frame(medium), frame(medium[:100]), "only what one read returned", true, "", "length 100"},
		{"decoded as UTF-8", frame(binary), frame([]byte("caf\uFFFD \uFFFD\uFFFD")), "decoded as UTF-8", true, "msg/binary", "length 13"},
		{"re-encoded from Latin-1", frame(binary), frame([]byte("caf\u00e9 \u00ff\u00fe")), "re-encoded from Latin-1", true, "msg/binary", "length 10"},
		{"line ends translated", frame([]byte("a\nb\nc")), frame([]byte("a\r\nb\r\nc")), "line ends are translated", true, "msg/binary", "length 7"},
		{"white space stripped", frame([]byte("  padded \n")), frame([]byte("padded")), "white space is stripped", true, "msg/binary", "length 6"},
		{"a C string", frame([]byte("\x00b\x00c")), frame(nil), "treated as a C string", true, "msg/binary", "length 0"},
		{"a C string with a beginning", frame([]byte("ab\x00cd")), frame([]byte("ab")), "treated as a C string", true, "msg/binary", "length 2"},
		{"no header", frame([]byte("Hello")), []byte("Hello"), "without a header", true, "hdr/reserved-zero", "reserved 0x48"},
		{"a buffer of another message", join(frame(medium), frame(content("other", 300))), join(frame(medium), frame(medium)), "buffer is reused", false, "msg/binary", "answer 2: content byte 0"},
		{"white space stripped behind", frame([]byte("  padded \n")), frame([]byte("  padded")), "white space is stripped", true, "msg/binary", "length 8"},
		{"the rest stays zero", frame(medium), append(frame(medium)[:200], make([]byte, 104)...), "the rest of its buffer stays zero", true, "msg/binary", "content byte 196"},
		{"an answer breaks off and the next one follows", join(frame(medium), frame(content("other", 300))), join(frame(medium)[:200], frame(content("other", 300))), "short write", true, "msg/binary", "content byte 196"},
		{"answers break off and go on", join(frame(medium), frame(content("other", 300))), join(frame(medium)[:200], frame(content("other", 300))[100:]), "short write", true, "msg/binary", "content byte 196"},
		{"longer, and no text", frame(binary), frame(append([]byte("unlike"), binary...)), "", false, "", "length 13"},
		{"one byte is different", frame(medium), flipped(frame(medium), 204), "", false, "msg/binary", "answer 1: content byte 200 of 300"},
		{"an end mark behind all", hi, join(hi, []byte{0, 0, 0, 0}), "a mark of its end", true, "stream/unsolicited", "4 bytes that nothing had asked for"},
		{"a message behind all", hi, join(hi, frame([]byte("OK"))), "a message of its own", true, "stream/unsolicited", "6 bytes that nothing had asked for"},
		{"a checksum behind all", hi, join(hi, []byte{0x4d, 0x17, 0x0e, 0x0e}), "", false, "stream/unsolicited", "4 bytes that nothing had asked for"},
		{"something behind all", hi, join(hi, []byte("bye")), "", false, "stream/unsolicited", "3 bytes that nothing had asked for"},
		{"a byte of a header", hi, []byte("\x07"), "", false, "", "begins with 07, expected 00 00 00 02"},
		{"the reserved byte", hi, []byte("\x80\x00\x00\x02Hi"), "", false, "hdr/reserved-zero", "reserved 0x80"},
	}
}

func flipped(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 1
	return b
}

func TestWrongAnswersAreExplained(t *testing.T) {
	for _, row := range wrongAnswers() {
		t.Run(row.name, func(t *testing.T) {
			x := exchange{sent: row.sent}
			f := x.judgeOpen(t.Context(), answered(row.sent, row.got), nil)
			require.NotNil(t, f)
			require.Equal(t, report.Fail, f.Verdict)
			require.False(t, f.Stalled)
			require.Contains(t, f.Expected, "echoed, and the session open")
			require.Contains(t, f.Actual, row.actual)
			require.Equal(t, row.requirement, f.Requirement)
			if row.hint == "" {
				require.Empty(t, f.Hints)
				return
			}
			require.Contains(t, strings.Join(f.Hints, "\n"), row.hint)
			if row.first {
				require.Contains(t, f.Hints[0], row.hint)
			}
		})
	}
}

// Every cause that the suite knows is found by one of the wrong answers above.
func TestEveryCauseHasAWrongAnswer(t *testing.T) {
	found := map[string]bool{}
	for _, row := range wrongAnswers() {
		x := exchange{sent: row.sent}
		for _, hint := range x.hints(answered(row.sent, row.got)) {
			found[hint] = true
		}
	}
	require.GreaterOrEqual(t, len(causes()), 15)
	for _, c := range causes() {
		require.True(t, found[c.text], c.text)
	}
}

// Causes that exclude each other are not named together.
func TestCausesThatExcludeEachOther(t *testing.T) {
	for _, row := range []struct {
		sent, got []byte
		want      string
	}{
		{frame([]byte("ab\x00cd")), frame([]byte("ab")), "C string"},
		{frame([]byte("\x00\x00\x00\x00")), frame(nil), "C string"},
		{frame([]byte("before it\n")), frame([]byte("before it")), "white space"},
		{frame(content("sixteen", 70_000)), append([]byte("\x00\x00\x11\x70"), content("sixteen", 70_000)...), "16 bits"},
		{frame(content("eight", 1<<16)), append(make([]byte, 4), content("eight", 1<<16)...), "16 bits"},
		{frame([]byte("caf\xe9 \xff\xfe")), frame([]byte("caf\uFFFD \uFFFD\uFFFD")), "UTF-8"},
	} {
		hints := exchange{sent: row.sent}.hints(answered(row.sent, row.got))
		require.Len(t, hints, 1)
		require.Contains(t, hints[0], row.want)
	}
	given := answer{got: frame([]byte("one")), want: []byte("one and two"), length: 3, body: []byte("one"), given: true}
	require.Empty(t, given.likely(), "what is given on a command line is not read")
}

// However many sessions have a part of what came, one is named.
func TestWhoseContentItIs(t *testing.T) {
	sent := [][]byte{frame(content("session 1 message 1", 90)), frame(content("session 2 message 1", 90)), frame(content("session 3 message 1", 90))}
	require.Equal(t, 2, whose(sent, 0, sent[2][12:]))
	require.Equal(t, 1, whose(sent, 2, sent[1]))
	require.Equal(t, -1, whose(sent, 0, content("another", 60)))
}

// A hint is of use only when it is rare: whatever is sent, the right answer has none, and so has a single wrong bit in
// its content.
func TestNoHintWithoutItsCause(t *testing.T) {
	for n := 1; n <= 600; n += 7 {
		x := exchange{sent: join(frame(content("first", 40)), frame(content(fmt.Sprint("second ", n), n)), frame(content("third", 50)))}
		require.Nil(t, x.judgeOpen(t.Context(), answered(x.sent, x.sent), nil))
		f := x.judgeOpen(t.Context(), answered(x.sent, flipped(x.sent, 48+n/2)), nil)
		require.NotNil(t, f)
		require.Empty(t, f.Hints, n)
		require.Equal(t, "msg/binary", f.Requirement)
	}
}

// However the bytes of a wrong answer arrive, all of them or the first few, explaining them works.
func TestEveryBeginningOfAWrongAnswerIsExplained(t *testing.T) {
	for _, row := range wrongAnswers() {
		x := exchange{sent: row.sent}
		for n := range min(len(row.got), 40) {
			s := answered(row.sent, row.got[:n+1])
			if len(s.Stray) == 0 {
				continue
			}
			f := x.judgeOpen(t.Context(), s, nil)
			require.NotEmpty(t, f.Actual, "%s, %d bytes", row.name, n)
			require.Equal(t, report.Fail, f.Verdict)
			x.whatCame(s)
		}
	}
}
