package suite

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/transport"
	"github.com/oizys-protocol/oizys/spec"
)

// answer is one echo that is wrong, beside what it should have been.
type answer struct {
	got      []byte // what came, from the wrong answer's header on
	want     []byte // the expected content
	length   int    // what the header that came announces
	body     []byte // the content that came, as far as it came
	earlier  []byte // the content of the message before; nil for the first
	later    []byte // the content of the message behind; nil for the last
	messages int
}

// cause is a way in which implementations go wrong, and how to tell it from an answer.
type cause struct {
	text string
	rule string // the requirement that it breaks; empty means what the case is about
	fits func(answer) bool
}

// causes are tried in order; those that fit are the hints.
func causes() []cause {
	return []cause{
		{"content is sent without a header", "hdr/length", func(a answer) bool { return len(a.want) >= 2 && bytes.HasPrefix(a.got, head(a.want, 8)) }},
		{"the length is written in little-endian byte order", "hdr/length", func(a answer) bool {
			n := len(a.want)
			return a.length != n && a.length == n>>16&0xff|n&0xff00|n&0xff<<16
		}},
		{"the length is written as a 32-bit little-endian number", "hdr/length", func(a answer) bool {
			n := len(a.want)
			return len(a.got) >= 4 && int(a.got[0])|int(a.got[1])<<8|int(a.got[2])<<16|int(a.got[3])<<24 == n
		}},
		{"a header is followed by another: the message is framed twice", "msg/binary", func(a answer) bool {
			return a.length == len(a.want)+spec.HeaderLen && framedTwice(a)
		}},
		{"the length that is sent counts the header's 4 bytes", "hdr/length", func(a answer) bool {
			return a.length == len(a.want)+spec.HeaderLen && bytes.HasPrefix(a.body, head(a.want, len(a.body)))
		}},
		{"the length is written as a 64-bit number", "hdr/length", func(a answer) bool {
			return a.length == 0 && len(a.got) >= spec.HeaderLen && a.got[0] == spec.Reserved && framedTwice(a)
		}},
		{"content is followed by a NUL that is counted: a string's terminator is sent", "msg/binary", func(a answer) bool {
			return a.length == len(a.want)+1 && bytes.HasPrefix(a.body, head(a.want, len(a.body))) && endsWith(a, 0)
		}},
		{"content is written as a quoted text with escapes", "msg/binary", func(a answer) bool {
			return a.length > len(a.want) && bytes.HasPrefix(a.body, head(append([]byte("b'"), a.want...), 4))
		}},
		{"a line end is added to the content", "msg/binary", func(a answer) bool { return a.length == len(a.want)+1 && endsWith(a, '\n') }},
		{"the length loses its upper bytes: it is kept in 16 bits", "", func(a answer) bool { return len(a.want) > 0xffff && a.length == len(a.want)&0xffff }},
		{"the length loses its upper bytes: it is kept in 8 bits", "", func(a answer) bool { return len(a.want) > 0xff && a.length == len(a.want)&0xff }},
		{"a message is answered twice", "stream/order", func(a answer) bool { return a.earlier != nil && same(a, a.earlier) }},
		{"a message is dropped, or overtaken by the one behind it", "stream/order", func(a answer) bool { return a.later != nil && same(a, a.later) }},
		{"an empty message is sent", "", func(a answer) bool { return len(a.got) >= spec.HeaderLen && a.length == 0 && a.got[0] == 0 }},
		{"content is cut short: only what one read returned is taken for the message", "", func(a answer) bool {
			return a.length < len(a.want) && a.length > 0 && bytes.HasPrefix(a.want, head(a.body, a.length))
		}},
		{"bytes from U+FFFD (ef bf bd) are in the answer: content is decoded as UTF-8 text", "msg/binary", func(a answer) bool {
			return !utf8.Valid(a.want) && bytes.Contains(a.body, []byte("\xef\xbf\xbd"))
		}},
		{"bytes above 0x7f come back as two: content is re-encoded from Latin-1 to UTF-8", "msg/binary", func(a answer) bool {
			return !utf8.Valid(a.want) && a.length > len(a.want)
		}},
		{"line ends are translated: content is treated as text", "msg/binary", func(a answer) bool {
			return bytes.ContainsAny(a.want, "\r\n") && a.length != len(a.want) && bytes.Equal(strip(a.want), strip(head(a.body, a.length)))
		}},
		{"white space is stripped from the content", "msg/binary", func(a answer) bool {
			trimmed := bytes.TrimSpace(a.want)
			return a.length == len(trimmed) && a.length < len(a.want) && bytes.HasPrefix(a.body, trimmed)
		}},
		{"content ends at its first NUL: it is treated as a C string", "msg/binary", func(a answer) bool {
			return bytes.IndexByte(a.want, 0) >= 0 && bytes.IndexByte(a.want, 0) == a.length
		}},
		{"content of another message stands in the answer: a buffer is reused too early, or shared", "", func(a answer) bool {
			return a.length == len(a.want) && a.earlier != nil && len(a.body) > 16 && bytes.Contains(a.earlier, a.body[len(a.body)-8:])
		}},
	}
}

// framedTwice reports whether what came behind the header is the whole message that was expected, its own header first.
func framedTwice(a answer) bool {
	message := frame(a.want)
	return len(a.body) > spec.HeaderLen && bytes.HasPrefix(a.body, head(message, len(a.body)))
}

func head(b []byte, n int) []byte { return b[:min(len(b), n)] }

func endsWith(a answer, b byte) bool {
	return len(a.body) > len(a.want) && a.body[len(a.want)] == b
}

func same(a answer, content []byte) bool {
	return a.length == len(content) && len(a.body) > 0 && bytes.HasPrefix(content, head(a.body, len(content)))
}

func strip(b []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if r == '\r' || r == '\n' {
			return -1
		}
		return r
	}, b)
}

// hints names the causes that fit the first wrong answer.
func (x exchange) hints(s transport.State) []string {
	var texts []string
	for _, c := range x.likely(s) {
		texts = append(texts, c.text)
	}
	return texts
}

// likely returns the causes that fit the first wrong answer.
func (x exchange) likely(s transport.State) []cause {
	whole, inside, _ := x.place(int(s.Matched))
	spans := model.Judge(x.stream(), false).Messages
	if whole >= len(spans) {
		return nil
	}
	a := answer{got: x.received(s, inside), want: x.contentOf(spans, whole), messages: len(spans)}
	if len(a.got) >= spec.HeaderLen {
		a.length, a.body = length24(a.got), a.got[spec.HeaderLen:]
	}
	if whole > 0 {
		a.earlier = x.contentOf(spans, whole-1)
	}
	if whole+1 < len(spans) {
		a.later = x.contentOf(spans, whole+1)
	}
	var found []cause
	for _, c := range causes() {
		if c.fits(a) {
			found = append(found, c)
		}
	}
	return found
}

func (x exchange) contentOf(spans []model.Span, i int) []byte {
	return x.stream()[spans[i].Offset : spans[i].Offset+spans[i].Length]
}

// hintsOfSilence names what often lies behind an answer that does not come, by what was sent.
func (x exchange) hintsOfSilence(s transport.State) []string {
	_, _, length := x.place(int(s.Matched))
	if n := length - spec.HeaderLen; n > 0xffff {
		return []string{fmt.Sprintf("the length's upper byte may be lost (16 bits hold %s of %s)", group(n&0xffff), group(n))}
	}
	return nil
}
