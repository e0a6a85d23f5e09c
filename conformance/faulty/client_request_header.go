package faulty

import (
	"fmt"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/oizys-protocol/oizys/spec"
)

// Clients that put a wrong header in front of their message.
func requestHeaderFaults() []Fault {
	return slices.Concat(requestLengthFaults(), requestCountFaults(), requestLayoutFaults())
}

// headedBy changes the header of the message, given its length.
func headedBy(encode func(n int) []byte) func(*clientHooks) { return ofSession(wrongHeader(encode)) }

// counted changes what is taken for the length of content.
func counted(count func(content []byte) int) func(*clientHooks) {
	return func(do *clientHooks) {
		do.encode = func(_ *session, content []byte) []byte { return headerOf(count(content)) }
	}
}

func requestLengthFaults() []Fault {
	return []Fault{
		{
			Name: "request-length-little-endian", Class: ByteOrder,
			Description: "The message's length has its least significant byte first: to_bytes(3, 'little') in Python, a shift loop that counts up in C; the most significant byte comes first.",
			Breaks:      []string{"hdr/length"},
			client:      headedBy(func(n int) []byte { return []byte{spec.Reserved, byte(n), byte(n >> 8), byte(n >> 16)} }),
		},
		{
			Name: "request-header-in-host-order", Class: ByteOrder,
			Description: "The header is a 32-bit number as the processor holds it: write(fd, &n, 4) without htonl in C; convert to network order.",
			Breaks:      []string{"hdr/length", "hdr/reserved-zero"},
			client:      headedBy(func(n int) []byte { return []byte{byte(n), byte(n >> 8), byte(n >> 16), 0} }),
		},
		{
			Name: "request-length-16-bit", Class: Width,
			Description: "The message announces its length modulo 65,536: htons() for a 24-bit field in C, struct.pack('>xxH') with a mask in Python; write all three bytes.",
			Breaks:      []string{"hdr/length", "msg/sizes"},
			client:      headedBy(func(n int) []byte { return []byte{spec.Reserved, 0, byte(n >> 8), byte(n)} }),
		},
		{
			Name: "request-length-8-bit", Class: Width,
			Description: "The message announces its length modulo 256: Buffer.from([0, 0, 0, n]) in Node; write all three bytes.",
			Breaks:      []string{"hdr/length", "msg/sizes"},
			client:      headedBy(func(n int) []byte { return []byte{spec.Reserved, 0, 0, byte(n)} }),
		},
		{
			Name: "request-length-sign-extended", Class: Width,
			Description: "A length whose last byte is 128 or more fills the header with ones: a byte of Java or a char of C is extended with its sign before it is joined by |; mask with 0xFF.",
			Breaks:      []string{"hdr/length", "hdr/reserved-zero", "msg/sizes"},
			client: headedBy(func(n int) []byte {
				joined := uint32(n&^0xFF) | uint32(int32(int8(n)))
				return []byte{byte(joined >> 24), byte(joined >> 16), byte(joined >> 8), byte(joined)}
			}),
		},
		{
			Name: "request-shift-copied", Class: Width,
			Description: "The length's most significant byte repeats the middle one, which shows from 256 bytes on: n >> 8 written twice; the upper byte is n >> 16.",
			Breaks:      []string{"hdr/length", "msg/sizes"},
			client:      headedBy(func(n int) []byte { return []byte{spec.Reserved, byte(n >> 8), byte(n >> 8), byte(n)} }),
		},
	}
}

