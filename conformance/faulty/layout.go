package faulty

import (
	"bytes"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/oizys-protocol/oizys/spec"
)

func layoutFaults() []Fault {
	return append(headerPlaceFaults(), countingFaults()...)
}

func headerPlaceFaults() []Fault {
	return []Fault{
		{
			Name: "length-first", Class: Layout,
			Description: "The length stands in bytes 0 to 2 and the reserved byte behind it, both ways: a struct declared in the wrong order in C; the reserved byte comes first.",
			Breaks:      []string{"hdr/length", "hdr/reserved-zero"},
			mutate: func(do *hooks) {
				do.reserved = func(s *session, h header) error { return refuseReserved(s, header{h[3]}) }
				do.length = func(_ *session, h header) int { return int(h[0])<<16 | int(h[1])<<8 | int(h[2]) }
				do.encode = func(_ *session, content []byte) []byte { return append(headerOf(len(content))[1:], spec.Reserved) }
			},
		},
		{
			Name: "reply-header-64-bit", Class: Layout,
			Description: "Replies begin with 8 bytes of length: usize::to_be_bytes in Rust, a size_t written as it is in C++; write 4 bytes.",
			Breaks:      []string{"hdr/length"},
			mutate:      wrongHeader(func(n int) []byte { return append(make([]byte, 4), headerOf(n)...) }),
		},
		{
			Name: "reply-header-without-reserved", Class: Layout,
			Description: "Replies begin with the three bytes of length alone: the reserved byte taken for a thing of the other direction; every header has 4 bytes.",
			Breaks:      []string{"hdr/length", "hdr/reserved-zero"},
			mutate:      wrongHeader(func(n int) []byte { return headerOf(n)[1:] }),
		},
		{
			Name: "reply-header-in-digits", Class: Layout,
			Description: "Replies announce their length in four decimal digits: str(n).zfill(4) in Python, sprintf(\"%04d\") in C; the header is binary.",
			Breaks:      []string{"hdr/length", "hdr/reserved-zero"},
			mutate:      wrongHeader(func(n int) []byte { return fmt.Appendf(nil, "%04d", n) }),
		},
		{
			Name: "reply-without-header", Class: Layout,
			Description: "Replies are bare content: a plain echo of what was received, with the header taken off on the way in, in any language; send through the function that frames.",
			Breaks:      []string{"hdr/length"},
			mutate:      wrongHeader(func(int) []byte { return nil }),
		},
		{
			Name: "reply-framed-twice", Class: Layout,
			Description: "A reply's content is a whole message, header and content: the application frames what the library frames again; frame in one layer.",
			Breaks:      []string{"msg/binary"},
			mutate:      converted(func(content []byte) []byte { return append(headerOf(len(content)), content...) }),
		},
	}
}

func countingFaults() []Fault {
	return []Fault{
		{
			Name: "length-includes-header", Class: Layout,
			Description: "The length counts the header's 4 bytes too, both ways: the convention of many other protocols; it counts content alone.",
			Breaks:      []string{"hdr/length"},
			mutate: both(
				wrongLength(func(h header) int { return bigEndian(nil, h) - spec.HeaderLen }),
				wrongHeader(func(n int) []byte { return headerOf(n + spec.HeaderLen) }),
			),
		},
		{
			Name: "reply-length-includes-header", Class: Layout,
			Description: "Replies announce 4 bytes more than they carry: the size of the whole buffer is written, header included, in C or Go; write the content's.",
			Breaks:      []string{"hdr/length"},
			mutate:      wrongHeader(func(n int) []byte { return headerOf(n + spec.HeaderLen) }),
		},
		{
			Name: "reply-length-counts-characters", Class: Text,
			Description: "Replies announce characters, not bytes, which shows with text that is not ASCII: len() of a decoded str in Python; encode first, then count.",
			Breaks:      []string{"hdr/length"},
			mutate: func(do *hooks) {
				do.encode = func(_ *session, content []byte) []byte { return headerOf(utf8.RuneCount(content)) }
			},
		},
		{
			Name: "reply-length-counts-utf16", Class: Text,
			Description: "Replies announce UTF-16 units, not bytes, which shows with text that is not ASCII: .length of a string in JavaScript, Java or C#; use Buffer.byteLength.",
			Breaks:      []string{"hdr/length"},
			mutate: func(do *hooks) {
				do.encode = func(_ *session, content []byte) []byte {
					if !utf8.Valid(content) {
						return headerOf(len(content))
					}
					return headerOf(len(utf16.Encode([]rune(string(content)))))
				}
			},
		},
		{
			Name: "reply-length-strlen", Class: Text,
			Description: "Replies announce the bytes before the first NUL and carry all: strlen() for the header and the true size for the write in C; keep the received length.",
			Breaks:      []string{"hdr/length", "msg/binary"},
			mutate: func(do *hooks) {
				do.encode = func(_ *session, content []byte) []byte {
					before, _, _ := bytes.Cut(content, []byte{0})
					return headerOf(len(before))
				}
			},
		},
		{
			Name: "reply-length-one-more", Class: Layout,
			Description: "Replies announce one byte more than they carry: strlen(s) + 1 or sizeof for the header and strlen(s) for the write in C; use one number for both.",
			Breaks:      []string{"hdr/length"},
			mutate:      wrongHeader(func(n int) []byte { return headerOf(n + 1) }),
		},
	}
}
