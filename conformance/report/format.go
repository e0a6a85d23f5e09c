package report

import (
	"fmt"
	"io"
	"strings"
)

// Format is a form in which a report is written.
type Format string

// The formats, a closed vocabulary.
const (
	JSON     Format = "json"  // everything, for programs; docs/report.schema.json describes it
	JUnit    Format = "junit" // JUnit XML, as CI systems read it
	Markdown Format = "md"    // a page for a CI job summary
	Text     Format = "text"  // a page for people, 80 columns wide, without colour
)

// Formats returns every format in the order in which help texts list them.
func Formats() []Format { return []Format{JSON, JUnit, Markdown, Text} }

// ParseFormat returns the format that word names. Any other word is an error that lists the known ones.
func ParseFormat(word string) (Format, error) {
	known := make([]string, 0, len(Formats()))
	for _, f := range Formats() {
		if word == string(f) {
			return f, nil
		}
		known = append(known, string(f))
	}
	return "", fmt.Errorf("unknown report format %q: known are %s", word, strings.Join(known, ", "))
}

// Write writes r to w in format f. It returns w's error, or an error for an unknown format, of which nothing is written.
// It leaves r as it is.
func Write(w io.Writer, f Format, r *Report) error {
	switch f {
	case JSON:
		return writeJSON(w, r)
	case JUnit:
		return writeJUnit(w, r)
	case Markdown:
		return writeMarkdown(w, r)
	case Text:
		return WriteText(w, r, TextOptions{})
	}
	_, err := ParseFormat(string(f))
	return err
}
