package gen

import (
	"fmt"

	"github.com/oizys-protocol/oizys/vectors"
)

const nothingAfter = "close/nothing-after"

func reservedArea() vectors.File {
	f := area("reserved", "Headers that are wrong in their reserved byte alone. The length is right and its content follows, "+
		"so that a receiver that ignores the byte shows it by delivering the content and the bait behind it.")
	for i := 1; i <= 0xff; i++ {
		f.Vectors = append(f.Vectors, stream(fmt.Sprintf("hdr/reserved-nonzero/0x%02x", i),
			fmt.Sprintf("A header whose reserved byte is 0x%02x%s.", i, meaning(byte(i))), nothingAfter).
			reserved(byte(i), "Hi").bait().done())
	}
	f.Vectors = append(f.Vectors,
		stream("hdr/reserved-nonzero/second-message", "The first message is valid, the second is wrong; finds a reader that checks the first header only.", nothingAfter).
			msg("good").reserved(0x01, "bad").bait().done(),
		stream("hdr/reserved-nonzero/fourth-message", "Three valid messages before the wrong one, all in one piece.", nothingAfter).
			msg("one").msg("two").msg("three").reserved(0xff, "bad").bait().whole().done(),
		stream("hdr/reserved-nonzero/after-long", "A wrong header behind a message of 65,536 bytes.", nothingAfter).
			run(positional(65536), "").reserved(0x80, "bad").bait().done(),
		stream("hdr/reserved-nonzero/before-long", "A wrong header in front of 4,096 bytes of content; none of it is delivered.", nothingAfter).
			fail(vectors.ErrorReservedByte).reservedRun(0x01, positional(4096)).bait().done(),
		stream("hdr/reserved-nonzero/alone", "A wrong header and its content.").
			reserved(0x01, "Hi").done(),
		stream("hdr/reserved-nonzero/bytewise", "A wrong header that arrives byte by byte, and the bait too.", nothingAfter).
			reserved(0x01, "Hi").bait().bytewise().done(),
		stream("hdr/reserved-nonzero/own-piece", "The wrong byte comes in a piece of its own.", nothingAfter).
			reserved(0x01, "Hi").bait().cut(1).done(),
		stream("hdr/reserved-nonzero/bait-apart", "The bait comes in a piece of its own, behind the wrong message.", nothingAfter).
			reserved(0x01, "Hi").bait().cut(6).done(),
		stream("hdr/reserved-nonzero/twice", "Two wrong messages: the first closes the session, the second changes nothing.", nothingAfter).
			reserved(0x01, "one").reserved(0x02, "two").bait().done(),
		stream("hdr/reserved-nonzero/same-as-content", "The content repeats the wrong byte; finds a reader that looks for the next 0x00 to go on from.", nothingAfter).
			reserved(0x7f, "\x7f\x7f\x7f\x7f").bait().done(),
		stream("hdr/reserved-nonzero/many-baits", "Sixteen valid messages behind the wrong one; none is delivered.", nothingAfter).
			reserved(0x01, "Hi").baits(16).done(),
	)
	return f
}

// reservedRun is reserved for content in parts; the error has been marked before.
func (b *builder) reservedRun(value byte, content []vectors.Part) *builder {
	b.header(value, length(size(content)))
	for _, p := range content {
		b.field(vectors.FieldContent, p, "")
	}
	return b
}

func (b *builder) baits(n int) *builder {
	for range n {
		b.bait()
	}
	return b
}

// meaning says why a value of the reserved byte is more likely than others to be taken for something else.
func meaning(value byte) string {
	switch value {
	case 0x01:
		return ", which a reader of 32-bit lengths takes for 16 MiB"
	case 0x02:
		return ", the opcode of a binary message elsewhere"
	case 0x0a:
		return ", a line feed"
	case 0x0d:
		return ", a carriage return"
	case 0x16:
		return ", the first byte of a TLS handshake"
	case 0x20:
		return ", a space"
	case 0x30:
		return ", the digit 0"
	case 0x47:
		return ", the first byte of GET"
	case 0x7b:
		return ", the first byte of a JSON object"
	case 0x7f:
		return ", the largest signed byte"
	case 0x80:
		return ", the highest bit alone, which makes a signed 32-bit header negative"
	case 0x81, 0x82:
		return ", the first byte of a WebSocket frame"
	case 0xff:
		return ", all bits set"
	}
	return ""
}
