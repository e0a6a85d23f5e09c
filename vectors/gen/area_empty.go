package gen

import (
	"github.com/oizys-protocol/oizys/vectors"
)

func emptyArea() vectors.File {
	return area("empty", "Headers that announce no content, in every position. Such a message is an error; nothing is "+
		"delivered for it, nor for anything behind it.",
		stream("msg/empty/only", "Nothing but an empty message.").empty().done(),
		stream("msg/empty/first", "An empty message in front of a valid one.", nothingAfter).empty().bait().done(),
		stream("msg/empty/second", "A valid message, an empty one and a valid one.", nothingAfter).msg("one").empty().bait().done(),
		stream("msg/empty/last", "Two valid messages, then an empty one and nothing behind it.").msg("one").msg("two").empty().done(),
		stream("msg/empty/between-messages", "An empty message between two valid ones in front and two behind.", nothingAfter).
			msg("one").msg("two").empty().bait().bait().done(),
		stream("msg/empty/after-ten", "Ten valid messages in front of an empty one; finds a reader that checks the first header only.", nothingAfter).
			tens().empty().bait().done(),
		stream("msg/empty/after-long", "An empty message behind one of 65,536 bytes.", nothingAfter).
			run(positional(65536), "").empty().bait().done(),
		stream("msg/empty/twice", "Two empty messages in a row: the first closes the session.", nothingAfter).empty().empty().bait().done(),
		stream("msg/empty/twice-apart", "Two empty messages with a valid one between them.", nothingAfter).empty().bait().empty().bait().done(),
		stream("msg/empty/hundred", "A hundred empty messages; finds a receiver that passes over them, or answers each.", nothingAfter).
			empties(100).bait().done(),
		stream("msg/empty/with-wrong-reserved", "No content and a wrong reserved byte: either is a reason to close, so a receiver that ignores the reserved byte has to close too.",
			"hdr/reserved-nonzero", nothingAfter).
			fail(vectors.ErrorReservedByte).header(0x01, "\x00\x00\x00").bait().done(),
		stream("msg/empty/valid-with-wrong-reserved", "A valid message, then no content and a wrong reserved byte.",
			"hdr/reserved-nonzero", nothingAfter).
			msg("one").fail(vectors.ErrorReservedByte).header(0xff, "\x00\x00\x00").bait().done(),
		stream("msg/empty/end-of-stream", "An empty message, then the end of the stream: the error is the message.").empty().halfClose().done(),
		stream("msg/empty/bytewise", "An empty message that arrives byte by byte, and the bait too.", nothingAfter).empty().bait().bytewise().done(),
		stream("msg/empty/split-header", "An empty message whose header comes in two halves.", nothingAfter).empty().bait().cut(2, 4).done(),
		stream("msg/empty/bait-apart", "The bait comes in a piece of its own, behind the empty message.", nothingAfter).empty().bait().cut(4).done(),
		stream("msg/empty/header-with-message-before", "The empty message's first byte comes with the message before it.", nothingAfter).
			msg("one").empty().bait().cut(8).done(),
	)
}

func (b *builder) empties(n int) *builder {
	for range n {
		b.empty()
	}
	return b
}

// tens adds ten valid messages.
func (b *builder) tens() *builder {
	for _, digit := range "0123456789" {
		b.msg(string(digit))
	}
	return b
}

// halfClose marks the end of the stream behind an error that came before it.
func (b *builder) halfClose() *builder {
	b.v.EndOfStream = true
	return b
}
