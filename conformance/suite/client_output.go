package suite

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// presents reports whether the reply's content was printed, unmodified, on either stream.
func (v *visit) presents(content []byte) bool {
	return bytes.Contains(v.proc.Stdout().Bytes(), content) || bytes.Contains(v.proc.Stderr().Bytes(), content)
}

// printed says how much the client has printed, and where.
func (v *visit) printed() string {
	out, err := v.proc.Stdout().Total(), v.proc.Stderr().Total()
	switch {
	case out == 0 && err == 0:
		return "it printed nothing"
	case err == 0:
		return fmt.Sprintf("it printed %s on stdout: %s", count(int(out), "byte"), quoted(v.proc.Stdout().Bytes()))
	case out == 0:
		return fmt.Sprintf("it printed nothing on stdout and %s on stderr: %s", count(int(err), "byte"), quoted(v.proc.Stderr().Bytes()))
	default:
		return fmt.Sprintf("it printed %s on stdout: %s and %s on stderr: %s", count(int(out), "byte"), quoted(v.proc.Stdout().Bytes()), count(int(err), "byte"), quoted(v.proc.Stderr().Bytes()))
	}
}

// quoted shows the beginning of a text.
func quoted(b []byte) string {
	const most = 60
	if len(b) > most {
		return fmt.Sprintf("%+q…", b[:most])
	}
	return fmt.Sprintf("%+q", b)
}

// shownPart is how much of a reply that was not presented whole was printed all the same: the longest beginning of it
// that stands in a stream.
func (v *visit) shownPart(content []byte) int {
	longest := 0
	for _, stream := range [][]byte{v.proc.Stdout().Bytes(), v.proc.Stderr().Bytes()} {
		longest = max(longest, longestPrefix(stream, content))
	}
	return longest
}

// longestPrefix returns the length of the longest beginning of content that stands in stream.
func longestPrefix(stream, content []byte) int {
	low, high := 0, min(len(content), len(stream))
	for low < high {
		middle := (low + high + 1) / 2
		if bytes.Contains(stream, content[:middle]) {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low
}

// distortion is a way in which a reply is printed that is not its own bytes.
type distortion struct {
	text string
	fits func(stream, content []byte) bool
}

func distortions() []distortion {
	within := func(make func([]byte) []byte) func(stream, content []byte) bool {
		return func(stream, content []byte) bool {
			changed := make(content)
			return len(changed) > 0 && !bytes.Equal(changed, content) && bytes.Contains(stream, changed)
		}
	}
	return []distortion{
		{"content is decoded as UTF-8 text before it is printed: what is none became U+FFFD", func(stream, content []byte) bool {
			return !utf8.Valid(content) && bytes.Contains(stream, []byte("\xef\xbf\xbd"))
		}},
		{"bytes above 0x7f are printed as two: content is re-encoded from Latin-1 to UTF-8", within(func(b []byte) []byte {
			var s strings.Builder
			for _, c := range b {
				s.WriteRune(rune(c))
			}
			return []byte(s.String())
		})},
		{"content is printed as a quoted text with escapes", func(stream, content []byte) bool {
			text := strings.Trim(fmt.Sprintf("%+q", content[:min(len(content), 64)]), `"`)
			return text != string(content) && bytes.Contains(stream, []byte(text))
		}},
		{"content is printed as hexadecimal digits", func(stream, content []byte) bool {
			digits := hex.EncodeToString(content[:min(len(content), 64)])
			return len(content) > 1 && (bytes.Contains(stream, []byte(digits)) || bytes.Contains(stream, []byte(strings.ToUpper(digits))))
		}},
		{"white space around the content is stripped", within(func(b []byte) []byte {
			if len(b) == len(bytes.TrimSpace(b)) {
				return nil
			}
			return bytes.TrimSpace(b)
		})},
		{"line ends are translated: content is treated as text", within(func(b []byte) []byte {
			return bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
		})},
		{"line ends are translated: content is treated as text", within(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) })},
		{"NULs are left out", within(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte{0}, nil) })},
	}
}

// whyNot names the causes that fit a reply which was not presented.
func (v *visit) whyNot(content []byte) []string {
	streams := [][]byte{v.proc.Stdout().Bytes(), v.proc.Stderr().Bytes()}
	var hints []string
	add := func(text string) {
		if len(hints) == 0 || hints[len(hints)-1] != text {
			hints = append(hints, text)
		}
	}
	for _, d := range distortions() {
		for _, stream := range streams {
			if d.fits(stream, content) {
				add(d.text)
			}
		}
	}
	if nul := bytes.IndexByte(content, 0); nul >= 0 && v.shownPart(content) == nul && nul > 0 {
		add("the reply is printed up to its first NUL: it is treated as a C string")
	}
	if len(v.message) > 3 && !bytes.Contains(content, v.message) && (bytes.Contains(streams[0], v.message) || bytes.Contains(streams[1], v.message)) {
		add("what was printed is the message that was sent, not the reply")
	}
	if len(hints) == 0 {
		return v.whyNotWhole(len(content), v.shownPart(content))
	}
	return hints
}

// whyNotWhole names the causes that fit a reply of the given length of which so much was printed.
func (v *visit) whyNotWhole(length, part int) []string {
	var pieces []string
	if len(v.reply.sent) > 0 {
		pieces = v.reply.hintsOfPieces(0)
	}
	switch {
	case length > 0xffff && part > 0 && part == length&0xffff && v.env.Seen.longestContent() <= 0xffff:
		return []string{lost16(length)}
	case len(pieces) > 0:
		return pieces
	case part >= leastLimit && part < length:
		return []string{fmt.Sprintf("the reply ends at byte %s, where a buffer, or what one read returned, may have ended", group(part))}
	case part < telling:
		return v.env.Seen.hintsOfLength(length)
	default:
		return nil
	}
}
