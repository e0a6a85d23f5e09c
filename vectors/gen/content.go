package gen

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/oizys-protocol/oizys/vectors"
)

// unitLen is the period of long contents: a prime, so that it lines up with no buffer size.
const unitLen = 251

// length returns the three bytes of a header that announce n bytes.
func length(n int) string {
	return string([]byte{byte(n / 65536), byte(n / 256 % 256), byte(n % 256)})
}

// one returns content that is written out.
func one(content string) []vectors.Part {
	return []vectors.Part{{Unit: []byte(content), Repeat: 1}}
}

// positional returns n bytes in which the byte at offset i is i modulo 251: bytes that are lost, doubled or swapped
// leave a step in it.
func positional(n int) []vectors.Part { return shifted(n, 0) }

// shifted is positional with the byte at offset 0 being first, so that two messages of one stream can be told apart.
func shifted(n, first int) []vectors.Part {
	unit := make([]byte, unitLen)
	for i := range unit {
		unit[i] = byte((i + first) % unitLen)
	}
	var parts []vectors.Part
	if whole := n / unitLen; whole > 0 {
		parts = append(parts, vectors.Part{Unit: unit, Repeat: whole})
	}
	if rest := n % unitLen; rest > 0 {
		parts = append(parts, vectors.Part{Unit: unit[:rest], Repeat: 1})
	}
	return parts
}

func size(parts []vectors.Part) int {
	n := 0
	for _, p := range parts {
		n += p.Len()
	}
	return n
}

func message(parts []vectors.Part) vectors.Message {
	h := sha256.New()
	for _, p := range parts {
		for range p.Repeat {
			h.Write(p.Unit)
		}
	}
	return vectors.Message{Parts: parts, Length: size(parts), SHA256: hex.EncodeToString(h.Sum(nil))}
}

// grouped writes a number with its thousands apart: 16,777,215.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