func requestCountFaults() []Fault {
	return []Fault{
		{
			Name: "request-length-counts-header", Class: Layout,
			Description: "The length counts the header's 4 bytes too: the convention of many other protocols; it counts content alone.",
			Breaks:      []string{"hdr/length"},
			client:      headedBy(func(n int) []byte { return headerOf(n + spec.HeaderLen) }),
		},
		{
			Name: "request-length-in-characters", Class: Text,
			Description: "The length counts characters: len(text) in Python before text.encode(), chars().count() in Rust; count the encoded bytes.",
			Breaks:      []string{"hdr/length"},
			client:      counted(utf8.RuneCount),
		},
		{
			Name: "request-length-in-utf16-units", Class: Text,
			Description: "The length counts UTF-16 units: text.length in JavaScript, length() in Java and C#; use Buffer.byteLength, or the length of the encoded bytes.",
			Breaks:      []string{"hdr/length"},
			client:      counted(func(content []byte) int { return len(utf16.Encode([]rune(string(content)))) }),
		},
		{
			Name: "request-length-with-terminator", Class: Layout,
			Description: "The length counts a terminator that is not sent: sizeof of a string literal or strlen(s) + 1 for the header alone in C; announce what is sent.",
			Breaks:      []string{"hdr/length"},
			client:      headedBy(func(n int) []byte { return headerOf(n + 1) }),
		},
	}
}

func requestLayoutFaults() []Fault {
	return []Fault{
		{
			Name: "request-length-first", Class: Layout,
			Description: "The length stands in bytes 0 to 2 and the reserved byte behind it: a struct declared in the wrong order in C; the reserved byte comes first.",
			Breaks:      []string{"hdr/length", "hdr/reserved-zero"},
			client:      headedBy(func(n int) []byte { return append(headerOf(n)[1:], spec.Reserved) }),
		},
		{
			Name: "request-header-64-bit", Class: Layout,
			Description: "The message begins with 8 bytes of length, of which the first four announce an empty message: usize::to_be_bytes in Rust, struct.pack('>Q') in Python; write 4 bytes.",
			Breaks:      []string{"hdr/length", "msg/empty-unsent"},
			client:      headedBy(func(n int) []byte { return append(make([]byte, 4), headerOf(n)...) }),
		},
		{
			Name: "request-header-in-digits", Class: Layout,
			Description: "The length is announced in four decimal digits: str(n).zfill(4) in Python, sprintf(\"%04d\") in C; the header is binary.",
			Breaks:      []string{"hdr/length", "hdr/reserved-zero"},
			client:      headedBy(func(n int) []byte { return fmt.Appendf(nil, "%04d", n) }),
		},
		{
			Name: "request-without-header", Class: Layout,
			Description: "The message is bare content: the argument is written to the socket as netcat would; a message has a header.",
			Breaks:      []string{"cli/request", "hdr/length", "hdr/reserved-zero"},
			client:      headedBy(func(int) []byte { return nil }),
		},
		{
			Name: "request-framed-twice", Class: Layout,
			Description: "The message's content is a whole message, header and content: the program frames what its library frames again; frame in one layer.",
			Breaks:      []string{"cli/request", "msg/binary"},
			client:      givenAs(func(content []byte) []byte { return append(headerOf(len(content)), content...) }),
		},
		{
			Name: "request-reserved-is-version", Class: Reserved,
			Description: "The reserved byte is 1: taken for a version number, by one who thought ahead; it is 0x00.",
			Breaks:      []string{"hdr/reserved-zero"},
			client:      headedBy(func(n int) []byte { return append([]byte{1}, headerOf(n)[1:]...) }),
		},
		{
			Name: "request-reserved-is-opcode", Class: Reserved,
			Description: "The reserved byte is 2 for content that is not text, as the opcode of a WebSocket frame is: code of the other protocol reused; it is 0x00 for all content.",
			Breaks:      []string{"hdr/reserved-zero"},
			client: func(do *clientHooks) {
				do.encode = func(_ *session, content []byte) []byte {
					h := headerOf(len(content))
					if !utf8.Valid(content) {
						h[0] = 2
					}
					return h
				}
			},
		},
		{
			Name: "request-reserved-left-over", Class: Reserved,
			Description: "The reserved byte is what the memory held, the message's length, from 256 bytes on: a struct on the stack of which only the length is set, in C; set it to 0.",
			Breaks:      []string{"hdr/reserved-zero"},
			client: headedBy(func(n int) []byte {
				h := headerOf(n)
				h[0] = byte(n >> 8)
				return h
			}),
		},
	}
}
