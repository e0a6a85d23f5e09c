package scenario

import (
	"github.com/oizys-protocol/oizys/spec"
)

// Content says which bytes a frame's content is made of: each kind is something that peers are known to trip over.
type Content uint8

// The kinds, a closed vocabulary.
const (
	Text     Content = iota // lower-case letters
	Random                  // any bytes
	Tokens                  // NUL, line ends, marks, halves of UTF-8 and what else programs treat in a special way
	Zeros                   // 0x00 only
	Ones                    // 0xff only
	Counting                // 0x00, 0x01, …, from a random start
	Headers                 // looks like headers of short messages
	Framed                  // is a series of whole messages
	Literal                 // the frame's own Bytes
	contents                // how many there are
)

// tokens is what Tokens is made of.
var tokens = [...]string{
	"\x00", "\n", "\r\n", "\r", " ", "\t", "\x1a", "\xff", "\xff\xff", "\x7f", "\x80", "%s%n%d", "%", "\\n", "\\x41", "\\", "'", "\"",
	"\xef\xbb\xbf", "\xc0\x80", "\u00e9", "\xc3", "\u20ac", "\U0001f600", "\xed\xa0\x80", "a", "Z", "0", "<&>", "\x1b[0m", "\x04", "\x03", "{}", ";",
}

// mix is the finaliser of SplitMix64: every bit of its input changes half of its output's.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (f *Frame) appendWire(dst []byte) []byte {
	header := [spec.HeaderLen]byte{f.Reserved, byte(f.Length >> 16), byte(f.Length >> 8), byte(f.Length)}
	size := f.Size()
	dst = append(dst, header[:min(size, len(header))]...)
	if size <= len(header) {
		return dst
	}
	return f.appendContent(dst, size-len(header))
}

// appendContent appends the first n bytes of the content.
func (f *Frame) appendContent(dst []byte, n int) []byte {
	x := mix(uint64(f.Seed))
	end := len(dst) + n
	for len(dst) < end {
		switch f.Content {
		case Text:
			for range min(8, end-len(dst)) {
				dst = append(dst, 'a'+byte(x%26))
				x >>= 8
			}
		case Random:
			for range min(8, end-len(dst)) {
				dst = append(dst, byte(x))
				x >>= 8
			}
		case Tokens:
			dst = append(dst, tokens[(x>>8)%uint64(len(tokens))]...)
		case Zeros:
			dst = append(dst, 0)
		case Ones:
			dst = append(dst, 0xff)
		case Counting:
			dst = append(dst, byte(uint64(f.Seed)+uint64(len(dst)-end+n)))
		case Headers:
			dst = append(dst, 0, 0, 0, byte(f.Seed%5))
		case Framed:
			dst = append(dst, 0, 0, 0, 4, 'a'+byte(f.Seed%26), 'b', 'c', '\n')
		case Literal:
			dst = append(dst, f.Bytes...)
		}
		x = mix(x + uint64(len(dst)))
	}
	return dst[:end]
}
