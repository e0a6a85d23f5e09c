package faulty

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"unicode/utf8"
)

func textFaults() []Fault {
	return slices.Concat(terminatorFaults(), lineFaults(), charsetFaults(), escapeFaults())
}

// until cuts content before the first byte b.
func until(b byte) func([]byte) []byte {
	return func(content []byte) []byte {
		before, _, _ := bytes.Cut(content, []byte{b})
		return before
	}
}

// replaced replaces one sequence of bytes by another.
func replaced(old, with string) func([]byte) []byte {
	return func(content []byte) []byte { return bytes.ReplaceAll(content, []byte(old), []byte(with)) }
}

func terminatorFaults() []Fault {
	return []Fault{
		{
			Name: "trailing-nul", Class: Text,
			Description: "Each reply ends in a NUL, which is counted: strlen(s) + 1 in C; send the length that was received.",
			Breaks:      []string{"msg/binary"},
			mutate:      converted(func(content []byte) []byte { return append(content, 0) }),
		},
		{
			Name: "cut-at-nul", Class: Text,
			Description: "Content ends before its first NUL: strlen(), strcpy() or std::string(const char*) in C and C++; carry the length along.",
			Breaks:      []string{"msg/binary"},
			mutate:      converted(until(0)),
		},
		{
			Name: "nuls-removed", Class: Text,
			Description: "NULs vanish from content: a shell variable or a text column drops them; keep content in a type for bytes.",
			Breaks:      []string{"msg/binary"},
			mutate:      converted(replaced("\x00", "")),
		},
		{
			Name: "cut-at-ctrl-z", Class: Text,
			Description: "Content ends before its first byte 0x1A: a stream in text mode on Windows, where it means end of file, in C; open it in binary mode.",
			Breaks:      []string{"msg/binary"},
			mutate:      converted(until(0x1A)),
		},
		{
			Name: "cut-at-ff", Class: Text,
			Description: "Content ends before its first byte 0xFF: char c compared with EOF in C; keep the result of getc() in an int.",
			Breaks:      []string{"msg/binary"},
			mutate:      converted(until(0xFF)),
		},
	}
}

func lineFaults() []Fault {
	return []Fault{
		{
			Name: "newlines-become-crlf", Class: Text,
			Description: "Line feeds in content become carriage return and line feed, and are counted so: os.linesep in Python, a TextWriter in C#; write bytes.",
			Breaks:      []string{"msg/binary"},
			mutate:      converted(replaced("\n", "\r\n")),
		},
		{
			Name: "stream-in-text-mode", Class: Text,
			Description: "Every byte 0x0A that is sent, in headers too, gets a 0x0D before it that nobody counts: stdio in text mode in C; open the stream in binary mode.",
			Breaks:      []string{"msg/binary", "hdr/length"},
			mutate: func(do *hooks) {
				do.write = func(s *session, header, content []byte) error {
					return writeFrame(s, replaced("\n", "\r\n")(append(header, content...)), nil)
				}
			},
		},
		{
			Name: "universal-newlines", Class: Text,
			Description: "Carriage returns, alone or before a line feed, become line feeds: makefile('r') in Python reads with universal newlines; use 'rb'.",
			Breaks:      []string{"msg/binary"},
			mutate: converted(func(content []byte) []byte {
				return replaced("\r", "\n")(replaced("\r\n", "\n")(content))
			}),
		},
		{
			Name: "last-newline-removed", Class: Text,
			Description: "A line end at content's end vanishes: chomp in Ruby and Perl, $(...) in a shell, a line scanner in any language; content has no lines.",
			Breaks:      []string{"msg/binary"},
			mutate: converted(func(content []byte) []byte {
				return bytes.TrimSuffix(bytes.TrimSuffix(content, []byte("\n")), []byte("\r"))
			}),
		},
		{
			Name: "white-space-trimmed", Class: Text,
			Description: "White space at both ends of content vanishes: strip() in Python, trim() in Java or JavaScript; deliver what was sent.",
			Breaks:      []string{"msg/binary"},
			mutate:      converted(bytes.TrimSpace),
		},
	}
}

