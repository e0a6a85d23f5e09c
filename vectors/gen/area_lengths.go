package gen

import (
	"encoding/hex"
	"fmt"

	"github.com/oizys-protocol/oizys/spec"
	"github.com/oizys-protocol/oizys/vectors"
)

// boundary is a length of content that finds a kind of mistake. The three bytes that announce it are written by hand
// beside it; the loader refuses a vector in which the two disagree.
type boundary struct {
	n   int
	hex string
	why string
}

func (l boundary) description() string {
	unit := "bytes"
	if l.n == 1 {
		unit = "byte"
	}
	return grouped(l.n) + " " + unit + ": " + l.why
}

// exactly adds a valid message of that length, whose header is the one written by hand.
func (b *builder) exactly(l boundary) *builder {
	announced, err := hex.DecodeString(l.hex)
	if err != nil {
		panic("vectors/gen: " + l.hex + " is not hex") // a slip in this package, found by its first run
	}
	content := positional(l.n)
	b.header(spec.Reserved, string(announced))
	for _, p := range content {
		b.field(vectors.FieldContent, p, "")
	}
	b.v.Messages = append(b.v.Messages, message(content))
	return b
}

func lengthsArea() vectors.File {
	f := area("lengths", "One message of each length at which implementations tend to go wrong. The byte at offset i of the "+
		"content is i modulo 251, so that nothing can be lost, doubled or swapped unseen.")
	for _, l := range boundaries() {
		f.Vectors = append(f.Vectors, stream(fmt.Sprintf("msg/sizes/%d", l.n), l.description(), "hdr/length").exactly(l).done())
	}
	return f
}

func boundaries() []boundary {
	return []boundary{
		{1, "000001", "the shortest content that there is, and a NUL."},
		{2, "000002", "the next after the shortest."},
		{3, "000003", "content shorter than a header; finds a reader that asks for four bytes at a time."},
		{4, "000004", "content as long as a header."},
		{5, "000005", "content one byte longer than a header."},
		{8, "000008", "a machine word."},
		{126, "00007e", "WebSocket's mark for a 16-bit length."},
		{127, "00007f", "the largest signed byte, and WebSocket's mark for a 64-bit length."},
		{128, "000080", "one above the largest signed byte."},
		{251, "0000fb", "the whole period of the content, once."},
		{252, "0000fc", "with its header exactly 256 bytes."},
		{255, "0000ff", "the largest length in one byte."},
		{256, "000100", "the first length that needs two bytes; cut to 8 bits it would be none."},
		{257, "000101", "cut to 8 bits it would be one byte."},
		{1023, "0003ff", "one byte below a buffer of 1,024; finds a reader that keeps room for a NUL."},
		{1024, "000400", "a buffer of 1,024, full."},
		{1025, "000401", "one byte more than a buffer of 1,024."},
		{4091, "000ffb", "with its header one byte below a page."},
		{4092, "000ffc", "with its header exactly a page."},
		{4095, "000fff", "one byte below a page."},
		{4096, "001000", "a page; the default buffer of many libraries."},
		{4097, "001001", "one byte more than a page."},
		{8191, "001fff", "one byte below a buffer of 8,192."},
		{8192, "002000", "a buffer of 8,192, the default of many standard libraries."},
		{8193, "002001", "one byte more than a buffer of 8,192."},
		{16383, "003fff", "the largest length that a variable-length integer writes in two bytes."},
		{16384, "004000", "one above the largest length of a two-byte variable-length integer."},
		{32767, "007fff", "the largest signed 16-bit number."},
		{32768, "008000", "one above the largest signed 16-bit number."},
		{65531, "00fffb", "with its header one byte below 65,536."},
		{65532, "00fffc", "with its header exactly 65,536 bytes; a 16-bit total is zero."},
		{65535, "00ffff", "the largest length in two bytes."},
		{65536, "010000", "the first length that needs three bytes; cut to 16 bits it would be none."},
		{65537, "010001", "cut to 16 bits it would be one byte."},
		{212992, "034000", "the usual send buffer of a socket on Linux: one write no longer takes the whole message."},
		{262144, "040000", "2^18: more than the usual buffer of a socket on Linux."},
		{1048575, "0fffff", "one byte below 1 MiB."},
		{1048576, "100000", "1 MiB, a common limit of servers."},
		{1048577, "100001", "one byte above 1 MiB."},
		{8388607, "7fffff", "the largest signed 24-bit number."},
		{8388608, "800000", "one above the largest signed 24-bit number; negative if the first byte is signed."},
		{16777214, "fffffe", "one byte below the limit."},
		{16777215, "ffffff", "the longest content that there is; one more would not fit the header."},
	}
}
