package suite

import (
	"bytes"
	"unicode/utf8"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/transport"
	"github.com/oizys-protocol/oizys/spec"
)

// answer is one echo that is wrong, beside what it should have been.
type answer struct {
	got     []byte // what came, from the wrong answer's header on
	want    []byte // the expected content
	length  int    // what the header that came announces
	body    []byte // the content that came, as far as it came
	earlier []byte // the content of the message before; nil for the first
	later   []byte // the content of the message behind; nil for the last
	lost    int    // how far on in the expected stream what came goes on; 0 means nowhere
	aligned bool   // the answer differs from its first byte on, and what came is a later one
	right   int    // how much of the answer, header included, is right
	stray   []byte // what came from the first difference on
	next    []byte // what was expected from there on
	given   bool   // the message was not read from the stream, but given to the peer
}

// cause is a way in which implementations go wrong, and how to tell it from an answer.
type cause struct {
	text string
	rule string // the requirement that it breaks; empty means what the case is about
	fits func(answer) bool
	kind kind
}

// kind says which causes exclude each other: of those of one kind, the first that fits is the only one.
type kind int

const (
	single   kind = iota // excludes none
	ofLength             // why the length is another
	ofText               // which text the content is taken for
)

// causes are tried in order; those that fit are the hints.
func causes() []cause {
	return []cause{
		{"content is sent without a header", "hdr/length", func(a answer) bool {
			return len(a.want) >= 2 && a.want[0] != 0 && bytes.HasPrefix(a.got, head(a.want, 8))
		}, single},
		{"a greeting is sent when a session begins; the protocol has none", "", func(a answer) bool {
			return a.earlier == nil && !a.given && len(a.want) > 1 && !framedTwice(a) && bytes.Index(head(a.got, farthest+len(a.want)), frame(a.want)) > 0
		}, single},
		{"the length is written in little-endian byte order", "hdr/length", func(a answer) bool {
			n := len(a.want)
			return a.length != n && a.length == n>>16&0xff|n&0xff00|n&0xff<<16
		}, single},
		{"the length is written as a 32-bit little-endian number", "hdr/length", func(a answer) bool {
			n := len(a.want)
			return len(a.got) >= 4 && int(a.got[0])|int(a.got[1])<<8|int(a.got[2])<<16|int(a.got[3])<<24 == n
		}, single},
		{"a header is followed by another: the message is framed twice", "msg/binary", func(a answer) bool {
			return a.length == len(a.want)+spec.HeaderLen && framedTwice(a)
		}, single},
		{"the length that is sent counts the header's 4 bytes", "hdr/length", func(a answer) bool {
			return a.length == len(a.want)+spec.HeaderLen && bytes.HasPrefix(a.body, head(a.want, len(a.body)))
		}, single},
		{"the length is written as a 64-bit number", "hdr/length", func(a answer) bool {
			return a.length == 0 && len(a.got) >= spec.HeaderLen && a.got[0] == spec.Reserved && framedTwice(a)
		}, single},
		{"content is followed by a NUL that is counted: a string's terminator is sent", "msg/binary", func(a answer) bool {
			return a.length == len(a.want)+1 && bytes.HasPrefix(a.body, head(a.want, len(a.body))) && endsWith(a, 0)
		}, single},
		{"content is written as a quoted text with escapes", "msg/binary", func(a answer) bool {
			return a.length > len(a.want) && bytes.HasPrefix(a.body, head(append([]byte("b'"), a.want...), 4))
		}, single},
		{"a line end is added to the content", "msg/binary", func(a answer) bool { return a.length == len(a.want)+1 && endsWith(a, '\n') }, single},
		{"the length loses its upper bytes: it is kept in 16 bits", "", func(a answer) bool { return len(a.want) > 0xffff && a.length == len(a.want)&0xffff }, ofLength},
		{"the length loses its upper bytes: it is kept in 8 bits", "", func(a answer) bool { return len(a.want) > 0xff && a.length == len(a.want)&0xff }, ofLength},
		{"content ends at its first NUL: it is treated as a C string", "msg/binary", func(a answer) bool {
			return bytes.IndexByte(a.want, 0) >= 0 && bytes.IndexByte(a.want, 0) == a.length
		}, ofLength},
		{"white space is stripped from the content", "msg/binary", func(a answer) bool {
			return a.length < len(a.want) && len(a.body) >= a.length && a.length > 0 && bytes.Contains(a.want, a.body[:a.length]) &&
				bytes.Equal(bytes.TrimSpace(a.want), bytes.TrimSpace(a.body[:a.length]))
		}, ofLength},
		{"the length counts characters of the text, not bytes", "hdr/length", func(a answer) bool {
			return utf8.Valid(a.want) && a.length < len(a.want) && a.length == utf8.RuneCount(a.want) && len(a.body) > a.length && bytes.HasPrefix(a.body, head(a.want, len(a.body)))
		}, ofLength},
		{"line ends are translated: content is treated as text", "msg/binary", func(a answer) bool {
			return bytes.ContainsAny(a.want, "\r\n") && a.length != len(a.want) && bytes.Equal(strip(a.want), strip(head(a.body, a.length)))
		}, ofLength},
		{"an empty message is sent", "", func(a answer) bool { return len(a.got) >= spec.HeaderLen && a.length == 0 && a.got[0] == 0 }, ofLength},
		{"content is cut short: only what one read returned is taken for the message", "", func(a answer) bool {
			return !a.given && a.length < len(a.want) && a.length > 0 && bytes.HasPrefix(a.want, head(a.body, a.length))
		}, ofLength},
		{"a message is answered twice", "stream/order", func(a answer) bool { return a.earlier != nil && same(a, a.earlier) }, single},
		{"a message is dropped, or overtaken by the one behind it", "stream/order", func(a answer) bool { return a.later != nil && same(a, a.later) }, single},
		{shortWrite, "", func(a answer) bool { return a.lost > 0 && !a.aligned }, single},
		{"content is taken from a single read: the rest of its buffer stays zero", "", func(a answer) bool {
			if a.right < spec.HeaderLen || a.given {
				return false
			}
			zeros := head(a.stray, len(a.want)+spec.HeaderLen-a.right)
			return len(zeros) > 0 && len(bytes.Trim(zeros, "\x00")) == 0 && len(bytes.Trim(head(a.next, len(zeros)), "\x00")) > 0
		}, single},
		{"bytes from U+FFFD (ef bf bd) are in the answer: content is decoded as UTF-8 text", "msg/binary", func(a answer) bool {
			return !utf8.Valid(a.want) && bytes.Contains(a.body, []byte(unreadable)) && !bytes.Contains(a.want, []byte(unreadable))
		}, ofText},
		{"bytes above 0x7f come back as two: content is re-encoded from Latin-1 to UTF-8", "msg/binary", func(a answer) bool {
			added := a.length - len(a.want) // what is long is not encoded for the sake of its length alone
			return added > 0 && added == above7f(a.want) && bytes.HasPrefix(fromLatin1(a.want), head(a.body, a.length))
		}, ofText},
		{"content of another message stands in the answer: a buffer is reused too early, or shared", "", func(a answer) bool {
			return a.length == len(a.want) && a.earlier != nil && len(a.body) > 16 && bytes.Contains(a.earlier, a.body[len(a.body)-8:])
		}, single},
	}
}

