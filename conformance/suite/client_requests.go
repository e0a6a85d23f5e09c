package suite

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// request is a message that the client is given.
type request struct {
	name, title string
	message     []byte
	also        []string // requirements that it shows beside the first
	// convention says that command lines may refuse such a message, as long as nothing is sent.
	convention bool
}

// requests are the cases of what the client sends; the reply is its echo.
func requests() []Case {
	var cases []Case
	all := append([]request{{name: "plain", title: "one plain message is sent, and its echo printed", message: []byte("Hello, oizys!"), also: []string{"cli/reply", "hdr/length", "hdr/reserved-zero"}}}, lengths()...)
	for _, r := range append(all, kinds()...) {
		r.message = bytes.Clone(r.message)
		cases = append(cases, Case{
			ID: "cli/request/" + r.name, Title: r.title, Requirements: append([]string{"cli/request"}, r.also...), Needs: requestNeeds(r),
			Run: r.judged,
		})
	}
	return cases
}

// requestNeeds names the lengths without which a longer message shows nothing of its own.
func requestNeeds(r request) []string {
	if strings.HasPrefix(r.name, "length-") || len(r.message) < 256 {
		return nil
	}
	return []string{"cli/request/length-256"}
}

func (r request) judged(ctx context.Context, e *Env) *Finding {
	f := e.serve(ctx, serving{message: r.message, stream: frame(r.message)})
	refused := f.Bad() && !f.Stalled && len(e.conns) == 0
	switch {
	case refused && r.convention:
		return recorded("the client's command line has another use for such a message, and sent nothing: "+f.Actual, nil)
	case refused:
		f.Hints = append(f.Hints, "the command line refuses the message before anything is sent")
	case f.Bad() && f.Requirement == "":
		f.Requirement = "cli/reply"
	}
	return f
}

// lengths are messages around the lengths at which implementations run out of bits or room, up to the longest that a
// single argument may have on Linux.
func lengths() []request {
	var all []request
	for _, n := range []int{1, 2, 3, 127, 128, 255, 256, 257, 1000, 4095, 4096, 4097, 32767, 32768, 65535, 65536, 65537, 131000, 131071} {
		all = append(all, request{
			name: fmt.Sprintf("length-%d", n), title: fmt.Sprintf("a message of %s is sent whole", count(n, "byte")),
			message: typed(n), also: []string{"hdr/length", "hdr/reserved-zero", "msg/sizes"},
		})
	}
	return all
}

// typed returns n characters that a keyboard has, of which each depends on its place.
func typed(n int) []byte {
	b := content("typed", n)
	for i := range b {
		b[i] = '!' + b[i]%('~'-'!'+1)
	}
	if n > 0 {
		b[0] = 'm' // no dash, which has a case of its own
	}
	return b
}

