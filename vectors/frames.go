package vectors

import (
	"bytes"
	"slices"

	"github.com/oizys-protocol/oizys/spec"
)

// frame is one message on the wire as the segments label it, perhaps unfinished. It is read off the labels, not
// decoded from the bytes: labels and bytes are held against each other.
type frame struct {
	offset   int
	reserved byte
	length   []byte
	content  []Part
	have     int
}

func (f frame) announced() int {
	n := 0
	for _, b := range f.length {
		n = n*256 + int(b)
	}
	return n
}

func (f frame) headerWhole() bool { return len(f.length) == spec.HeaderLen-1 }
func (f frame) whole() bool       { return f.headerWhole() && f.have == f.announced() }
func (f frame) valid() bool {
	return f.whole() && f.reserved == spec.Reserved && f.announced() >= spec.MinContentLen
}

// frames groups the segments into frames; all but the last are whole.
func frames(at spot, segments []Segment) ([]frame, error) {
	var list []frame
	offset := 0
	for i, s := range segments {
		at := at.item("segments", i)
		if err := extend(at, &list, s, offset); err != nil {
			return nil, err
		}
		offset += s.Len()
	}
	return list, nil
}

// extend adds one segment to the last frame of the list, or begins a new frame with it.
func extend(at spot, list *[]frame, s Segment, offset int) error {
	var last *frame
	if n := len(*list); n > 0 {
		last = &(*list)[n-1]
	}
	switch s.Field {
	case FieldReserved:
		if last != nil && !last.whole() {
			return at.errorf("finish the message before, or correct its length", "a header begins inside the message at offset %d", last.offset)
		}
		if s.Len() != 1 {
			return at.errorf("write one byte", "the reserved field has %d bytes", s.Len())
		}
		*list = append(*list, frame{offset: offset, reserved: s.Unit[0]})
	case FieldLength:
		if last == nil || len(last.length) > 0 {
			return at.errorf("put a reserved byte before it", "a length without a reserved byte")
		}
		if s.Len() > spec.HeaderLen-1 || s.Repeat > 1 {
			return at.errorf("write three bytes, or fewer at the end of a truncated wire", "the length field has %d bytes", s.Len())
		}
		last.length = s.Unit
	case FieldContent:
		if last == nil || !last.headerWhole() {
			return at.errorf("put a whole header before it", "content without a header")
		}
		if last.have+s.Len() > last.announced() {
			return at.errorf("correct the length or the content", "content of %d bytes where the header announces %d", last.have+s.Len(), last.announced())
		}
		last.have += s.Len()
		last.content = append(last.content, s.Part)
	}
	return nil
}

// checkStream holds segments, messages and outcome of a stream against each other.
func checkStream(at spot, v *Vector) error {
	list, err := frames(at, v.Segments)
	if err != nil {
		return err
	}
	n := len(v.Messages)
	for i, m := range v.Messages {
		if i >= len(list) || !list[i].valid() {
			return at.item("messages", i).errorf("correct the segments or the messages", "the wire has no valid message %d", i)
		}
		if !sameBytes(list[i].content, m.Parts, m.Length) {
			return at.item("messages", i).errorf("correct the segments or the message", "not the content at offset %d", list[i].offset+spec.HeaderLen)
		}
	}
	at = at.at("outcome")
	want, offset := expected(list, n, v)
	if v.Outcome.Error != want {
		return at.errorf("correct the outcome or the wire", "error %q where the segments say %q", v.Outcome.Error, want)
	}
	if closed := want != ErrorNone; closed != (v.Outcome.State == StateClosed) {
		return at.errorf("correct the outcome or the wire", "state %q with error %q", v.Outcome.State, want)
	}
	if v.Outcome.Offset != offset {
		return at.at("offset").errorf("give the offset of the header in error", "%d where the segments say %d", v.Outcome.Offset, offset)
	}
	return nil
}

// expected says which error, and where, the labels show behind the n messages that are delivered. A wire that ends
// inside a message without an end of stream, or has more valid messages than are listed, yields a word that no outcome
// may have.
func expected(list []frame, n int, v *Vector) (ErrorKind, int) {
	if n == len(list) {
		if v.EndOfStream {
			return ErrorEndOfStream, v.WireLength
		}
		return ErrorNone, 0
	}
	switch f := list[n]; {
	case f.valid():
		return "a message more than are listed", f.offset
	case !f.headerWhole() && v.EndOfStream:
		return ErrorTruncatedHeader, f.offset
	case !f.headerWhole():
		return "an unfinished header without end_of_stream", f.offset
	case f.reserved != spec.Reserved:
		return ErrorReservedByte, f.offset
	case f.announced() < spec.MinContentLen:
		return ErrorEmptyMessage, f.offset
	case v.EndOfStream:
		return ErrorTruncatedContent, f.offset
	default:
		return "unfinished content without end_of_stream", f.offset
	}
}

// sameBytes compares two runs of bytes, without building them if they are made of the same parts.
func sameBytes(a, b []Part, length int) bool {
	same := func(p, q Part) bool { return p.Repeat == q.Repeat && bytes.Equal(p.Unit, q.Unit) }
	return slices.EqualFunc(a, b, same) || bytes.Equal(join(a, length), join(b, length))
}
