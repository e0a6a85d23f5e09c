package gen

import (
	"fmt"

	"github.com/oizys-protocol/oizys/vectors"
)

func streamsArea() vectors.File {
	f := area("streams", "Several messages one after the other: each is delivered once, by itself and in its turn.")
	f.Vectors = append(f.Vectors, coalesced()...)
	f.Vectors = append(f.Vectors, ordered()...)
	return f
}

func coalesced() []*vectors.Vector {
	return []*vectors.Vector{
		stream("stream/coalesced/two", "The source's two examples in one piece.").msg("Hi").msg("foo").whole().done(),
		stream("stream/coalesced/three", "Three messages of different lengths in one piece.").msg("a").msg("bc").msg("def").whole().done(),
		stream("stream/coalesced/ten", "Ten messages of one byte in one piece.").tens().whole().done(),
		stream("stream/coalesced/hundred", "A hundred messages of one byte in one piece; a reader that takes one message from each read falls far behind.").
			many(100, func(i int) string { return string([]byte{byte(i)}) }).whole().done(),
		stream("stream/coalesced/fill-page", "Thirty-two messages that are 128 bytes long with their headers: they fill a page exactly.").
			fill(32, 124).whole().done(),
		stream("stream/coalesced/short-after-long", "A short message in one piece with a long one before it.").
			run(positional(4096), "").msg("short").whole().done(),
		stream("stream/coalesced/long-after-short", "A long message in one piece with a short one before it.").
			msg("short").run(positional(4096), "").whole().done(),
		stream("stream/coalesced/long-between-short", "A long message between two short ones.").
			msg("before").run(positional(70000), "").msg("after").done(),
		stream("stream/coalesced/two-long", "Two messages of 65,536 bytes that differ in every byte.").
			run(positional(65536), "").run(shifted(65536, 100), "").done(),
		stream("stream/coalesced/ends-at-page", "The first message ends exactly at 4,096 bytes, where a buffer ends.").
			run(positional(4092), "").msg("next").whole().done(),
		stream("stream/coalesced/header-over-page-1", "One byte of the second header lies before 4,096 bytes, three behind.").
			run(positional(4091), "").msg("next").whole().done(),
		stream("stream/coalesced/header-over-page-2", "Two bytes of the second header lie before 4,096 bytes, two behind.").
			run(positional(4090), "").msg("next").whole().done(),
		stream("stream/coalesced/header-over-page-3", "Three bytes of the second header lie before 4,096 bytes, one behind.").
			run(positional(4089), "").msg("next").whole().done(),
		stream("stream/coalesced/header-before-page", "The second header ends exactly at 4,096 bytes; its content is in the next buffer.").
			run(positional(4088), "").msg("next").whole().done(),
	}
}

func ordered() []*vectors.Vector {
	ascending := stream("stream/order/ascending", "Contents of 1 to 32 bytes, each longer than the one before.")
	descending := stream("stream/order/descending", "Contents of 32 to 1 bytes: each could be completed by what the one before left in a buffer.")
	for i := 1; i <= 32; i++ {
		ascending.run(shifted(i, i), "")
		descending.run(shifted(33-i, i), "")
	}
	return []*vectors.Vector{
		stream("stream/order/numbered", "Fifty messages that carry their number.").
			many(50, func(i int) string { return fmt.Sprintf("message %d", i) }).done(),
		stream("stream/order/same-again", "The same content five times: a repeated message is not a duplicate.").
			many(5, func(int) string { return "again" }).done(),
		stream("stream/order/same-again-apart", "The same content twice with another between.").msg("again").msg("other").msg("again").done(),
		stream("stream/order/prefixes", "Each content begins with the one before it.").msg("a").msg("ab").msg("abc").msg("abcd").done(),
		stream("stream/order/shrinking", "Each content is the beginning of the one before it; finds stale bytes.").msg("abcd").msg("abc").msg("ab").msg("a").done(),
		stream("stream/order/palindrome", "The same messages forwards and backwards.").msg("1").msg("22").msg("333").msg("22").msg("1").done(),
		ascending.done(),
		descending.done(),
		stream("stream/order/alternating", "Long and short contents in turn, eight times; finds stale bytes and replies that overtake.").
			alternate(16, 1, 1000).done(),
		stream("stream/order/long-first", "A message of 262,144 bytes and then ten of one byte: the short ones must not overtake it.").
			run(positional(262144), "").tens().done(),
		stream("stream/order/zeros", "Contents of one to four zero bytes: header and content differ only by place.").
			msg("\x00").msg("\x00\x00").msg("\x00\x00\x00").msg("\x00\x00\x00\x00").done(),
		stream("stream/order/two-mebibytes", "Two messages of 1,048,576 bytes in a row that differ in every byte: more than the sockets hold, both ways.", "stream/duplex").
			run(positional(1048576), "").run(shifted(1048576, 125), "").done(),
	}
}

// many adds n messages.
func (b *builder) many(n int, content func(i int) string) *builder {
	for i := range n {
		b.msg(content(i))
	}
	return b
}

// fill adds n messages of the same length and different contents.
func (b *builder) fill(n, length int) *builder { return b.alternate(n, length, length) }

// alternate adds n messages whose lengths are in turn the one and the other; each repeats a letter of its own.
func (b *builder) alternate(n, one, other int) *builder {
	for i := range n {
		letter := string([]byte{byte('A' + i)})
		b.run(repeated(letter, []int{one, other}[i%2]), "")
	}
	return b
}
