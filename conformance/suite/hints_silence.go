package suite

import (
	"bytes"
	"fmt"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/transport"
	"github.com/oizys-protocol/oizys/spec"
)

const shortWrite = "only a part of an answer is written: a write takes what the socket has room for, and its result is ignored (short write)"

// hintsOfSilence names what often lies behind an answer that does not come, or breaks off, by what was sent, what came of
// the answer and what the peer was seen to get right before; the likeliest first.
func (x exchange) hintsOfSilence(s transport.State) []string {
	whole, inside, length := x.place(int(s.Matched))
	switch {
	case length == 0 || inside > 0 && inside < spec.HeaderLen:
		return nil
	case inside > 0:
		return x.hintsOfBreak(whole, inside-spec.HeaderLen, length-spec.HeaderLen)
	default:
		if hints := x.hintsOfPieces(whole); len(hints) > 0 {
			return hints
		}
		return x.seen.hintsOfLength(length - spec.HeaderLen)
	}
}

// leastShort is how much of an answer the socket has room for at least: one that breaks off before is no short write.
const leastShort = 1 << 10

// hintsOfBreak is about an answer with the right header and the beginning of its content.
func (x exchange) hintsOfBreak(message, came, length int) []string {
	offset := model.Judge(x.stream(), false).Messages[message].Offset
	switch {
	case length > 0xffff && came == length&0xffff && x.seen.longestContent() <= 0xffff:
		return []string{lost16(length)}
	case within(offsets(x.pieces), offset+came, offset+came+1):
		return []string{"content is taken from a single read: what comes later is not waited for"}
	case came >= leastShort:
		return []string{shortWrite}
	default:
		return nil
	}
}

// hintsOfPieces is about a message that came in pieces and was not answered at all.
func (x exchange) hintsOfPieces(message int) []string {
	var hints []string
	m := model.Judge(x.stream(), false).Messages[message]
	cuts := offsets(x.pieces)
	header, content := x.seen.cutMessages()
	if !header && within(cuts, m.Offset-spec.HeaderLen+1, m.Offset) {
		hints = append(hints, "a header is taken from a single read, which returns less when the header comes in pieces")
	}
	if !content && within(cuts, m.Offset, m.Offset+m.Length) {
		hints = append(hints, "content is taken from a single read, which returns less when the content comes in pieces")
	}
	return hints
}

// leastLimit is from which length on content that is refused may be longer than the peer has room for.
const leastLimit = 1 << 10

// hintsOfLength is about content of the given length of which nothing came back.
func (s *Seen) hintsOfLength(length int) []string {
	var hints []string
	longest, known := s.longestContent(), s.highBytes()
	if length > 0xffff && length&0xffff == 0 && longest <= 0xffff {
		hints = append(hints, lost16(length))
	}
	for i, b := range [3]byte{byte(length >> 16), byte(length >> 8), byte(length)} {
		if b >= 0x80 && !known[i] {
			hints = append(hints, fmt.Sprintf("a byte of the length may be taken for a signed number: 0x%02x becomes %d", b, int8(b)))
			break
		}
	}
	if length >= leastLimit && length > longest {
		text := fmt.Sprintf("the peer may have a limit, or a buffer, of its own below %s", count(length, "byte"))
		if longest > 0 {
			text += fmt.Sprintf(": %s came back before", group(longest))
		}
		hints = append(hints, text)
	}
	return hints
}

// lost16 says that a length is kept in 16 bits.
func lost16(length int) string {
	return fmt.Sprintf("the length's upper byte may be lost (16 bits hold %s of %s)", group(length&0xffff), group(length))
}

// Causes of going on behind an error.
const (
	emptySkipped  = "an empty message is skipped: a header that announces no content is not taken for an error"
	emptyAnswered = "a header that announces no content is taken for a message"
	partDelivered = "the end of the stream inside content is not noticed: how much a read has returned is not checked"
)

// hintsOfGoingOn names the likely causes of what came behind an error.
func (x exchange) hintsOfGoingOn(s transport.State) []string {
	if int(s.Matched) < x.out.Valid || int(s.Matched) > len(x.sent) {
		return x.hints(s)
	}
	bad := x.stream()[x.out.Valid:]
	got := join(x.stream()[x.out.Valid:s.Matched], s.Stray)
	switch x.out.End {
	case model.Empty:
		behind := bad[spec.HeaderLen:]
		switch {
		case bytes.HasPrefix(got, bad[:spec.HeaderLen]):
			return []string{emptyAnswered}
		case len(behind) > 0 && bytes.HasPrefix(got, head(behind, len(got))):
			return []string{emptySkipped}
		}
	case model.TruncatedContent:
		n, came := length24(bad), len(bad)-spec.HeaderLen
		hints := []string{partDelivered}
		if n > 0xffff && n&0xffff <= came && len(got) == spec.HeaderLen+n&0xffff && x.seen.longestContent() <= 0xffff {
			hints = append([]string{lost16(n)}, hints...)
		}
		if bytes.HasPrefix(got, bad[:spec.HeaderLen]) || bytes.HasPrefix(got, rawFrame(0, came, nil)) {
			return hints
		}
	}
	return x.hints(s)
}
