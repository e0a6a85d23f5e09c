package config

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/oizys-protocol/oizys/fuzz/target/oracle"
)

// refused judges the error by which a file was refused: it must be of the kind, and if it names a line there must be one.
func refused(src []byte, err, kind error) error {
	if wrong := oracle.Refused(err, kind); wrong != nil {
		return wrong
	}
	named, there := namedLine(err.Error())
	if !there {
		return nil
	}
	lines := 1
	for _, end := range []string{"\n", "\r", "\u0085", "\u2028", "\u2029"} {
		lines += bytes.Count(src, []byte(end))
	}
	if n, err2 := strconv.Atoi(named); err2 != nil || n < 1 || n > lines+1 {
		return fmt.Errorf("a file of %d lines is refused because of line %s: %w", lines, named, err)
	}
	return nil
}

// namedLine returns the number in the first "line N:" of a message. A regular expression would take longer than the reader.
func namedLine(message string) (number string, there bool) {
	const word = "line "
	for {
		_, behind, found := strings.Cut(message, word)
		if !found {
			return "", false
		}
		digits := len(behind) - len(strings.TrimLeft(behind, "0123456789"))
		if digits > 0 && strings.HasPrefix(behind[digits:], ":") {
			return behind[:digits], true
		}
		message = behind
	}
}

// quoted returns a text as YAML between double quotes, with everything that is not plain ASCII escaped.
func quoted(s string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range s {
		if r >= ' ' && r < 0x7f && r != '"' && r != '\\' {
			out.WriteRune(r)
			continue
		}
		fmt.Fprintf(&out, `\U%08x`, r)
	}
	out.WriteByte('"')
	return out.String()
}
