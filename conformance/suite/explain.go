package suite

import (
	"bytes"
	"fmt"
	"sort"
	"strings"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/transport"
	"github.com/oizys-protocol/oizys/spec"
)

// reason says why the model demands a close.
func reason(out model.Outcome) string {
	behind := ""
	if n := len(out.Messages); n > 0 {
		behind = fmt.Sprintf(" behind %s", count(n, "valid message"))
	}
	switch out.End {
	case model.Reserved:
		return "a reserved byte other than 0x00" + behind
	case model.Empty:
		return "a header that announces no content" + behind
	case model.TruncatedHeader:
		return "an end of stream inside a header" + behind
	case model.TruncatedContent:
		return "an end of stream inside content" + behind
	default:
		return "an end of stream between messages" + behind
	}
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%s %ss", group(n), noun)
}

// group writes a number with a comma before every third digit from the right.
func group(n int) string {
	digits := fmt.Sprint(n)
	var parts []string
	for len(digits) > 3 {
		parts = append([]string{digits[len(digits)-3:]}, parts...)
		digits = digits[:len(digits)-3]
	}
	return strings.Join(append([]string{digits}, parts...), ",")
}

// messages says what the valid part of the stream is.
func (x exchange) messages() string {
	spans := model.Judge(x.stream(), false).Messages
	if len(spans) == 1 {
		return "the message of " + count(spans[0].Length, "byte")
	}
	total := 0
	for _, s := range spans {
		total += s.Length
	}
	return fmt.Sprintf("%s of %s in all", count(len(spans), "message"), count(total, "byte"))
}

// progress says how much of the echo had come.
func (x exchange) progress(s transport.State) string {
	if s.Matched == 0 {
		return "no byte of an answer"
	}
	whole, inside, part := x.place(int(s.Matched))
	switch {
	case inside == 0:
		return fmt.Sprintf("the answers to %s", count(whole, "message"))
	case whole == 0:
		return fmt.Sprintf("%s of the answer's %s", count(inside, "byte"), group(part))
	default:
		return fmt.Sprintf("the answers to %s and %s of the next one's %s", count(whole, "message"), count(inside, "byte"), group(part))
	}
}

// place returns how many whole messages end at or before offset, how many bytes of the next one lie before it, and
// that one's length, header included.
func (x exchange) place(offset int) (whole, inside, length int) {
	spans := model.Judge(x.stream(), false).Messages
	whole = sort.Search(len(spans), func(i int) bool { return spans[i].Offset+spans[i].Length > offset })
	if whole == len(spans) {
		return whole, 0, 0
	}
	start := spans[whole].Offset - spec.HeaderLen
	return whole, max(offset-start, 0), spans[whole].Length + spec.HeaderLen
}

// whatCame describes the first unexpected bytes, or the end of the stream.
func (x exchange) whatCame(s transport.State) string {
	if len(s.Stray) == 0 {
		return fmt.Sprintf("the server closed the session (%s)", s.Ended)
	}
	whole, inside, _ := x.place(int(s.Matched))
	got := x.received(s, inside)
	where := "came"
	if whole > 0 {
		where = fmt.Sprintf("came behind the answers to %s", count(whole, "message"))
	}
	if len(got) < spec.HeaderLen {
		return fmt.Sprintf("%s %s: % x", count(len(got), "byte"), where, got)
	}
	length := int(got[1])<<16 | int(got[2])<<8 | int(got[3])
	body := got[spec.HeaderLen:]
	return fmt.Sprintf("a header %s %s, then %s", headerText(got), where, sample(body[:min(len(body), max(length, 1))]))
}

// received returns what came from the beginning of the message in which the difference lies.
func (x exchange) received(s transport.State, inside int) []byte {
	start := int(s.Matched) - inside
	stream := x.stream()
	if start < 0 || start+inside > len(stream) {
		return s.Stray
	}
	return join(stream[start:start+min(inside, keepBefore)], s.Stray)
}

// keepBefore bounds how much of a message before a difference is looked at again.
const keepBefore = 64 << 10

// sample shows the first bytes of content.
func sample(b []byte) string {
	const most = 12
	if len(b) == 0 {
		return "nothing"
	}
	text := fmt.Sprintf("% x", b[:min(len(b), most)])
	if len(b) > most {
		return fmt.Sprintf("%s… (%s or more)", text, count(len(b), "byte"))
	}
	return text
}

