package faulty

import (
	"bytes"
	"io"
)

// Clients that misread the header of a reply.
func answerHeaderFaults() []Fault {
	length := func(read func(h header) int) func(*clientHooks) { return ofSession(wrongLength(read)) }
	return []Fault{
		{
			Name: "answer-length-little-endian", Class: ByteOrder,
			Description: "The reply's length is read with its least significant byte first: int.from_bytes(h[1:], 'little') in Python, readUIntLE in Node; the most significant byte comes first.",
			Breaks:      []string{"hdr/length", "cli/reply"},
			client:      length(func(h header) int { return int(h[3])<<16 | int(h[2])<<8 | int(h[1]) }),
		},
		{
			Name: "answer-length-16-bit", Class: Width,
			Description: "The most significant byte of the reply's length is ignored: readUInt16BE(2) in Node, ntohs() in C; read all three bytes.",
			Breaks:      []string{"hdr/length", "msg/sizes", "cli/reply"},
			client:      length(func(h header) int { return int(h[2])<<8 | int(h[3]) }),
		},
		{
			Name: "answer-length-8-bit", Class: Width,
			Description: "The upper bytes of the reply's length are lost: header[1] << 16 is computed in 8 bits in Go or Rust; widen each byte before it is shifted.",
			Breaks:      []string{"hdr/length", "msg/sizes", "cli/reply"},
			client:      length(func(h header) int { return int(h[3]) }),
		},
		{
			Name: "answer-length-signed-bytes", Class: Width,
			Description: "A length with a byte of 128 or more is negative or too small: char in C and byte in Java are signed and extended before they are joined; mask each with 0xFF.",
			Breaks:      []string{"hdr/length", "msg/sizes", "cli/reply"},
			client:      length(func(h header) int { return int(int8(h[1]))<<16 + int(int8(h[2]))<<8 + int(int8(h[3])) }),
		},
		{
			Name: "answer-length-signed-16-bit", Class: Width,
			Description: "Lengths whose lower half is 32,768 or more are negative and refused: short in C or Java for the lower two bytes; use unsigned types.",
			Breaks:      []string{"hdr/length", "msg/sizes", "cli/reply"},
			client:      length(func(h header) int { return int(h[1])<<16 | int(int16(uint16(h[2])<<8|uint16(h[3]))) }),
		},
		{
			Name: "answer-length-signed-24-bit", Class: Width,
			Description: "Lengths of 8 MiB and more are negative and refused: int.from_bytes(signed=True) in Python, readIntBE in Node; read the field as unsigned.",
			Breaks:      []string{"hdr/length", "msg/sizes", "cli/reply"},
			client:      length(func(h header) int { return int(int32(uint32(bigEndian(nil, h))<<8) >> 8) }),
		},
		{
			Name: "answer-shift-precedence", Class: Width,
			Description: "Most lengths become 0: h[1] << 16 + h[2] << 8 + h[3], where + binds tighter than << in C, Python and JavaScript; use | or parentheses.",
			Breaks:      []string{"hdr/length", "cli/reply"},
			client: length(func(h header) int {
				return int(uint32(h[1]) << ((16 + h[2]) & 31) << ((8 + h[3]) & 31))
			}),
		},
		{
			Name: "answer-length-counts-header", Class: Layout,
			Description: "Four bytes less are read than the reply announces: its length is taken to count the header too, as in many other protocols; it counts content alone.",
			Breaks:      []string{"hdr/length", "cli/reply"},
			client:      length(func(h header) int { return bigEndian(nil, h) - len(h) }),
		},
		{
			Name: "answer-header-byte-ff-ends", Class: Boundary,
			Description: "A reply with a byte 0xFF in its length is taken for the end of the stream: char c = getc() compared with EOF in C; keep the result in an int.",
			Breaks:      []string{"hdr/length", "msg/sizes", "cli/reply"},
			client: func(do *clientHooks) {
				do.header = func(s *session) (header, error) {
					h, err := readHeader(s)
					if err == nil && bytes.IndexByte(h[1:], 0xFF) >= 0 {
						err = io.EOF
					}
					return h, err
				}
			},
		},
		{
			Name: "answer-header-as-text", Class: Text,
			Description: "Bytes of 0x80 and more in the reply's length become '?': the whole stream goes through a decoder for ASCII, makefile('r') in Python or setEncoding() in Node; read bytes.",
			Breaks:      []string{"hdr/length", "cli/reply"},
			client: length(func(h header) int {
				for i, b := range h {
					if b >= 0x80 {
						h[i] = '?'
					}
				}
				return bigEndian(nil, h)
			}),
		},
		{
			Name: "answer-header-line-ends-translated", Class: Text,
			Description: "A carriage return in the reply's length becomes a line feed: makefile('r') in Python, a text stream on Windows; read bytes.",
			Breaks:      []string{"hdr/length", "cli/reply"},
			client: length(func(h header) int {
				for i, b := range h {
					if b == '\r' {
						h[i] = '\n'
					}
				}
				return bigEndian(nil, h)
			}),
		},
		{
			Name: "answer-length-of-request", Class: Layout,
			Description: "As many bytes are read as were sent, whatever the reply's header says: an echo is expected; read the announced length.",
			Breaks:      []string{"hdr/length", "cli/reply"},
			client: func(do *clientHooks) {
				do.await = func(c *client) ([]byte, error) {
					if _, err := c.receiveHeader(); err != nil {
						return nil, err
					}
					return c.do.content(c.session, len(c.Message))
				}
			},
		},
	}
}

// receiveHeader reads a header and returns the length that it announces.
func (c *client) receiveHeader() (int, error) {
	h, err := c.do.header(c.session)
	if err != nil {
		return 0, err
	}
	return c.check(h)
}
