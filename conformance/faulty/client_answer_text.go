package faulty

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"unicode/utf8"
)

// answerFault is a fault in how the content of a reply is printed.
func answerFault(name, description string, convert func([]byte) []byte) Fault {
	return Fault{
		Name: name, Class: Text, Description: description,
		Breaks: []string{"cli/reply", "msg/binary"},
		client: presentedAs(convert),
	}
}

// Clients that treat the reply as text on its way from the socket to the output.
func answerTextFaults() []Fault {
	return append(answerCutFaults(), answerCharsetFaults()...)
}

func answerCutFaults() []Fault {
	return []Fault{
		answerFault("answer-cut-at-nul",
			"The reply is printed up to its first NUL: printf(\"%s\") or puts() in C; use fwrite() with the length.",
			until(0)),
		answerFault("answer-nuls-removed",
			"NULs are left out of what is printed: the reply goes through a shell variable, $(...); write it to the output directly.",
			replaced("\x00", "")),
		answerFault("answer-first-line-only",
			"The reply is printed up to its first line end: `read` in a shell, readline() in any language; content has no lines.",
			until('\n')),
		answerFault("answer-line-ends-translated",
			"Line feeds are printed as carriage return and line feed: standard output in text mode, on Windows or by newline='\\r\\n' in Python; write bytes.",
			replaced("\n", "\r\n")),
		answerFault("answer-universal-newlines",
			"Carriage returns, alone or before a line feed, are printed as line feeds: text=True of subprocess or makefile('r') in Python; write bytes.",
			func(content []byte) []byte { return replaced("\r", "\n")(replaced("\r\n", "\n")(content)) }),
		answerFault("answer-white-space-trimmed",
			"White space at both ends of the reply is not printed: strip() in Python, trim() in JavaScript; print what was received.",
			bytes.TrimSpace),
		answerFault("answer-percent-formatted",
			"%% in the reply is printed as one %: printf(reply) in C; printf(\"%s\") or fwrite().",
			replaced("%%", "%")),
	}
}

func answerCharsetFaults() []Fault {
	return []Fault{
		answerFault("answer-utf8-replaced",
			"What is no UTF-8 in the reply is printed as U+FFFD: toString() in Node, decode(errors='replace') in Python, from_utf8_lossy in Rust; write bytes.",
			func(content []byte) []byte { return []byte(string([]rune(string(content)))) }),
		{
			Name: "answer-utf8-required", Class: Text,
			Description: "A reply that is no UTF-8 is not printed, and the client fails: a UnicodeDecodeError in Python, from_utf8() with ? in Rust; write bytes.",
			Breaks:      []string{"cli/reply", "msg/binary"},
			client: func(do *clientHooks) {
				do.await = func(c *client) ([]byte, error) {
					reply, err := c.receive()
					if err == nil && !utf8.Valid(reply) {
						err = errRefused
					}
					return reply, err
				}
			},
		},
		answerFault("answer-latin1-becomes-utf8",
			"Bytes of 0x80 and more are printed as two: toString('latin1') in Node, chr() of each byte in Python, and print; write bytes.",
			func(content []byte) []byte {
				wide := make([]byte, 0, 2*len(content))
				for _, b := range content {
					wide = utf8.AppendRune(wide, rune(b))
				}
				return wide
			}),
		answerFault("answer-in-hexadecimal",
			"A reply that is no plain text is printed as hexadecimal digits: a friendly tool, made for reading; print the bytes.",
			func(content []byte) []byte {
				if isPlain(content) {
					return content
				}
				return []byte(hex.EncodeToString(content))
			}),
		answerFault("answer-controls-as-dots",
			"Bytes that do not print are printed as dots: the right half of a hex dump; print the bytes.",
			func(content []byte) []byte {
				for i, b := range content {
					if b < ' ' || b > '~' {
						content[i] = '.'
					}
				}
				return content
			}),
		answerFault("answer-escapes-removed",
			"Escape sequences are removed from the reply: output made safe for a terminal; do that only where the output is one.",
			replaced("\x1b", "")),
		answerFault("answer-quoted",
			"The reply is printed as b'...', with escapes: print(reply) of bytes in Python, {:?} in Rust; write the bytes, sys.stdout.buffer.",
			func(content []byte) []byte {
				quoted := strconv.QuoteToASCII(string(content))
				return []byte("b'" + quoted[1:len(quoted)-1] + "'")
			}),
	}
}

// isPlain reports whether content is characters that print, and line ends.
func isPlain(content []byte) bool {
	for _, b := range content {
		if (b < ' ' || b > '~') && b != '\n' {
			return false
		}
	}
	return true
}
