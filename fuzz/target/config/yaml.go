package config

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/oizys-protocol/oizys/fuzz/target/oracle"
)

var namedLine = regexp.MustCompile(`\bline (\d+):`)

// refused judges the error by which a file was refused: it must be of the kind, and if it names a line there must be one.
func refused(src []byte, err, kind error) error {
	if wrong := oracle.Refused(err, kind); wrong != nil {
		return wrong
	}
	named := namedLine.FindStringSubmatch(err.Error())
	if named == nil {
		return nil
	}
	lines := 1
	for _, end := range []string{"\n", "\r", "\u0085", "\u2028", "\u2029"} {
		lines += bytes.Count(src, []byte(end))
	}
	if n, _ := strconv.Atoi(named[1]); n < 1 || n > lines+1 {
		return fmt.Errorf("a file of %d lines is refused because of line %s: %w", lines, named[1], err)
	}
	return nil
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
