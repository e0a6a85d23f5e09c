package gen

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/oizys-protocol/oizys/vectors"
)

// builder makes one vector. Its methods add to the wire in order and return the builder.
type builder struct {
	v vectors.Vector
}

// stream begins a vector of bytes on the wire. The first two parts of the ID are its primary requirement; other
// requirements that it shows follow the description.
func stream(id, description string, others ...string) *builder {
	return begin(vectors.KindStream, id, description, others)
}

func begin(kind vectors.Kind, id, description string, others []string) *builder {
	parts := strings.SplitN(id, "/", 3)
	b := &builder{}
	b.v.ID, b.v.Description, b.v.Kind = id, description, kind
	b.v.Requirements = append([]string{parts[0] + "/" + parts[1]}, others...)
	b.v.Outcome.State = vectors.StateOpen
	return b
}

// refusal returns the vector of content that a sender must refuse.
func refusal(id, description string, cause vectors.ErrorKind, content []vectors.Part, others ...string) *vectors.Vector {
	b := begin(vectors.KindRefusal, id, description, others)
	b.v.Outcome.Error = cause
	b.v.Messages = []vectors.Message{message(content)}
	return b.done()
}

// msg adds a valid message; it is delivered unless an error came before it on the wire.
func (b *builder) msg(content string) *builder {
	return b.run(one(content), "")
}

// noted is msg with a note on the content.
func (b *builder) noted(content, note string) *builder {
	return b.run(one(content), note)
}

// run adds a valid message with content in parts.
func (b *builder) run(content []vectors.Part, note string) *builder {
	n := size(content)
	b.header(0x00, length(n))
	for i, p := range content {
		if i > 0 {
			note = ""
		}
		b.field(vectors.FieldContent, p, note)
	}
	if !b.failed() {
		b.v.Messages = append(b.v.Messages, message(content))
	}
	return b
}

// bait adds a valid message of four bytes behind an error. Whoever delivers it did not close.
func (b *builder) bait() *builder { return b.noted("bait", "bait: never delivered") }

// fail marks what comes next on the wire as the message in error.
func (b *builder) fail(cause vectors.ErrorKind) *builder {
	b.v.Outcome = vectors.Outcome{State: vectors.StateClosed, Error: cause, Offset: b.wireLen()}
	return b
}

// reserved adds a message that is wrong in its reserved byte alone.
func (b *builder) reserved(value byte, content string) *builder {
	if !b.failed() {
		b.fail(vectors.ErrorReservedByte)
	}
	return b.header(value, length(len(content))).field(vectors.FieldContent, vectors.Part{Unit: []byte(content), Repeat: 1}, "")
}

// empty adds a header that announces no content.
func (b *builder) empty() *builder {
	if !b.failed() {
		b.fail(vectors.ErrorEmptyMessage)
	}
	return b.header(0x00, "\x00\x00\x00")
}

// end marks the end of the stream between messages.
func (b *builder) end() *builder {
	b.fail(vectors.ErrorEndOfStream)
	b.v.EndOfStream = true
	return b
}

// cutHeader adds the first bytes of a header and ends the stream there.
func (b *builder) cutHeader(bytes string) *builder {
	b.fail(vectors.ErrorTruncatedHeader)
	b.v.EndOfStream = true
	b.field(vectors.FieldReserved, vectors.Part{Unit: []byte(bytes[:1]), Repeat: 1}, "")
	if len(bytes) > 1 {
		b.field(vectors.FieldLength, vectors.Part{Unit: []byte(bytes[1:]), Repeat: 1}, "cut")
	}
	return b
}

// cutContent adds a header that announces n bytes, the given content, which is shorter, and ends the stream there.
func (b *builder) cutContent(n int, content []vectors.Part) *builder {
	b.fail(vectors.ErrorTruncatedContent)
	b.v.EndOfStream = true
	b.header(0x00, length(n))
	for _, p := range content {
		b.field(vectors.FieldContent, p, "cut")
	}
	return b
}

// pieces sets the sizes of the pieces in which the wire is sent.
func (b *builder) pieces(sizes ...int) *builder {
	b.v.Pieces = sizes
	return b
}

// bytewise has every byte of the wire sent as a piece of its own.
func (b *builder) bytewise() *builder { return b.every(1) }

// every cuts the wire into pieces of n bytes; the last may be shorter.
func (b *builder) every(n int) *builder {
	b.v.Pieces = nil
	for left := b.wireLen(); left > 0; left -= n {
		b.v.Pieces = append(b.v.Pieces, min(n, left))
	}
	return b
}

// whole has the wire sent in one piece.
func (b *builder) whole() *builder { return b.pieces(b.wireLen()) }

// cut has the wire sent in pieces that begin at the offsets.
func (b *builder) cut(offsets ...int) *builder {
	last := 0
	b.v.Pieces = nil
	for _, o := range append(slices.Clone(offsets), b.wireLen()) {
		b.v.Pieces = append(b.v.Pieces, o-last)
		last = o
	}
	return b
}

// done returns the vector with the lengths and hashes that follow from its bytes.
func (b *builder) done() *vectors.Vector {
	h := sha256.New()
	for _, s := range b.v.Segments {
		for range s.Repeat {
			h.Write(s.Unit)
		}
	}
	b.v.WireLength = b.wireLen()
	b.v.WireSHA256 = hex.EncodeToString(h.Sum(nil))
	return &b.v
}

func (b *builder) header(reserved byte, length string) *builder {
	b.field(vectors.FieldReserved, vectors.Part{Unit: []byte{reserved}, Repeat: 1}, "")
	return b.field(vectors.FieldLength, vectors.Part{Unit: []byte(length), Repeat: 1}, "")
}

func (b *builder) field(f vectors.Field, p vectors.Part, note string) *builder {
	b.v.Segments = append(b.v.Segments, vectors.Segment{Field: f, Part: p, Note: note})
	return b
}

func (b *builder) failed() bool { return b.v.Outcome.State == vectors.StateClosed }

func (b *builder) wireLen() int {
	n := 0
	for _, s := range b.v.Segments {
		n += s.Len()
	}
	return n
}
