package faulty

import "github.com/oizys-protocol/oizys/spec"

func widthFaults() []Fault {
	return append(narrowFaults(), arithmeticFaults()...)
}

func narrowFaults() []Fault {
	low16 := func(h header) int { return int(h[2])<<8 | int(h[3]) }
	toLow16 := func(n int) []byte { return []byte{spec.Reserved, 0, byte(n >> 8), byte(n)} }
	return []Fault{
		{
			Name: "length-16-bit", Class: Width,
			Description: "The length's most significant byte is neither read nor written: uint16_t and ntohs for a 24-bit field in C; use 32 bits.",
			Breaks:      []string{"hdr/length", "msg/sizes"},
			mutate:      both(wrongLength(low16), wrongHeader(toLow16)),
		},
		{
			Name: "length-16-bit-read", Class: Width,
			Description: "The most significant byte of a received length is ignored: readUInt16BE(2) in Node, be16toh in C; read all three bytes.",
			Breaks:      []string{"hdr/length", "msg/sizes"},
			mutate:      wrongLength(low16),
		},
		{
			Name: "length-16-bit-write", Class: Width,
			Description: "Replies announce their length modulo 65,536: a cast to uint16_t or `as u16` before the header is written in C or Rust; write all three bytes.",
			Breaks:      []string{"hdr/length", "msg/sizes"},
			mutate:      wrongHeader(toLow16),
		},
		{
			Name: "length-8-bit-shift", Class: Width,
			Description: "The upper bytes of a received length are lost: h[1] << 16 is computed in 8 bits in Go or Rust; widen each byte before it is shifted.",
			Breaks:      []string{"hdr/length", "msg/sizes"},
			mutate:      wrongLength(func(h header) int { return int(h[3]) }),
		},
		{
			Name: "length-8-bit-write", Class: Width,
			Description: "Replies announce their length modulo 256: only the last byte of the header is filled in, by one who tested with short messages; write all three bytes.",
			Breaks:      []string{"hdr/length", "msg/sizes"},
			mutate:      wrongHeader(func(n int) []byte { return []byte{spec.Reserved, 0, 0, byte(n)} }),
		},
		{
			Name: "length-23-bit", Class: Width,
			Description: "The length's top bit is masked away, so that 8 MiB and more are misread: & 0x7FFFFF or & 0x7F against a sign that is not there, in Java; mask with 0xFF.",
			Breaks:      []string{"hdr/length", "msg/sizes"},
			mutate:      wrongLength(func(h header) int { return bigEndian(nil, h) & 0x7FFFFF }),
		},
		{
			Name: "length-signed-24-bit", Class: Width,
			Description: "Lengths of 8 MiB and more are negative and refused: three bytes sign-extended, int.from_bytes(signed=True) in Python or readIntBE in Node; read the field as unsigned.",
			Breaks:      []string{"hdr/length", "msg/sizes"},
			mutate:      wrongLength(func(h header) int { return int(int32(uint32(bigEndian(nil, h))<<8) >> 8) }),
		},
		{
			Name: "length-signed-16-bit", Class: Width,
			Description: "Lengths whose lower half is 32,768 or more are negative and refused: short in C or Java for the lower two bytes; use unsigned types.",
			Breaks:      []string{"hdr/length", "msg/sizes"},
			mutate:      wrongLength(func(h header) int { return int(h[1])<<16 | int(int16(uint16(h[2])<<8|uint16(h[3]))) }),
		},
		{
			Name: "length-signed-bytes", Class: Width,
			Description: "A length with a byte of 128 or more is negative or too small: char in C and byte in Java are signed and extended before they are joined; mask each with 0xFF.",
			Breaks:      []string{"hdr/length", "msg/sizes"},
			mutate:      wrongLength(func(h header) int { return int(int8(h[1]))<<16 + int(int8(h[2]))<<8 + int(int8(h[3])) }),
		},
	}
}

func arithmeticFaults() []Fault {
	return []Fault{
		{
			Name: "length-seven-bits-a-byte", Class: Width,
			Description: "The length is read and written with seven bits in each byte, as varints and ID3 tags have it: the wrong format copied; a byte carries eight bits here.",
			Breaks:      []string{"hdr/length"},
			mutate: both(
				wrongLength(func(h header) int { return int(h[1]&0x7F)<<14 | int(h[2]&0x7F)<<7 | int(h[3]&0x7F) }),
				wrongHeader(func(n int) []byte {
					return []byte{spec.Reserved, byte(n>>14) & 0x7F, byte(n>>7) & 0x7F, byte(n) & 0x7F}
				}),
			),
		},
		{
			Name: "length-shift-precedence", Class: Width,
			Description: "Most lengths become 0: h[1] << 16 + h[2] << 8 + h[3], where + binds tighter than << in C, Python and JavaScript; use | or parentheses.",
			Breaks:      []string{"hdr/length"},
			mutate: wrongLength(func(h header) int {
				return int(uint32(h[1]) << ((16 + h[2]) & 31) << ((8 + h[3]) & 31))
			}),
		},
		{
			Name: "length-shift-copied", Class: Width,
			Description: "The most significant byte of a received length is shifted by 8, not 16, which shows from 65,536 bytes on: a line copied and not changed; test a length above 65,535.",
			Breaks:      []string{"hdr/length", "msg/sizes"},
			mutate:      wrongLength(func(h header) int { return int(h[1])<<8 | int(h[2])<<8 | int(h[3]) }),
		},
		{
			Name: "reply-shift-copied", Class: Width,
			Description: "The most significant byte of a reply's length repeats the middle one, which shows from 256 bytes on: n >> 8 written twice; the upper byte is n >> 16.",
			Breaks:      []string{"hdr/length"},
			mutate:      wrongHeader(func(n int) []byte { return []byte{spec.Reserved, byte(n >> 8), byte(n >> 8), byte(n)} }),
		},
		{
			Name: "length-base-255", Class: Width,
			Description: "A received length is computed with factors of 255 in place of 256, which shows from 256 bytes on: the largest digit taken for the base; use shifts.",
			Breaks:      []string{"hdr/length"},
			mutate:      wrongLength(func(h header) int { return (int(h[1])*255+int(h[2]))*255 + int(h[3]) }),
		},
		{
			Name: "reply-length-saturates", Class: Width,
			Description: "Replies above 65,535 bytes announce 65,535 and carry all their content: a saturating conversion, u16::try_from(n).unwrap_or(u16::MAX) in Rust; write 24 bits.",
			Breaks:      []string{"hdr/length", "msg/sizes"},
			mutate:      wrongHeader(func(n int) []byte { return headerOf(min(n, 0xFFFF)) }),
		},
	}
}
