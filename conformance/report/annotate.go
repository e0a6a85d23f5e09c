package report

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// FieldKind says which part of a frame a [Field] is.
type FieldKind string

// The kinds of fields, a closed vocabulary.
const (
	ReservedField FieldKind = "reserved"
	LengthField   FieldKind = "length"
	ContentField  FieldKind = "content"
	UnframedField FieldKind = "unframed" // bytes of which it is not known where in a frame they are
)

// Field is a run of bytes that lies in one field of one frame.
type Field struct {
	Kind FieldKind
	// Hex holds the bytes in hex, separated by spaces; Text what they mean or, for content, what they read as. Both are
	// safe to show anywhere. Content longer than is good to read is cut, which More says.
	Hex, Text, More string
	// Bad is true where the field breaks the protocol.
	Bad bool
}

// String returns the field in one piece.
func (f Field) String() string { return strings.Join(f.pieces(), " ") }

// pieces returns what a line that is too long may be broken between.
func (f Field) pieces() []string {
	var all []string
	more, progress, _ := strings.Cut(f.More, "(")
	if progress != "" {
		progress = "(" + progress
	}
	for _, p := range []string{f.Hex, f.Text, strings.TrimSuffix(more, " "), progress} {
		if p != "" {
			all = append(all, p)
		}
	}
	return all
}

// Line is one line of an annotated transcript: at most one frame's part of one event.
type Line struct {
	AtMS      float64
	Direction Direction
	// Continues is true if the line belongs to the same event as the one before it.
	Continues bool
	// Offset is where in its direction the line's first byte stands, or -1 for a line without bytes.
	Offset int64
	Fields []Field
	// Note says what happened where there are no bytes, or more about them.
	Note string
}

// String returns the line as text without layout, such as `→ 0.10 ms @0 00 | 00 00 02 = 2 bytes | 48 69 "Hi"`.
func (l Line) String() string {
	parts := []string{arrow(l.Direction), millis(l.AtMS)}
	if l.Offset >= 0 {
		parts = append(parts, fmt.Sprintf("@%d", l.Offset))
	}
	fields := make([]string, len(l.Fields))
	for i, f := range l.Fields {
		fields[i] = f.String()
	}
	if len(fields) > 0 {
		parts = append(parts, strings.Join(fields, " | "))
	}
	if l.Note != "" {
		parts = append(parts, l.Note)
	}
	return strings.Join(parts, " ")
}

// arrow returns the sign of a direction, one column wide.
func arrow(d Direction) string {
	switch d {
	case Sent:
		return "→"
	case Received:
		return "←"
	default:
		return "·"
	}
}

// Annotate returns t with the bytes of each direction split where the protocol's frames and their fields begin, however
// the bytes were cut into events. An invalid header is marked and the frames behind it are followed as a peer would that
// ignores the fault; where bytes that were not recorded may hold a header, what follows is shown unframed.
func Annotate(t Transcript) []Line {
	sent, received := &walker{}, &walker{}
	var lines []Line
	gap := droppedAt(t)
	for i, e := range t.Events {
		if i == gap {
			lines = append(lines, Line{AtMS: e.AtMS, Offset: -1, Note: "… " + plural(t.Dropped, "event", "events") + " left out"})
		}
		switch e.Direction {
		case Sent:
			lines = append(lines, sent.event(e)...)
		case Received:
			lines = append(lines, received.event(e)...)
		case PeerClosed:
			lines = append(lines, happened(e, "the peer closed", received.unfinished()))
		case HalfClosed:
			lines = append(lines, happened(e, "writing side shut down", sent.unfinished()))
		case Closed:
			lines = append(lines, happened(e, "closed by the suite", sent.unfinished()))
		case Waited:
			lines = append(lines, happened(e, "deadline passed", ""))
		default:
			lines = append(lines, happened(e, Printable(string(e.Direction)), ""))
		}
	}
	if t.Dropped > 0 && gap == len(t.Events) {
		lines = append(lines, Line{Offset: -1, Note: "… " + plural(t.Dropped, "event", "events") + " left out"})
	}
	return lines
}

// happened returns the line of an event without bytes.
func happened(e Event, what, unfinished string) Line {
	if e.Note != "" {
		what += ": " + Printable(e.Note)
	}
	if unfinished != "" {
		what += " (" + unfinished + ")"
	}
	return Line{AtMS: e.AtMS, Direction: e.Direction, Offset: -1, Note: what}
}

// droppedAt returns the index of the event before which the transcript's dropped events were: the first gap in a
// direction's offsets, the middle if there is none, and -1 if nothing was dropped.
func droppedAt(t Transcript) int {
	if t.Dropped == 0 {
		return -1
	}
	next := map[Direction]int64{}
	for i, e := range t.Events {
		if e.Direction != Sent && e.Direction != Received {
			continue
		}
		if e.Offset > next[e.Direction] {
			return i
		}
		next[e.Direction] = e.Offset + int64(e.Length)
	}
	return len(t.Events) / 2
}

// spaced returns bytes in hex, separated by spaces.
func spaced(b []byte) string {
	var s strings.Builder
	for i, c := range b {
		if i > 0 {
			s.WriteByte(' ')
		}
		s.WriteString(hex.EncodeToString([]byte{c}))
	}
	return s.String()
}

// quoted returns content as a quoted text if it reads like one: most of it is printable ASCII.
func quoted(b []byte) string {
	readable := 0
	for _, c := range b {
		if c >= ' ' && c <= '~' {
			readable++
		}
	}
	if readable*2 < len(b) || readable == 0 {
		return ""
	}
	var s strings.Builder
	s.WriteByte('"')
	for _, c := range b {
		switch {
		case c == '"' || c == '\\':
			s.WriteByte('\\')
			s.WriteByte(c)
		case c >= ' ' && c <= '~':
			s.WriteByte(c)
		default:
			q := strconv.QuoteToASCII(string(rune(c)))
			if c >= 0x80 {
				q = fmt.Sprintf(`"\x%02x"`, c)
			}
			s.WriteString(q[1 : len(q)-1])
		}
	}
	s.WriteByte('"')
	return s.String()
}
