package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Caps of what is shown of transcripts; the JSON report has all of them.
const (
	shownSessions = 3
	shownRows     = 24 // of one session, half from its beginning and half from its end
	aloneRows     = 3  // rows that are alike and still shown one by one
)

// transcripts writes the annotated bytes of a case's sessions. With all, nothing is left out.
func (p *page) transcripts(sessions []Transcript, all bool) {
	shown := sessions
	if !all {
		shown = sessions[:min(len(sessions), shownSessions)]
	}
	for _, t := range shown {
		p.transcript(t, all)
	}
	if more := len(sessions) - len(shown); more > 0 {
		p.label("", "and "+plural(more, "more session", "more sessions"))
	}
}

// row is a line of a transcript, and how many lines behind it differ from it in nothing but time and offset.
type row struct {
	Line
	alike int
	last  Line
}

// rowsOf returns lines with runs of those that are alike made one row.
func rowsOf(lines []Line) []row {
	var rows []row
	for len(lines) > 0 {
		n := 1
		for n < len(lines) && alike(lines[0], lines[n]) {
			n++
		}
		if n <= aloneRows {
			n = 1
		}
		rows = append(rows, row{Line: lines[0], alike: n - 1, last: lines[n-1]})
		lines = lines[n:]
	}
	return rows
}

func alike(a, b Line) bool {
	return a.Direction == b.Direction && a.Offset >= 0 && b.Offset >= 0 && a.Note == b.Note && slices.Equal(a.Fields, b.Fields)
}

// transcript writes the annotated bytes of one session.
func (p *page) transcript(t Transcript, all bool) {
	lines := Annotate(t)
	if len(lines) == 0 {
		return
	}
	p.label("bytes", Printable(orWord(t.Name, "session"))+": → sent to the peer, ← received from it")
	var rows []row
	if all {
		for _, line := range lines {
			rows = append(rows, row{Line: line})
		}
	} else {
		rows = rowsOf(lines)
	}
	head, tail := rows, []row(nil)
	if !all && len(rows) > shownRows {
		head, tail = rows[:shownRows/2], rows[len(rows)-shownRows/2:]
		tail[0].Continues = false
	}
	l := layoutOf(slices.Concat(head, tail))
	for _, line := range head {
		p.annotated(line, l)
	}
	if left := len(rows) - len(head) - len(tail); left > 0 {
		p.line("    … ", plural(left, "line", "lines"), " not shown")
	}
	for _, line := range tail {
		p.annotated(line, l)
	}
}

// layout is the widths of the columns that a transcript's lines share.
type layout struct{ time, offset int }

func layoutOf(rows []row) layout {
	var l layout
	for _, line := range rows {
		l.time = max(l.time, len(millis(line.AtMS)))
		l.offset = max(l.offset, len(offset(line.Line)))
	}
	return l
}

func offset(line Line) string {
	if line.Offset < 0 {
		return ""
	}
	return fmt.Sprintf("@%d", line.Offset)
}

// annotated writes one line of a transcript, continued below its bytes where it is too long.
func (p *page) annotated(line row, l layout) {
	sign, at := arrow(line.Direction), millis(line.AtMS)
	if line.Continues {
		sign, at = " ", ""
	}
	first := "    " + sign + " " + padLeft(at, l.time) + "  "
	if line.Offset < 0 {
		p.wrapped(first, strings.Repeat(" ", utf8.RuneCountInString(first)), wordsOf(line.Note))
		return
	}
	first += pad(offset(line.Line), l.offset+2)
	in := strings.Repeat(" ", utf8.RuneCountInString(first))
	pieces := fieldPieces(line.Fields, p.width-len(in))
	if line.Note != "" {
		pieces = append(pieces, "; "+line.Note)
	}
	p.wrapped(first, in, pieces)
	if line.alike > 0 {
		p.line(in, "… ", commas(line.alike), " more like it, the last ", offset(line.last))
	}
}

// fieldPieces returns the pieces between which a line with fields may be broken: the fields, and of one that is wider
// than the room its parts.
func fieldPieces(fields []Field, room int) []string {
	var pieces []string
	for i, f := range fields {
		parts := f.pieces()
		if i > 0 && len(parts) > 0 {
			parts[0] = "| " + parts[0]
		}
		if whole := strings.Join(parts, " "); utf8.RuneCountInString(whole) <= room {
			parts = []string{whole}
		}
		pieces = append(pieces, parts...)
	}
	return pieces
}
