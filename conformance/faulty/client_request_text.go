package faulty

import (
	"bytes"
	"html"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/oizys-protocol/oizys/spec"
)

// Clients that treat the message as text on its way from the command line to the socket.
func requestTextFaults() []Fault {
	return slices.Concat(requestEndFaults(), requestSpaceFaults(), requestCharsetFaults(), requestUnicodeFaults(), requestEscapeFaults())
}

// requestFault is a fault in the content that is made from the argument.
func requestFault(name, description string, convert func([]byte) []byte) Fault {
	return Fault{
		Name: name, Class: Text, Description: description,
		Breaks: []string{"cli/request", "msg/binary"},
		client: givenAs(convert),
	}
}

// followedBy sends bytes behind the message that its header does not count.
func followedBy(tail string) func(*clientHooks) {
	return func(do *clientHooks) {
		do.write = func(s *session, header, content []byte) error {
			return writeFrame(s, header, append(slices.Clone(content), tail...))
		}
	}
}

func requestEndFaults() []Fault {
	return []Fault{
		requestFault("request-nul-appended",
			"The message ends in a NUL, which is counted: strlen(s) + 1 in C; send the bytes of the argument alone.",
			func(content []byte) []byte { return append(slices.Clone(content), 0) }),
		requestFault("request-line-feed-appended",
			"The message ends in a line feed, which is counted: `echo` in a shell, println in any language; send the bytes of the argument alone.",
			func(content []byte) []byte { return append(slices.Clone(content), '\n') }),
		{
			Name: "request-nul-behind", Class: Unsolicited,
			Description: "A NUL follows the message, which its header does not count: strlen(s) in the header and sizeof in the call of write() in C; send what is announced.",
			Breaks:      []string{"cli/request", "stream/unsolicited"},
			client:      followedBy("\x00"),
		},
		{
			Name: "request-line-feed-behind", Class: Unsolicited,
			Description: "A line feed follows the message, which its header does not count: puts() or println on the socket's stream; write the bytes alone.",
			Breaks:      []string{"cli/request", "stream/unsolicited"},
			client:      followedBy("\n"),
		},
		requestFault("request-last-line-end-removed",
			"A line end at the message's end vanishes: $(...) in a shell, chomp in Perl and Ruby; send the argument as it is.",
			func(content []byte) []byte {
				return bytes.TrimSuffix(bytes.TrimSuffix(content, []byte("\n")), []byte("\r"))
			}),
		requestFault("request-first-line-only",
			"The message ends before its first line end: the argument goes through a reader of lines, fgets() in C, readline() in Python; send all of it.",
			func(content []byte) []byte {
				line, _, _ := bytes.Cut(content, []byte("\n"))
				return line
			}),
		requestFault("request-line-ends-translated",
			"Line feeds in the message become carriage return and line feed: newline='\\r\\n' for a network text protocol in Python, a TextWriter in C#; write bytes.",
			replaced("\n", "\r\n")),
	}
}

func requestSpaceFaults() []Fault {
	return []Fault{
		requestFault("request-white-space-trimmed",
			"White space at both ends of the message vanishes: strip() in Python, trim() in Java or JavaScript, by one who validates input; send the argument as it is.",
			bytes.TrimSpace),
		requestFault("request-white-space-folded",
			"White space in a row becomes one space: $1 without quotes in a shell, ' '.join(args) after a split; quote the variable.",
			func(content []byte) []byte { return bytes.Join(bytes.Fields(content), []byte(" ")) }),
	}
}

func requestCharsetFaults() []Fault {
	return []Fault{
		requestFault("request-utf8-replaced",
			"Bytes that are no UTF-8 are sent as U+FFFD: process.argv in Node, to_string_lossy() in Rust, a String in Java; take the argument's bytes.",
			func(content []byte) []byte { return []byte(string([]rune(string(content)))) }),
		requestFault("request-utf8-dropped",
			"Bytes that are no UTF-8 are left out: encode(errors='ignore') in Python; take the argument's bytes, os.fsencode().",
			func(content []byte) []byte { return bytes.ToValidUTF8(content, nil) }),
		requestFault("request-surrogates-encoded",
			"Each byte that is no UTF-8 is sent as three: sys.argv holds it as a lone surrogate, and encode('utf-8', 'surrogatepass') in Python writes that; use os.fsencode().",
			surrogates),
		{
			Name: "request-utf8-required", Class: Text,
			Description: "A message that is no UTF-8 is refused: std::env::args() panics in Rust, sys.argv[1].encode() raises in Python; take the argument's bytes, args_os() or os.fsencode().",
			Breaks:      []string{"cli/request", "msg/binary"},
			client:      unsent(func(content []byte) bool { return !utf8.Valid(content) }),
		},
		requestFault("request-latin1-becomes-utf8",
			"Bytes of 0x80 and more are sent as two: the argument is decoded as Latin-1 and encoded as UTF-8, in a process without a locale; take the argument's bytes.",
			func(content []byte) []byte {
				wide := make([]byte, 0, 2*len(content))
				for _, b := range content {
					wide = utf8.AppendRune(wide, rune(b))
				}
				return wide
			}),
		requestFault("request-question-marks",
			"Characters beyond ASCII are sent as '?': encode('ascii', 'replace') in Python, getBytes() under the C locale in Java; take the argument's bytes.",
			func(content []byte) []byte {
				return bytes.Map(func(r rune) rune {
					if r >= utf8.RuneSelf {
						return '?'
					}
					return r
				}, content)
			}),
	}
}

