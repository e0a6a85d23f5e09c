package gen

import (
	"fmt"

	"github.com/oizys-protocol/oizys/vectors"
)

// values returns the byte values from first up to last, in order.
func values(first, last int) string {
	var s []byte
	for i := first; i <= last; i++ {
		s = append(s, byte(i))
	}
	return string(s)
}

func backwards(s string) string {
	var r []byte
	for i := len(s) - 1; i >= 0; i-- {
		r = append(r, s[i])
	}
	return string(r)
}

func repeated(unit string, n int) []vectors.Part {
	return []vectors.Part{{Unit: []byte(unit), Repeat: n}}
}

func bytesArea() vectors.File {
	f := area("bytes", "Every byte value as content: all in one message, and each as a message of its own.",
		stream("msg/binary/all-values", "All 256 byte values in rising order, in one message.").msg(values(0, 255)).done(),
		stream("msg/binary/all-values-falling", "All 256 byte values in falling order, so that each has another neighbour.").msg(backwards(values(0, 255))).done(),
		stream("msg/binary/all-values-doubled", "Each of the 256 byte values twice in a row; finds pairs that are folded into one.").msg(doubled()).done(),
		stream("msg/binary/high-half", "The 128 values with the highest bit set: no UTF-8 at all, and negative where bytes are signed.").msg(values(128, 255)).done(),
		stream("msg/binary/zeros", "4,096 bytes 0x00: memory that was never written looks the same, so the count is what shows.").run(repeated("\x00", 4096), "").done(),
		stream("msg/binary/ones", "4,096 bytes 0xff: the value of end of file when it is kept in a byte.").run(repeated("\xff", 4096), "").done(),
		stream("msg/binary/one-bits", "Each single bit on its own; finds a seven-bit channel.").msg("\x01\x02\x04\x08\x10\x20\x40\x80").done(),
		stream("msg/binary/checkerboard", "1,024 times 0x55 0xaa: every bit differs from its neighbours.").run(repeated("\x55\xaa", 1024), "").done(),
	)
	for first := 0; first < 256; first += 16 {
		b := stream(fmt.Sprintf("msg/binary/single-0x%02x-to-0x%02x", first, first+15),
			fmt.Sprintf("The values 0x%02x to 0x%02x, each as a message of one byte.", first, first+15), "stream/order")
		for i := first; i < first+16; i++ {
			b.msg(string([]byte{byte(i)}))
		}
		f.Vectors = append(f.Vectors, b.done())
	}
	return f
}

func doubled() string {
	var s []byte
	for i := range 256 {
		s = append(s, byte(i), byte(i))
	}
	return string(s)
}