// unreadable is what a decoder puts in the place of bytes that are no UTF-8: U+FFFD.
const unreadable = "\xef\xbf\xbd"

// framedTwice reports whether what came behind the header is the whole message that was expected, its own header first.
func framedTwice(a answer) bool {
	if len(a.body) <= spec.HeaderLen {
		return false
	}
	content, announced := bytes.CutPrefix(a.body, rawFrame(spec.Reserved, len(a.want), nil))
	return announced && bytes.HasPrefix(content, head(a.want, len(content)))
}

func head(b []byte, n int) []byte { return b[:min(len(b), n)] }

func endsWith(a answer, b byte) bool {
	return len(a.body) > len(a.want) && a.body[len(a.want)] == b
}

func same(a answer, content []byte) bool {
	return a.length == len(content) && len(a.body) > 0 && bytes.HasPrefix(content, head(a.body, len(content)))
}

// above7f counts the bytes above 0x7f.
func above7f(b []byte) int {
	n := 0
	for _, c := range b {
		if c > 0x7f {
			n++
		}
	}
	return n
}

// fromLatin1 returns the UTF-8 text that somebody sees in b who takes it for Latin-1.
func fromLatin1(b []byte) []byte {
	var text []byte
	for _, c := range b {
		text = utf8.AppendRune(text, rune(c))
	}
	return text
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
	a := answer{got: x.received(s, inside), want: x.contentOf(spans, whole)}
	if len(a.got) >= spec.HeaderLen {
		a.length, a.body = length24(a.got), a.got[spec.HeaderLen:]
	}
	a.lost, a.aligned = x.goesOn(s)
	a.right, a.stray, a.next = inside, s.Stray, s.Next
	if whole > 0 {
		a.earlier = x.contentOf(spans, whole-1)
	}
	if whole+1 < len(spans) {
		a.later = x.contentOf(spans, whole+1)
	}
	return a.likely()
}

// likely returns the causes that fit the answer, the likeliest first.
func (a answer) likely() []cause {
	var found []cause
	taken := map[kind]bool{}
	for _, c := range causes() {
		if taken[c.kind] && c.kind != single || !c.fits(a) {
			continue
		}
		taken[c.kind] = true
		found = append(found, c)
	}
	return found
}

// goesOn returns how far behind the first difference what came stands in the expected stream, or 0, and whether it lies
// between messages both here and there.
func (x exchange) goesOn(s transport.State) (lost int, aligned bool) {
	const telling = 12
	if len(s.Stray) < telling {
		return 0, false
	}
	at := int(s.Matched)
	lost = max(0, bytes.Index(x.stream()[at:], s.Stray[:telling]))
	_, inside, _ := x.place(at)
	_, there, _ := x.place(at + lost)
	return lost, inside == 0 && there == 0
}

func (x exchange) contentOf(spans []model.Span, i int) []byte {
	return x.stream()[spans[i].Offset : spans[i].Offset+spans[i].Length]
}
