package model

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/spec"
)

// automaton is the protocol a second time, written differently: one byte after the other, without looking ahead.
type automaton struct {
	header   []byte // of the message under way, as far as it came
	left     int    // content bytes still to come
	at       int    // bytes taken
	start    int    // where the message under way begins
	reserved bool   // a whole header had a wrong reserved byte
	empty    bool   // a whole header announced nothing
	messages []Span
}

func (a *automaton) take(b byte) {
	if a.reserved || a.empty {
		return
	}
	a.at++
	if a.left > 0 {
		if a.left--; a.left == 0 {
			a.messages[len(a.messages)-1].Offset = a.start + len(a.header)
			a.start, a.header = a.at, nil
		}
		return
	}
	if a.header = append(a.header, b); len(a.header) < spec.HeaderLen {
		return
	}
	for _, digit := range a.header[1:] {
		a.left = a.left<<8 | int(digit)
	}
	a.reserved = a.header[0] != 0
	a.empty = !a.reserved && a.left == 0
	if !a.reserved && !a.empty {
		a.messages = append(a.messages, Span{Length: a.left})
	}
}

func (a *automaton) outcome(ended bool) Outcome {
	out := Outcome{Messages: a.messages, Valid: a.start}
	inside := len(a.header) > 0
	switch {
	case a.reserved:
		out.End = Reserved
	case a.empty:
		out.End = Empty
	case a.left > 0:
		out.Messages = out.Messages[:len(out.Messages)-1]
		out.End = map[bool]End{true: TruncatedContent, false: MidContent}[ended]
	case inside:
		out.End = map[bool]End{true: TruncatedHeader, false: MidHeader}[ended]
	default:
		out.End = map[bool]End{true: EndOfStream, false: Open}[ended]
	}
	if len(out.Messages) == 0 {
		out.Messages = nil
	}
	return out
}

// everyStream calls f with every stream of exactly n bytes over the alphabet. The slice is reused.
func everyStream(alphabet []byte, n int, f func([]byte)) int {
	stream, digits, count := make([]byte, n), make([]int, n), 0
	for {
		for i, d := range digits {
			stream[i] = alphabet[d]
		}
		f(stream)
		count++
		i := n - 1
		for ; i >= 0; i-- {
			if digits[i]++; digits[i] < len(alphabet) {
				break
			}
			digits[i] = 0
		}
		if i < 0 {
			return count
		}
	}
}

// All short streams over the bytes that matter, ended and not, come to the same by both definitions.
func TestEveryShortStreamOnBothDefinitions(t *testing.T) {
	for _, row := range []struct {
		name     string
		alphabet []byte
		longest  int
		streams  int
	}{
		{"lengths of 0 to 2 and a wrong reserved byte", []byte{0, 1, 2, 0x80}, 8, 87381},
		{"lengths of 0, 1 and many", []byte{0, 1, 0xff}, 10, 88573},
		{"two values, long enough for three messages", []byte{0, 1}, 15, 65535},
	} {
		t.Run(row.name, func(t *testing.T) {
			streams, ends := 0, map[End]int{}
			for n := 0; n <= row.longest; n++ {
				streams += everyStream(row.alphabet, n, func(stream []byte) {
					for _, ended := range []bool{false, true} {
						var a automaton
						for _, b := range stream {
							a.take(b)
						}
						want, got := a.outcome(ended), Judge(stream, ended)
						if !same(want, got) {
							require.Equal(t, want, got, "% x, ended: %v", stream, ended)
						}
						if valid, end := Prefix(stream, ended); valid != got.Valid || end != got.End {
							require.Fail(t, "Prefix and Judge differ", "% x, ended: %v: %d %s, and %+v", stream, ended, valid, end, got)
						}
						ends[got.End]++
					}
				})
			}
			require.Equal(t, row.streams, streams)
			for _, end := range []End{Open, MidHeader, MidContent, EndOfStream, TruncatedHeader, TruncatedContent, Empty, Reserved} {
				require.NotZero(t, ends[end], end)
			}
		})
	}
}

func same(a, b Outcome) bool {
	if a.Valid != b.Valid || a.End != b.End || len(a.Messages) != len(b.Messages) {
		return false
	}
	for i := range a.Messages {
		if a.Messages[i] != b.Messages[i] {
			return false
		}
	}
	return true
}

// Valid is a prefix of whole messages: it is what the messages, framed and put end to end, make, and alone it is open.
func TestValidIsTheMessagesFramedAgain(t *testing.T) {
	streams := 0
	for n := range 8 {
		streams += everyStream([]byte{0, 1, 2, 0x80}, n, func(stream []byte) {
			out := Judge(stream, true)
			var framed []byte
			for _, m := range out.Messages {
				framed = append(framed, 0, byte(m.Length>>16), byte(m.Length>>8), byte(m.Length))
				framed = append(framed, stream[m.Offset:m.Offset+m.Length]...)
			}
			if !bytes.Equal(framed, stream[:out.Valid]) {
				require.Equal(t, stream[:out.Valid], framed, "% x", stream)
			}
			if alone := Judge(stream[:out.Valid], false); alone.End != Open || alone.Valid != out.Valid {
				require.Equal(t, Outcome{Messages: out.Messages, Valid: out.Valid, End: Open}, alone, "% x", stream)
			}
		})
	}
	require.Equal(t, 21845, streams)
}

// What follows can only add: no later byte takes a message back, and behind an error none changes anything.
func TestLaterBytesTakeNothingBack(t *testing.T) {
	later := [][]byte{{0}, {0xff}, {0, 0, 0, 1, 'x'}, {0, 0, 0, 0}, bytes.Repeat([]byte{1}, 20)}
	for n := range 7 {
		everyStream([]byte{0, 1, 2, 0x80}, n, func(stream []byte) {
			out := Judge(stream, false)
			for _, more := range later {
				whole := Judge(append(bytes.Clone(stream), more...), false)
				if out.End.Closed() && !same(out, whole) || whole.Valid < out.Valid || len(whole.Messages) < len(out.Messages) {
					require.Fail(t, "later bytes changed the outcome", "% x, then % x: %+v, then %+v", stream, more, out, whole)
				}
			}
		})
	}
}

// Lengths around the borders of the three bytes, with the last content byte there and missing.
func TestLengthsAtTheirBorders(t *testing.T) {
	for _, n := range []int{1, 127, 128, 255, 256, 257, 65535, 65536, 1<<23 - 1, 1 << 23, spec.MaxContentLen - 1, spec.MaxContentLen} {
		stream := make([]byte, spec.HeaderLen+n)
		stream[1], stream[2], stream[3] = byte(n>>16), byte(n>>8), byte(n)
		require.Equal(t, Outcome{Messages: []Span{{Offset: spec.HeaderLen, Length: n}}, Valid: len(stream), End: Open}, Judge(stream, false), n)
		require.Equal(t, Outcome{End: MidContent}, Judge(stream[:len(stream)-1], false), n)
		require.Equal(t, Outcome{End: TruncatedContent}, Judge(stream[:len(stream)-1], true), n)
	}
}

// Every one of the 255 wrong reserved bytes is one, whatever the length behind it, and not before the header is whole.
func TestEveryWrongReservedByte(t *testing.T) {
	for b := 1; b < 256; b++ {
		for _, length := range []byte{0, 1, 5} {
			stream := []byte{byte(b), 0, 0, length, 'a', 'b', 'c', 'd', 'e'}
			require.Equal(t, Outcome{End: Reserved}, Judge(stream, false), "% x", stream)
			require.Equal(t, Outcome{End: MidHeader}, Judge(stream[:3], false), "% x", stream)
		}
	}
}
