// Package model is the judge's own, independent definition of the oizys protocol: given the bytes that one side wrote
// and whether it then ended its stream, it says which messages the other side must deliver and in what state the
// session is left.
//
// It is written for being obviously right, not for speed, and shares no code with the reference implementation.
// Begin with [Judge]. Timing, processes and sockets are out of scope.
package model

import "github.com/oizys-protocol/oizys/spec"

// End is the state in which a session is left.
type End string

// The ends, a closed vocabulary; the words are those of the golden vectors' outcomes.
const (
	Open             End = "open"              // everything was valid and whole; the session goes on
	Reserved         End = "reserved-byte"     // closed: a header's reserved byte is not 0x00
	Empty            End = "empty-message"     // closed: a header announces no content
	TruncatedHeader  End = "truncated-header"  // closed: the stream ended inside a header
	TruncatedContent End = "truncated-content" // closed: the stream ended inside content
	EndOfStream      End = "end-of-stream"     // closed: the stream ended between messages
	MidHeader        End = "mid-header"        // open: a header has begun and its rest is awaited
	MidContent       End = "mid-content"       // open: content has begun and its rest is awaited
)

// Closed reports whether the end is one in which the session must be closed.
func (e End) Closed() bool {
	switch e {
	case Open, MidHeader, MidContent:
		return false
	default:
		return true
	}
}

// Requirement returns the ID of the requirement that demands the end; it is empty for one in which the session is open.
func (e End) Requirement() string {
	switch e {
	case Reserved:
		return "hdr/reserved-nonzero"
	case Empty:
		return "msg/empty"
	case TruncatedHeader:
		return "close/truncated-header"
	case TruncatedContent:
		return "close/truncated-content"
	case EndOfStream:
		return "close/end-of-stream"
	default:
		return ""
	}
}

// Span is where a message's content stands in the stream.
type Span struct {
	Offset int // of the first content byte
	Length int // in bytes, 1 to spec.MaxContentLen
}

// Outcome is what a stream must come to.
type Outcome struct {
	// Messages are the contents to be delivered, in order.
	Messages []Span
	// Valid is the length of the prefix that consists of whole, valid messages. An echo server's replies, put end to
	// end, are that prefix, byte for byte.
	Valid int
	// End is the state afterwards. An error is always that of the message that begins at Valid.
	End End
}

// Judge says what the stream must come to. ended tells that the writer shut down its side after the last byte. It may
// be called concurrently.
func Judge(stream []byte, ended bool) Outcome {
	var out Outcome
	for {
		length, end := next(stream[out.Valid:], ended)
		if end != "" {
			out.End = end
			return out
		}
		out.Messages = append(out.Messages, Span{Offset: out.Valid + spec.HeaderLen, Length: length})
		out.Valid += spec.HeaderLen + length
	}
}

// Prefix is [Judge] for those who ask for no messages: it allocates nothing.
func Prefix(stream []byte, ended bool) (valid int, end End) {
	for {
		length, end := next(stream[valid:], ended)
		if end != "" {
			return valid, end
		}
		valid += spec.HeaderLen + length
	}
}

// next returns the content's length of the message with which rest begins, or else the end that it comes to.
func next(rest []byte, ended bool) (length int, end End) {
	switch {
	case len(rest) == 0:
		return 0, pick(ended, EndOfStream, Open)
	case len(rest) < spec.HeaderLen:
		return 0, pick(ended, TruncatedHeader, MidHeader)
	case rest[0] != spec.Reserved:
		return 0, Reserved
	}
	length = int(rest[1])*65536 + int(rest[2])*256 + int(rest[3])
	switch {
	case length == 0:
		return 0, Empty
	case len(rest)-spec.HeaderLen < length:
		return 0, pick(ended, TruncatedContent, MidContent)
	}
	return length, ""
}

func pick(ended bool, whenEnded, otherwise End) End {
	if ended {
		return whenEnded
	}
	return otherwise
}