// kinds are messages of every kind that can be typed or passed.
func kinds() []request {
	text := func(name, title, message string) request {
		return request{name: name, title: title, message: []byte(message), also: []string{"msg/binary"}}
	}
	option := func(name, title, message string) request {
		r := text(name, title, message)
		r.convention = true
		return r
	}
	all := []request{
		text("utf8-two-bytes", "characters of two bytes are counted as bytes", "äöüßñ"),
		text("utf8-three-bytes", "characters of three bytes are counted as bytes", "€漢字ひらがな"),
		text("utf8-four-bytes", "characters of four bytes are counted as bytes", "😀𝄞𐍈"),
		text("utf8-mixed", "characters of one to four bytes", "aé€😀"),
		text("utf8-combining", "a letter and its accent apart are not composed", "e\u0301 n\u0303"),
		text("utf8-bom", "a byte-order mark in front is content", "\ufeffmark"),
		text("utf8-boundaries", "the first and the last character of each number of bytes", "\x7f\u0080\u07ff\u0800\uffff\U00010000\U0010ffff"),
		text("utf8-255-of-3", "255 characters of three bytes: 765 bytes", strings.Repeat("€", 255)),
		text("line-feed", "a line feed in the middle", "first line\nsecond line"),
		text("line-feed-first", "a line feed in front", "\nbehind it"),
		text("line-feed-last", "a line feed at the end is content", "before it\n"),
		text("line-feed-alone", "a line feed alone is a message", "\n"),
		text("carriage-return", "carriage returns stay, with and without a line feed", "one\r\ntwo\rthree"),
		text("spaces", "spaces in front, in a row and at the end stay", "  two   three  "),
		text("space-alone", "a space alone is a message", " "),
		text("tabs", "tabs stay tabs", "\tone\t\ttwo\t"),
		text("quotes", "quotes of every kind are content", `"double" 'single' `+"`back`"),
		text("backslashes", "backslashes are content, not escapes", `\n \0 \x41 \\ \`),
		text("percent", "conversions of printf are content", "%s%d%n%% 100%"),
		text("shell", "what a shell would act on is content", "$HOME $(id) ; | & > < ! # ~ {a,b}"),
		text("glob", "wild cards are content", "* ? [a-z] **"),
		text("number", "a number is text", "0"),
		text("json", "JSON is content", `{"key": "\u00e9", "list": [1, null]}`),
		text("markup", "markup is content", "<a href=\"x\">&amp;</a>"),
		text("equals", "an equals sign is content", "key=value"),
		text("placeholder", "what stands for something in a command line is content", "{socket} {message} %1 $1"),
		text("escape-sequence", "a terminal's escape sequence is content", "\x1b[31mred\x1b[0m"),
		text("controls", "all control characters but NUL", "\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f"),
		text("every-byte", "every byte but NUL", everyByte()),
		text("like-header", "content that looks like a header and content", "\x01\x01\x01\x03abc"),
		text("like-length", "content whose bytes are its own length", "\x10\x10\x10\x10 16 bytes\x0a\x0b"),
		text("invalid-continuation", "a byte of a character without its beginning", "a\x80b"),
		text("invalid-cut", "a character cut short at the end", "cut \xe2\x82"),
		text("invalid-lead", "the beginning of a character in front of a letter", "\xc3a"),
		text("invalid-overlong", "a slash in two bytes: no UTF-8", "\xc0\xaf"),
		text("invalid-surrogate", "half of a surrogate pair: no UTF-8", "\xed\xa0\x80"),
		text("invalid-too-high", "a number above the last character: no UTF-8", "\xf4\x90\x80\x80"),
		text("invalid-ff", "bytes that never occur in UTF-8", "\xfe\xff"),
		text("latin-1", "text in a one-byte encoding", "caf\xe9 na\xefve"),
		option("dash-letter", "a message that looks like an option", "-x"),
		option("dash-alone", "a dash alone", "-"),
		option("dash-number", "a negative number", "-1"),
		option("dash-dash", "the end of options", "--"),
		option("dash-help", "a message that asks for help", "--help"),
		option("at-sign", "an at sign in front", "@home"),
	}
	return all
}

func everyByte() string {
	var b []byte
	for c := 1; c < 256; c++ {
		b = append(b, byte(c))
	}
	return string(b)
}

// unsent are the cases of an empty message, which must not be sent.
func unsent() []Case {
	return []Case{
		{
			ID: "msg/empty-unsent/empty-argument", Title: "given an empty message, the client sends nothing",
			Requirements: []string{"msg/empty-unsent", "cli/request"},
			Run:          sendsNothing,
		},
		{
			ID: "msg/empty-unsent/empty-then-plain", Title: "an empty message leaves nothing behind for the next run",
			Requirements: []string{"msg/empty-unsent", "cli/request"},
			Run: func(ctx context.Context, e *Env) *Finding {
				if f := sendsNothing(ctx, e); f.Bad() {
					return f
				}
				return e.serve(ctx, serving{stream: frame([]byte("behind an empty message"))})
			},
		},
	}
}

// sendsNothing gives the client an empty message. Not connecting is right, and so is closing without a byte.
func sendsNothing(ctx context.Context, e *Env) *Finding {
	v, f := e.begin(nil, 0)
	if f != nil {
		return f
	}
	if f := v.arrive(ctx); f != nil {
		if f.Verdict == report.Error {
			return f
		}
		v.leave(ctx)
		return recorded("nothing was sent: the client did not connect; "+v.ending(), v.measures())
	}
	v.conn.Read()
	s, err := v.conn.AwaitEnd(ctx)
	switch {
	case len(s.Stray) > 0:
		f := broken("nothing is sent for an empty message", fmt.Sprintf("the client sent %s: %s", count(len(s.Stray), "byte"), sample(s.Stray)))
		if bytes.Equal(s.Stray, []byte{0, 0, 0, 0}) {
			f.Hints = []string{"a header that announces no content is sent"}
		}
		return f
	case s.Ended != "":
		v.leave(ctx)
		return recorded("nothing was sent: the client connected and closed; "+v.ending(), v.measures())
	case ctx.Err() != nil:
		return unjudged(err)
	default:
		return recorded(fmt.Sprintf("nothing was sent: the client connected and waited for more than %v", v.conn.Patience().Round(time.Millisecond)), nil)
	}
}

// ending says how the client ended, and what it printed.
func (v *visit) ending() string {
	if !v.proc.Ended() {
		return "it did not end; " + v.printed()
	}
	return fmt.Sprintf("it ended with %s; %s (silence 8)", v.proc.Exit(), v.printed())
}
