package faulty

import "github.com/oizys-protocol/oizys/spec"

func byteOrderFaults() []Fault {
	littleEndian := func(h header) int { return int(h[3])<<16 | int(h[2])<<8 | int(h[1]) }
	toLittleEndian := func(n int) []byte { return []byte{spec.Reserved, byte(n), byte(n >> 8), byte(n >> 16)} }
	return []Fault{
		{
			Name: "length-little-endian", Class: ByteOrder,
			Description: "The length is read and written least significant byte first: memcpy of an integer on a little-endian machine in C or C++; build it from its bytes with shifts.",
			Breaks:      []string{"hdr/length"},
			mutate:      both(wrongLength(littleEndian), wrongHeader(toLittleEndian)),
		},
	}
}