// different describes an answer that is not the echo.
func (x exchange) different(s transport.State, expected string) *Finding {
	whole, inside, length := x.place(int(s.Matched))
	f := broken(expected, "")
	got := x.received(s, inside)
	switch {
	case length == 0:
		f.Requirement = x.surplusRule(s.Stray)
		f.Actual = fmt.Sprintf("all was echoed, and %s that nothing had asked for followed: %s", count(len(s.Stray), "byte"), sample(s.Stray))
	case inside >= spec.HeaderLen:
		at := inside - spec.HeaderLen
		f.Requirement = "msg/binary"
		f.Actual = fmt.Sprintf("answer %s: content byte %s of %s is 0x%02x, sent was 0x%02x", group(whole+1), group(at), group(length-spec.HeaderLen), s.Stray[0], next(s))
	case len(got) < spec.HeaderLen:
		f.Actual = fmt.Sprintf("answer %s begins with % x, expected % x", group(whole+1), got, x.header(whole))
	default:
		f.Actual = fmt.Sprintf("answer %s has the header %s, expected % x (length %s); then %s",
			group(whole+1), headerText(got), x.header(whole), group(length-spec.HeaderLen), sample(got[spec.HeaderLen:]))
		f.Requirement = x.headerRule(got)
		if told := x.apartFromContent(whole, got); told != "" && rule(x.likely(s), "") == "" {
			f.Requirement = told
		}
	}
	f.Hints = x.hints(s)
	if length == 0 && f.Requirement == "stream/unsolicited" {
		f.Hints = append(f.Hints, hintsOfSurplus(s.Stray)...)
	}
	if f.Requirement == "" || f.Requirement == "msg/empty" {
		f.Requirement = rule(x.likely(s), f.Requirement)
	}
	return f
}

// rule returns the requirement that the likeliest cause breaks of those that are known to break a certain one.
func rule(likely []cause, otherwise string) string {
	for _, c := range likely {
		if c.rule != "" {
			return c.rule
		}
	}
	return otherwise
}

func next(s transport.State) byte {
	if len(s.Next) == 0 {
		return 0
	}
	return s.Next[0]
}

// headerRule names the requirement that a wrong header breaks: its own bytes are wrong, or it is another message's.
func (x exchange) headerRule(got []byte) string {
	switch {
	case got[0] != spec.Reserved:
		return "hdr/reserved-zero"
	case length24(got) == 0:
		return "msg/empty"
	default:
		return ""
	}
}

func (x exchange) header(message int) []byte {
	spans := model.Judge(x.stream(), false).Messages
	start := spans[message].Offset - spec.HeaderLen
	return x.stream()[start : start+spec.HeaderLen]
}

// headerText shows what stands in a header's place, as text too where it looks like that.
func headerText(got []byte) string {
	h := got[:spec.HeaderLen]
	text := ""
	if !bytes.ContainsFunc(h, func(r rune) bool { return r < ' ' || r > '~' }) {
		text = fmt.Sprintf("the text %q; ", h)
	}
	return fmt.Sprintf("% x (%sreserved 0x%02x, length %s)", h, text, h[0], group(length24(h)))
}

func length24(header []byte) int { return int(header[1])<<16 | int(header[2])<<8 | int(header[3]) }

// surplusRule names the requirement that bytes behind the last answer break: they are an answer once more, or nothing
// that was asked for.
func (x exchange) surplusRule(stray []byte) string {
	spans := model.Judge(x.stream(), false).Messages
	for i := max(0, len(spans)-surplusLooks); i < len(spans); i++ {
		message := x.stream()[spans[i].Offset-spec.HeaderLen : spans[i].Offset+spans[i].Length]
		if len(stray) > spec.HeaderLen && bytes.HasPrefix(message, head(stray, len(message))) {
			return "stream/order"
		}
	}
	return "stream/unsolicited"
}

// hintsOfSurplus say what bytes behind all answers may be.
func hintsOfSurplus(stray []byte) []string {
	out := model.Judge(stray, false)
	switch {
	case out.End == model.Empty && out.Valid == 0 && len(stray) == spec.HeaderLen:
		return []string{"an empty message is sent behind the answer, as a mark of its end: the length says where it ends, and empty messages are prohibited"}
	case out.End == model.Open && len(out.Messages) == 1 && out.Valid == len(stray):
		return []string{"a message of its own is sent behind the answer, such as an acknowledgement: an echo server sends what it was sent"}
	default:
		return nil
	}
}

// surplusLooks is among how many of the last messages one that came twice is looked for.
const surplusLooks = 64

// farthest is how far in front of the right answer something else may stand.
const farthest = 64

// apartFromContent tells a header that is wrong by more than its own bytes show: it belongs to the answer of a message
// further on, something stands before the right answer, or the content behind it is right and the length is not. Where
// none of that fits the requirement is empty.
func (x exchange) apartFromContent(whole int, got []byte) string {
	spans := model.Judge(x.stream(), false).Messages
	want := x.stream()[spans[whole].Offset-spec.HeaderLen : spans[whole].Offset+spans[whole].Length]
	body, length := got[spec.HeaderLen:], length24(got)
	for i := whole + 1; i < len(spans) && got[0] == spec.Reserved; i++ {
		if spans[i].Length == length && len(body) >= min(length, 8) && bytes.HasPrefix(x.contentOf(spans, i), head(body, length)) {
			return "stream/order"
		}
	}
	const shortest = 6
	if at := bytes.Index(head(got, len(want)+farthest), want); at > 0 && len(want) >= shortest {
		return "stream/unsolicited"
	}
	content := want[spec.HeaderLen:]
	if cut := len(content) & 0xffff; length == cut || length == cut&0xff {
		return "" // the upper bytes are lost: it depends on the size
	}
	if got[0] == spec.Reserved && len(body) >= len(content) && length < len(content) && bytes.HasPrefix(body, content) {
		return "hdr/length"
	}
	return ""
}
