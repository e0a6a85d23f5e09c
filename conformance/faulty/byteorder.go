package faulty

import "github.com/oizys-protocol/oizys/spec"

func byteOrderFaults() []Fault {
	littleEndian := func(h header) int { return int(h[3])<<16 | int(h[2])<<8 | int(h[1]) }
	toLittleEndian := func(n int) []byte { return []byte{spec.Reserved, byte(n), byte(n >> 8), byte(n >> 16)} }
	return []Fault{
		{
			Name: "length-little-endian", Class: ByteOrder,
			Description: "The length is read and written least significant byte first: memcpy of an integer on a little-endian machine in C, struct '<I' in Python; build it from its bytes with shifts.",
			Breaks:      []string{"hdr/length"},
			mutate:      both(wrongLength(littleEndian), wrongHeader(toLittleEndian)),
		},
		{
			Name: "length-little-endian-read", Class: ByteOrder,
			Description: "The length is written in network byte order but read least significant byte first: htonl on the way out and no ntohl on the way in, in C; use one pair of functions for both ways.",
			Breaks:      []string{"hdr/length"},
			mutate:      wrongLength(littleEndian),
		},
		{
			Name: "length-little-endian-write", Class: ByteOrder,
			Description: "The length is read in network byte order but written least significant byte first: from_be_bytes paired with to_ne_bytes in Rust, writeUIntLE in Node; use one pair of functions for both ways.",
			Breaks:      []string{"hdr/length"},
			mutate:      wrongHeader(toLittleEndian),
		},
		{
			Name: "header-host-order", Class: ByteOrder,
			Description: "The whole header is one 32-bit integer in the order of a little-endian machine, so that the length's lowest byte stands in the reserved byte's place: a struct sent without htonl in C; convert at the socket.",
			Breaks:      []string{"hdr/length", "hdr/reserved-zero"},
			mutate: func(do *hooks) {
				do.reserved = func(s *session, h header) error { return refuseReserved(s, header{h[3]}) }
				do.length = func(_ *session, h header) int { return int(h[2])<<16 | int(h[1])<<8 | int(h[0]) }
				do.encode = func(_ *session, content []byte) []byte {
					n := len(content)
					return []byte{byte(n), byte(n >> 8), byte(n >> 16), spec.Reserved}
				}
			},
		},
		{
			Name: "length-low-pair-swapped", Class: ByteOrder,
			Description: "The upper byte is right, the lower two are swapped, both ways: a byte and a native uint16_t in place of three bytes in C; build the length from its bytes with shifts.",
			Breaks:      []string{"hdr/length"},
			mutate: both(
				wrongLength(func(h header) int { return int(h[1])<<16 | int(h[3])<<8 | int(h[2]) }),
				wrongHeader(func(n int) []byte { return []byte{spec.Reserved, byte(n >> 16), byte(n), byte(n >> 8)} }),
			),
		},
		{
			Name: "length-high-pair-swapped", Class: ByteOrder,
			Description: "The upper two bytes of a received length are swapped, which shows from 256 bytes on: the indices 1 and 2 mixed up, in any language; test lengths whose three bytes differ.",
			Breaks:      []string{"hdr/length"},
			mutate:      wrongLength(func(h header) int { return int(h[2])<<16 | int(h[1])<<8 | int(h[3]) }),
		},
		{
			Name: "length-shifted-up", Class: ByteOrder,
			Description: "A received length is taken 256 times too large: its three bytes copied to the front of a 32-bit integer before ntohl in C, or bytes 1 to 4 read as a word; shift the result right by 8.",
			Breaks:      []string{"hdr/length"},
			mutate:      wrongLength(func(h header) int { return bigEndian(nil, h) << 8 }),
		},
	}
}
