package suite

import (
	"encoding/binary"
	"hash/fnv"
	"slices"

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
	b := make([]byte, n)
	fill(b, tag)
	return b
}

// fill makes b what content returns.
func fill(b []byte, tag string) {
	h := fnv.New64a()
	h.Write([]byte(tag))
	key := h.Sum64()
	whole := len(b) &^ 7
	for i := 0; i < whole; i += 8 {
		binary.LittleEndian.PutUint64(b[i:], mix(key+uint64(i)))
	}
	var last [8]byte
	binary.LittleEndian.PutUint64(last[:], mix(key+uint64(whole)))
	copy(b[whole:], last[:])
	if len(b) > len(tag) {
		copy(b, tag)
	}
}

// message is frame(content(tag, n)), made in one piece, in memory that the env takes back when it is closed.
func (e *Env) message(tag string, n int) []byte { return e.cutMessage(tag, n, n) }

// cutMessage returns the beginning of a message that announces n bytes of content: the header and sent bytes of it.
func (e *Env) cutMessage(tag string, sent, n int) []byte {
	b := append(e.buffer(spec.HeaderLen+sent), spec.Reserved, byte(n>>16), byte(n>>8), byte(n))
	return appendContent(b, tag, sent)
}

// appendMessage appends frame(content(tag, n)) to b.
func appendMessage(b []byte, tag string, n int) []byte {
	return appendContent(append(b, spec.Reserved, byte(n>>16), byte(n>>8), byte(n)), tag, n)
}

func appendContent(b []byte, tag string, n int) []byte {
	at := len(b)
	b = slices.Grow(b, n)[:at+n]
	fill(b[at:], tag)
	return b
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