func charsetFaults() []Fault {
	return []Fault{
		{
			Name: "utf8-replaced", Class: Text,
			Description: "Content that is not UTF-8 comes back with U+FFFD in it: buffer.toString() in Node, new String(bytes) in Java; keep buffers.",
			Breaks:      []string{"msg/binary"},
			mutate: converted(func(content []byte) []byte {
				return []byte(string([]rune(string(content))))
			}),
		},
		{
			Name: "utf8-dropped", Class: Text,
			Description: "Bytes that are not UTF-8 vanish from content: decode(errors='ignore') in Python; keep bytes.",
			Breaks:      []string{"msg/binary"},
			mutate:      converted(func(content []byte) []byte { return bytes.ToValidUTF8(content, nil) }),
		},
		{
			Name: "utf8-required", Class: Text,
			Description: "Content that is not UTF-8 closes the session: UnicodeDecodeError in Python, String::from_utf8 with ? in Rust; keep bytes.",
			Breaks:      []string{"msg/binary"},
			mutate: func(do *hooks) {
				do.echo = func(s *session, content []byte) error {
					if !utf8.Valid(content) {
						return errors.New("invalid UTF-8")
					}
					return s.send(content)
				}
			},
		},
		{
			Name: "latin1-becomes-utf8", Class: Text,
			Description: "Bytes of 0x80 and more become two: read as Latin-1 and written as UTF-8, 'binary' strings in Node, a char cast in Java; keep bytes.",
			Breaks:      []string{"msg/binary"},
			mutate: converted(func(content []byte) []byte {
				wide := make([]byte, 0, 2*len(content))
				for _, b := range content {
					wide = utf8.AppendRune(wide, rune(b))
				}
				return wide
			}),
		},
		{
			Name: "ascii-question-marks", Class: Text,
			Description: "Bytes of 0x80 and more become '?': encode('ascii', 'replace') in Python, a US-ASCII charset in Java; keep bytes.",
			Breaks:      []string{"msg/binary"},
			mutate: converted(func(content []byte) []byte {
				for i, b := range content {
					if b >= 0x80 {
						content[i] = '?'
					}
				}
				return content
			}),
		},
		{
			Name: "high-bit-stripped", Class: Text,
			Description: "The highest bit of every byte of content is cleared: a seven-bit channel, 'ascii' in Node; keep all eight bits.",
			Breaks:      []string{"msg/binary"},
			mutate: converted(func(content []byte) []byte {
				for i := range content {
					content[i] &= 0x7F
				}
				return content
			}),
		},
		{
			Name: "byte-order-mark-removed", Class: Text,
			Description: "EF BB BF at content's beginning vanishes: 'utf-8-sig' in Python, a StreamReader in C#, TextDecoder in JavaScript; keep bytes.",
			Breaks:      []string{"msg/binary"},
			mutate:      converted(func(content []byte) []byte { return bytes.TrimPrefix(content, []byte("\xEF\xBB\xBF")) }),
		},
		{
			Name: "nul-becomes-c0-80", Class: Text,
			Description: "NULs in content become C0 80: Java's modified UTF-8, writeUTF and JNI; write bytes.",
			Breaks:      []string{"msg/binary"},
			mutate:      converted(replaced("\x00", "\xC0\x80")),
		},
	}
}

func escapeFaults() []Fault {
	return []Fault{
		{
			Name: "percent-formatted", Class: Text,
			Description: "%% in content becomes one %: content is used as a format, snprintf(buf, n, content) in C; pass it as an argument.",
			Breaks:      []string{"msg/binary"},
			mutate:      converted(replaced("%%", "%")),
		},
		{
			Name: "backslashes-unescaped", Class: Text,
			Description: "Two backslashes in content become one: echo -e or read without -r in a shell, unicode_escape in Python; content has no escapes.",
			Breaks:      []string{"msg/binary"},
			mutate:      converted(replaced(`\\`, `\`)),
		},
		{
			Name: "ff-doubled", Class: Text,
			Description: "Bytes 0xFF in content are doubled: a telnet library escapes its command byte; use a plain socket.",
			Breaks:      []string{"msg/binary"},
			mutate:      converted(replaced("\xFF", "\xFF\xFF")),
		},
		{
			Name: "python-repr", Class: Text,
			Description: "Content comes back as b'...', with escapes: str() of bytes in Python; send the bytes.",
			Breaks:      []string{"msg/binary"},
			mutate: converted(func(content []byte) []byte {
				quoted := strconv.QuoteToASCII(string(content))
				return []byte("b'" + quoted[1:len(quoted)-1] + "'")
			}),
		},
	}
}
