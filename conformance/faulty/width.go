package faulty

import "github.com/oizys-protocol/oizys/spec"

func widthFaults() []Fault {
	return []Fault{
		{
			Name: "length-16-bit", Class: Width,
			Description: "The length's most significant byte is neither read nor written: uint16_t or ntohs for a 24-bit field in C; use 32 bits.",
			Breaks:      []string{"hdr/length", "msg/sizes"},
			mutate: both(
				wrongLength(func(h header) int { return int(h[2])<<8 | int(h[3]) }),
				wrongHeader(func(n int) []byte { return []byte{spec.Reserved, 0, byte(n >> 8), byte(n)} }),
			),
		},
	}
}
