package vectors

import "slices"

// Kind says what a vector is about.
type Kind string

// The kinds of vectors.
const (
	// KindStream marks bytes that one side sends: what the other side delivers, and how its session stands then. A
	// stream whose error is "" or "end-of-stream" is also an encoding vector: sending its messages gives its wire.
	KindStream Kind = "stream"
	// KindRefusal marks content that a sender must refuse: its only message, with nothing on the wire.
	KindRefusal Kind = "refusal"
)

// Field is a part of a message on the wire.
type Field string

// The fields, in the order in which they stand in a message.
const (
	// FieldReserved is the first byte of a header.
	FieldReserved Field = "reserved"
	// FieldLength is the three bytes of a header that announce the content's length.
	FieldLength Field = "length"
	// FieldContent is content, whole or a stretch of it.
	FieldContent Field = "content"
)

// State is how a session stands after a vector.
type State string

// The states.
const (
	// StateOpen is a session that goes on.
	StateOpen State = "open"
	// StateClosed is a session that the receiver has closed.
	StateClosed State = "closed"
)

// ErrorKind is the cause of an outcome other than the plain delivery of all messages.
type ErrorKind string

// The causes.
const (
	// ErrorNone is the absence of an error.
	ErrorNone ErrorKind = ""
	// ErrorReservedByte is a header whose reserved byte is not 0x00.
	ErrorReservedByte ErrorKind = "reserved-byte"
	// ErrorEmptyMessage is a header that announces no content, or empty content given to a sender.
	ErrorEmptyMessage ErrorKind = "empty-message"
	// ErrorTruncatedHeader is an end of stream inside a header.
	ErrorTruncatedHeader ErrorKind = "truncated-header"
	// ErrorTruncatedContent is an end of stream after a header and before the end of its content.
	ErrorTruncatedContent ErrorKind = "truncated-content"
	// ErrorEndOfStream is an end of stream between messages, or before the first.
	ErrorEndOfStream ErrorKind = "end-of-stream"
	// ErrorTooLong is content above spec.MaxContentLen given to a sender; it cannot be said on the wire.
	ErrorTooLong ErrorKind = "too-long"
)

// Part is a run of bytes: a unit, and how many times it stands there.
type Part struct {
	// Unit is what is repeated; never empty.
	Unit []byte
	// Repeat is the number of times, at least 1.
	Repeat int
}

// Len returns the number of bytes of the run.
func (p Part) Len() int { return len(p.Unit) * p.Repeat }

func (p Part) appendTo(dst []byte) []byte {
	at, n := len(dst), p.Len()
	dst = slices.Grow(dst, n)[:at+n]
	run := dst[at:]
	for done := copy(run, p.Unit); done < n; {
		done += copy(run[done:], run[:done]) // whole units, as each copy but the last doubles what is there
	}
	return dst
}

// Segment is a run of bytes of the wire that belongs to one field.
type Segment struct {
	// Field is the field of which the bytes are all or a stretch.
	Field Field
	// Part is the bytes.
	Part
	// Note is a remark for readers; often empty.
	Note string
}

// Message is content: delivered by a stream, or refused.
type Message struct {
	// Parts are the content, in order; none for empty content, which only a refusal has.
	Parts []Part
	// Length is the number of bytes of the content.
	Length int
	// SHA256 is the content's hash in lower-case hex.
	SHA256 string
}

// Content returns the content. It is built anew by each call and is the caller's own.
func (m Message) Content() []byte { return join(m.Parts, m.Length) }

// Outcome is how a vector ends.
type Outcome struct {
	// State is how the receiver's session stands; after a refusal the sender's, which is open: no error reached the
	// stream.
	State State
	// Error is the cause. Of two errors in one header it is the first in wire order; what a receiver must do, close, is
	// the same for both.
	Error ErrorKind
	// Offset is where in the wire, from 0, the header of the message in error begins; for ErrorEndOfStream, where the
	// next header would have begun. It is 0 in an outcome that is open.
	Offset int
}

// Vector is one golden vector: one fact of the protocol. What a [Set] returns is shared and must not be modified.
type Vector struct {
	// ID is the primary requirement's ID, a slash and the variant, such as "hdr/reserved-nonzero/0x7f".
	ID string
	// Description says what the vector holds and what kind of mistake it finds.
	Description string
	// Requirements are the IDs of the requirements that the vector shows; the first is the primary one.
	Requirements []string
	// Kind is what the vector is about.
	Kind Kind
	// Segments are the wire, cut at the fields' boundaries; none when nothing is on the wire.
	Segments []Segment
	// WireLength is the number of bytes of the wire.
	WireLength int
	// WireSHA256 is the hash of the wire in lower-case hex.
	WireSHA256 string
	// Pieces are the sizes of the pieces in which the wire is to be sent; empty when any will do.
	Pieces []int
	// EndOfStream says that the sender shuts down its writing side after the wire.
	EndOfStream bool
	// Messages are what is delivered, in order; for a refusal, the one message that is refused.
	Messages []Message
	// Outcome is how the vector ends.
	Outcome Outcome
	// File is the name of the file that holds the vector.
	File string
}

// Wire returns the bytes on the wire. They are built anew by each call, up to 16 MiB of them, and are the caller's own.
func (v *Vector) Wire() []byte { return v.AppendWire(nil) }

// AppendWire appends the bytes on the wire to dst and returns the longer slice.
func (v *Vector) AppendWire(dst []byte) []byte {
	dst = slices.Grow(dst, v.WireLength)
	for _, s := range v.Segments {
		dst = s.appendTo(dst)
	}
	return dst
}

func (v *Vector) parts() []Part {
	parts := make([]Part, len(v.Segments))
	for i, s := range v.Segments {
		parts[i] = s.Part
	}
	return parts
}

func join(parts []Part, length int) []byte {
	all := make([]byte, 0, length)
	for _, p := range parts {
		all = p.appendTo(all)
	}
	return all
}
