package suite

import (
	"encoding/binary"
	"hash/fnv"

	"github.com/oizys-protocol/oizys/spec"
)

// frame returns the message with the given content, as a conforming sender writes it.
func frame(content []byte) []byte { return rawFrame(spec.Reserved, len(content), content) }

// rawFrame returns a header with the given reserved byte and length, and content behind it, whether they fit or not.
func rawFrame(reserved byte, length int, content []byte) []byte {
	b := make([]byte, 0, spec.HeaderLen+len(content))
	b = append(b, reserved, byte(length>>16), byte(length>>8), byte(length))
	return append(b, content...)
}

// content returns n bytes that begin with the tag, if there is room, and go on with bytes of which each depends on the
// tag and on its own place: whatever is shifted, dropped, repeated or taken from elsewhere shows.
func content(tag string, n int) []byte {
	h := fnv.New64a()
	h.Write([]byte(tag))
	key := h.Sum64()
	b := make([]byte, (n+7)/8*8)
	for i := 0; i < len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], mix(key+uint64(i)))
	}
	if n > len(tag) {
		copy(b, tag)
	}
	return b[:n]
}

// mix is a bijection on 64-bit numbers whose every output bit depends on every input bit (a finaliser of two rounds of
// xor, shift and multiply).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func join(parts ...[]byte) []byte {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	all := make([]byte, 0, n)
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}
