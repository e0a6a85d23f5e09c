package report

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnnotate(t *testing.T) {
	for _, tc := range []struct {
		name   string
		events []Event
		want   string
	}{
		{"one message", []Event{{AtMS: 0.1, Direction: Sent, Length: 6, Hex: "000000024869"}}, `
→ 0.10 ms @0 00 | 00 00 02 = 2 bytes | 48 69 "Hi"`},
		{"two in one piece", []Event{{Direction: Received, Length: 12, Hex: "000000024869000000022100"}}, `
← 0.00 ms @0 00 | 00 00 02 = 2 bytes | 48 69 "Hi"
← 0.00 ms @6 00 | 00 00 02 = 2 bytes | 21 00 "!\x00"`},
		{"byte by byte", []Event{
			{Direction: Sent, Length: 1, Hex: "00"},
			{Direction: Sent, Offset: 1, Length: 1, Hex: "00"},
			{Direction: Sent, Offset: 2, Length: 1, Hex: "00"},
			{Direction: Sent, Offset: 3, Length: 1, Hex: "02"},
			{Direction: Sent, Offset: 4, Length: 1, Hex: "48"},
			{Direction: Sent, Offset: 5, Length: 1, Hex: "69"},
		}, `
→ 0.00 ms @0 00
→ 0.00 ms @1 00 (length, 1 of 3 bytes)
→ 0.00 ms @2 00 (length, 2 of 3 bytes)
→ 0.00 ms @3 02 = 2 bytes
→ 0.00 ms @4 48 "H" (1 of 2)
→ 0.00 ms @5 69 "i" (2 of 2)`},
		{"both directions between each other", []Event{
			{Direction: Sent, Length: 2, Hex: "0000"},
			{Direction: Received, Length: 3, Hex: "000000"},
			{Direction: Sent, Offset: 2, Length: 3, Hex: "000141"},
			{Direction: Received, Offset: 3, Length: 2, Hex: "0142"},
		}, `
→ 0.00 ms @0 00 | 00 (length, 1 of 3 bytes)
← 0.00 ms @0 00 | 00 00 (length, 2 of 3 bytes)
→ 0.00 ms @2 00 01 = 1 byte | 41 "A"
← 0.00 ms @3 01 = 1 byte | 42 "B"`},
		{"wrong reserved byte, and bait", []Event{{Direction: Sent, Length: 10, Hex: "7f000001610000000162"}}, `
→ 0.00 ms @0 7f reserved 0x7f, must be 00 | 00 00 01 = 1 byte | 61 "a"
→ 0.00 ms @5 00 | 00 00 01 = 1 byte | 62 "b"`},
		{"empty message, and bait", []Event{{Direction: Sent, Length: 9, Hex: "000000000000000162"}}, `
→ 0.00 ms @0 00 | 00 00 00 length 0: empty message
→ 0.00 ms @4 00 | 00 00 01 = 1 byte | 62 "b"`},
		{"capped content", []Event{
			{Direction: Sent, Length: 4028, Hex: "00000fb8" + strings.Repeat("41", 12)},
			{Direction: Sent, Offset: 4028, Length: 5, Hex: "0000000142"},
		}, `
→ 0.00 ms @0 00 | 00 0f b8 = 4,024 bytes | 41 41 41 41 41 41 41 41 41 41 41 41 "AAAAAAAAAAAA" … 4,012 bytes more
→ 0.00 ms @4028 00 | 00 00 01 = 1 byte | 42 "B"`},
		{"content in capped pieces", []Event{
			{Direction: Received, Length: 1004, Hex: "000007d0ff"},
			{Direction: Received, Offset: 1004, Length: 1000},
			{Direction: Received, Offset: 2004, Length: 5, Hex: "0000000142"},
		}, `
← 0.00 ms @0 00 | 00 07 d0 = 2,000 bytes | ff … 999 bytes more (1,000 of 2,000)
← 0.00 ms @1004 … 1,000 bytes more (2,000 of 2,000)
← 0.00 ms @2004 00 | 00 00 01 = 1 byte | 42 "B"`},
		{"a header among the bytes not recorded", []Event{
			{Direction: Received, Length: 100, Hex: "0000000142"},
			{Direction: Received, Offset: 100, Length: 5, Hex: "0000000142"},
		}, `
← 0.00 ms @0 00 | 00 00 01 = 1 byte | 42 "B"
← 0.00 ms @5 … 95 bytes more (frames not followed)
← 0.00 ms @100 00 00 00 01 42 (frames not followed)`},
		{"events dropped within content", []Event{
			{Direction: Sent, Length: 5, Hex: "0000000a41"},
			{AtMS: 2, Direction: Sent, Offset: 13, Length: 6, Hex: "410000000142"},
		}, `
→ 0.00 ms @0 00 | 00 00 0a = 10 bytes | 41 "A" (1 of 10)
· 2.00 ms … 7 events left out
→ 2.00 ms @13 41 "A" (10 of 10)
→ 2.00 ms @14 00 | 00 00 01 = 1 byte | 42 "B"`},
		{"bytes that are no text", []Event{{Direction: Received, Length: 8, Hex: "0000000400ff41fe"}}, `
← 0.00 ms @0 00 | 00 00 04 = 4 bytes | 00 ff 41 fe`},
		{"quotes and escapes", []Event{{Direction: Received, Length: 12, Hex: "0000000822415c410a1b7f41"}}, `
← 0.00 ms @0 00 | 00 00 08 = 8 bytes | 22 41 5c 41 0a 1b 7f 41 "\"A\\A\n\x1b\x7fA"`},
		{"the ends", []Event{
			{Direction: Sent, Length: 5, Hex: "0000000a41"},
			{AtMS: 1, Direction: HalfClosed},
			{AtMS: 2, Direction: Received, Length: 2, Hex: "0000"},
			{AtMS: 3, Direction: PeerClosed, Note: "ECONNRESET"},
			{AtMS: 1234, Direction: Waited, Note: "for the reply"},
			{AtMS: 1235, Direction: Closed, Note: "\x1b"},
			{AtMS: 1236, Direction: "unheard\nof"},
		}, `
→ 0.00 ms @0 00 | 00 00 0a = 10 bytes | 41 "A" (1 of 10)
· 1.00 ms writing side shut down (inside content, after 1 of 10 bytes)
← 2.00 ms @0 00 | 00 (length, 1 of 3 bytes)
· 3.00 ms the peer closed: ECONNRESET (inside a header, after 2 of 4 bytes)
· 1,234 ms deadline passed: for the reply
· 1,235 ms closed by the suite: \x1b (inside content, after 1 of 10 bytes)
· 1,236 ms unheard\nof`},
		{"an end between messages", []Event{{Direction: Received, Length: 5, Hex: "0000000141"}, {Direction: PeerClosed}}, `
← 0.00 ms @0 00 | 00 00 01 = 1 byte | 41 "A"
· 0.00 ms the peer closed`},
		{"a note beside bytes", []Event{{Direction: Sent, Length: 5, Hex: "0000000141", Note: "the bait"}}, `
→ 0.00 ms @0 00 | 00 00 01 = 1 byte | 41 "A" the bait`},
		{"bytes that are no hex", []Event{{Direction: Sent, Length: 5, Hex: "zz"}}, `
→ 0.00 ms @0 … 5 bytes more (frames not followed)`},
		{"an offset that goes back", []Event{{Direction: Sent, Length: 5, Hex: "0000000141"}, {Direction: Sent, Length: 1, Hex: "00"}}, `
→ 0.00 ms @0 00 | 00 00 01 = 1 byte | 41 "A"
→ 0.00 ms @0 00 (frames not followed)`},
		{"no bytes", []Event{{Direction: Sent}}, `
→ 0.00 ms @0`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			transcript := Transcript{Events: tc.events}
			if strings.Contains(tc.want, "events left out") {
				transcript.Dropped = 7
			}
			var got strings.Builder
			for _, line := range Annotate(transcript) {
				got.WriteString("\n" + line.String())
			}
			require.Equal(t, tc.want, got.String())
		})
	}
}