// surrogates encodes what is no UTF-8 as Python's surrogateescape and surrogatepass do.
func surrogates(content []byte) []byte {
	var all []byte
	for len(content) > 0 {
		r, n := utf8.DecodeRune(content)
		if r == utf8.RuneError && n == 1 {
			low := 0xDC00 + int(content[0]) // a lone surrogate of three bytes
			all = append(all, 0xE0|byte(low>>12), 0x80|byte(low>>6&0x3F), 0x80|byte(low&0x3F))
		} else {
			all = append(all, content[:n]...)
		}
		content = content[n:]
	}
	return all
}

func requestUnicodeFaults() []Fault {
	const mark = "\uFEFF"
	return []Fault{
		requestFault("request-composed",
			"A letter and an accent become one character: unicodedata.normalize('NFC') in Python, a terminal library that normalises; send the argument as it is.",
			func(content []byte) []byte {
				return []byte(strings.NewReplacer("e\u0301", "é", "n\u0303", "ñ", "a\u0308", "ä", "o\u0308", "ö", "u\u0308", "ü").Replace(string(content)))
			}),
		requestFault("request-byte-order-mark-removed",
			"A byte-order mark in front of the message vanishes: 'utf-8-sig' in Python, TextDecoder in JavaScript; send the argument as it is.",
			func(content []byte) []byte { return bytes.TrimPrefix(content, []byte(mark)) }),
		requestFault("request-byte-order-mark-added",
			"The message begins with a byte-order mark: Encoding.UTF8 with a StreamWriter in C#, 'utf-8-sig' in Python; use an encoding without one.",
			func(content []byte) []byte {
				if len(content) == 0 {
					return content
				}
				return append([]byte(mark), content...)
			}),
	}
}

func requestEscapeFaults() []Fault {
	return []Fault{
		requestFault("request-backslashes-interpreted",
			"Backslashes in the message are taken for escapes: echo -e or printf '%b' in a shell, 'unicode_escape' in Python; an argument has no escapes.",
			func(content []byte) []byte {
				return []byte(strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\0`, "\x00", `\x41`, "A").Replace(string(content)))
			}),
		requestFault("request-percent-formatted",
			"%% in the message becomes one %: the message is used as a format, printf(message) in C or a shell; pass it as an argument.",
			replaced("%%", "%")),
		requestFault("request-quotes-removed",
			"Quotes vanish from the message: eval or xargs in a shell, shlex.split() in Python; the argument was split already.",
			func(content []byte) []byte {
				return bytes.Map(func(r rune) rune {
					if r == '"' || r == '\'' {
						return -1
					}
					return r
				}, bytes.ToValidUTF8(content, nil))
			}),
		requestFault("request-variables-expanded",
			"Variables such as $NAME in the message are replaced by their values: sh -c with the message in its text, os.path.expandvars() in Python; pass it as an argument.",
			func(content []byte) []byte { return []byte(os.ExpandEnv(string(content))) }),
		requestFault("request-entities-decoded",
			"Entities such as &amp; in the message are decoded: code of a web form reused, html.unescape() in Python; an argument is no markup.",
			func(content []byte) []byte { return []byte(html.UnescapeString(string(content))) }),
		requestFault("request-wildcards-expanded",
			"A word with * in the message is replaced by the names of files: an unquoted $1 in a shell script, glob() in any language; quote it.",
			func(content []byte) []byte {
				words := bytes.Split(content, []byte(" "))
				for i, word := range words {
					if bytes.HasPrefix(word, []byte("*")) {
						words[i] = []byte("echo.c Makefile")
					}
				}
				return bytes.Join(words, []byte(" "))
			}),
		requestFault("request-assignment-removed",
			"Of a message such as key=value only the value is sent: the parser of options splits the argument at its equals sign; it is the value already.",
			func(content []byte) []byte {
				key, value, ok := bytes.Cut(content, []byte("="))
				if !ok || bytes.ContainsAny(key, " <") {
					return content
				}
				return value
			}),
		requestFault("request-file-named",
			"A message that begins with @ is taken for the name of a file, and what it holds is sent: the habit of curl, argparse with fromfile_prefix_chars in Python; send the argument.",
			func(content []byte) []byte {
				if bytes.HasPrefix(content, []byte("@")) {
					return []byte("what the file holds\n")
				}
				return content
			}),
		requestFault("request-dashes-removed",
			"Dashes in front of the message vanish: the parser of options takes it for one, and its name is sent; take what follows -m as it is.",
			func(content []byte) []byte { return bytes.TrimLeft(content, "-") }),
		{
			Name: "request-zero-refused", Class: Text,
			Description: "The message 0 is refused as missing: if ($message) in Perl and PHP, where \"0\" is false; compare with the empty string.",
			Breaks:      []string{"cli/request"},
			client:      unsent(func(content []byte) bool { return string(content) == "0" }),
		},
		{
			Name: "request-empty-is-a-line", Class: Empty,
			Description: "An empty message is sent as a line feed: input is always completed to a line, `echo \"$1\"` in a shell; send nothing and say why.",
			Breaks:      []string{"msg/empty-unsent", "cli/request"},
			client: givenAs(func(content []byte) []byte {
				if len(content) == 0 {
					return []byte("\n")
				}
				return content
			}),
		},
		{
			Name: "request-empty-sent", Class: Empty,
			Description: "An empty message is sent as a header that announces nothing: no look at the argument before it is framed, in any language; send nothing and say why.",
			Breaks:      []string{"msg/empty-unsent"},
			client:      func(do *clientHooks) { do.refuse = func([]byte) error { return nil } },
		},
		{
			Name: "request-empty-behind", Class: Empty,
			Description: "An empty message follows the message, to mark its end, as in chunked HTTP: the wrong protocol copied; the header says where content ends.",
			Breaks:      []string{"msg/empty-unsent", "cli/request", "stream/unsolicited"},
			client:      followedBy(string(headerOf(0)[:spec.HeaderLen])),
		},
	}
}