// Dropped events are told of even where no offset shows where they were.
func TestAnnotateSaysWhatWasDropped(t *testing.T) {
	for _, events := range [][]Event{nil, {{Direction: Waited}}, {{Direction: Waited}, {Direction: Waited}}} {
		var notes []string
		for _, line := range Annotate(Transcript{Events: events, Dropped: 1}) {
			notes = append(notes, line.Note)
		}
		require.Contains(t, notes, "… 1 event left out")
		require.Len(t, notes, len(events)+1)
	}
}

// However a stream is cut into events, every byte has the same place in the same field, and none is lost.
func TestAnnotateAtEverySplit(t *testing.T) {
	stream, err := hex.DecodeString("000000024869" + "7f00000161" + "00000000" + "00000003" + "000000" + "000001")
	require.NoError(t, err)
	type placed struct {
		kind FieldKind
		hex  string
	}
	fields := func(cuts ...int) (all []placed) {
		var events []Event
		from := 0
		for _, to := range append(cuts, len(stream)) {
			events = append(events, Event{Direction: Received, Offset: int64(from), Length: to - from, Hex: hex.EncodeToString(stream[from:to])})
			from = to
		}
		for _, line := range Annotate(Transcript{Events: events}) {
			for _, f := range line.Fields {
				for _, b := range strings.Fields(f.Hex) {
					all = append(all, placed{f.Kind, b})
				}
			}
		}
		return all
	}
	want := fields()
	require.Len(t, want, len(stream))
	for i := range stream {
		for j := i; j < len(stream); j++ {
			require.Equal(t, want, fields(i, j), "cut at %d and %d", i, j)
		}
	}
}

// Reports come from files, too: no event whatever makes Annotate panic or write anything unprintable.
func FuzzAnnotate(f *testing.F) {
	f.Add("000000024869", int64(0), 6, "note", "00", int64(6), 4)
	f.Add("00ffffff", int64(0), 1<<40, "", "zz", int64(-1), -5)
	f.Add("", int64(1)<<62, -1, "\x1b", "0", int64(1), 1)
	f.Fuzz(func(t *testing.T, hex1 string, offset1 int64, length1 int, note, hex2 string, offset2 int64, length2 int) {
		lines := Annotate(Transcript{Name: note, Dropped: length2, Events: []Event{
			{Direction: Received, Hex: hex1, Offset: offset1, Length: length1, Note: note},
			{Direction: Received, Hex: hex2, Offset: offset2, Length: length2},
			{Direction: Direction(note), Note: note},
			{Direction: PeerClosed},
		}})
		for _, line := range lines {
			if !isPrintable(line.String()) {
				t.Fatalf("%q", line.String())
			}
		}
	})
}
