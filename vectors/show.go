package vectors

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/oizys-protocol/oizys/spec"
)

// Show prints the vector for people: its bytes annotated with offset, field and meaning, its messages, its outcome, and
// what its requirements say. Long runs are shortened with "…". Bytes that are no printable ASCII are shown as dots, so
// that nothing of a content reaches the terminal. The error is that of w.
func Show(w io.Writer, v *Vector) error {
	var p page
	p.line("%s", v.ID)
	p.line("  %s", v.Description)
	p.line("")
	if v.Kind == KindRefusal {
		p.line("Content that a sender must refuse; nothing is on the wire")
	} else {
		p.wire(v)
		p.line("")
		p.line("Sent in %s", pieces(v.Pieces))
		p.line("")
		p.line("Delivered: %s", count(len(v.Messages), "message"))
	}
	for i, m := range v.Messages {
		p.message(i+1, m)
	}
	p.line("")
	p.line("Outcome: %s", v.Outcome)
	p.line("")
	p.line("Requirements")
	for _, id := range v.Requirements {
		r, _ := spec.Find(id)
		p.line("  %-6s  %s", r.Level, id)
		p.line("          %s", r.Statement)
	}
	_, err := w.Write(p.Bytes())
	return err
}

// String says the outcome in words, such as "closed: empty-message in the header at offset 7".
func (o Outcome) String() string {
	switch {
	case o.State == StateOpen && o.Error == ErrorNone:
		return "open"
	case o.State == StateOpen:
		return "open; the sender is told " + string(o.Error)
	case o.Error == ErrorEndOfStream:
		return fmt.Sprintf("closed: end-of-stream between messages, at offset %d", o.Offset)
	case o.Error == ErrorTruncatedContent:
		return fmt.Sprintf("closed: truncated-content behind the header at offset %d", o.Offset)
	}
	return fmt.Sprintf("closed: %s in the header at offset %d", o.Error, o.Offset)
}

// page is the text under way.
type page struct{ bytes.Buffer }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

const (
	rowLen = 16
	// wholeUpTo is the length of the longest run that is shown whole.
	wholeUpTo = 4 * rowLen
)

func (p *page) wire(v *Vector) {
	p.line("Wire: %s, sha256 %s", count(v.WireLength, "byte"), v.WireSHA256)
	if v.WireLength > 0 {
		p.line("  %8s  %-8s  %-47s  %s", "offset", "field", "bytes", "meaning")
	}
	at := 0
	for _, s := range v.Segments {
		if v.Outcome.State == StateClosed && s.Field == FieldReserved && at == v.Outcome.Offset {
			p.line("  %8s  the message in error", "")
		}
		p.run(at, string(s.Field), s.Part, meaning(s))
		at += s.Len()
	}
	if v.EndOfStream {
		p.line("  %8d  end of stream", at)
	}
}

// run prints the rows of a run of bytes; the first carries the label.
func (p *page) run(at int, label string, part Part, note string) {
	unit := part.Unit
	shown := len(unit)
	if shown > wholeUpTo {
		shown = 2 * rowLen
	}
	for from := 0; from < shown; from += rowLen {
		p.row(at+from, label, unit[from:min(from+rowLen, shown)], note)
		label, note = "", ""
	}
	if shown < len(unit) {
		p.line("  %8s  …", "")
		tail := (len(unit) - 1) / rowLen * rowLen
		p.row(at+tail, "", unit[tail:], "")
	}
	if part.Repeat > 1 {
		p.line("  %8s  … the %s from offset %d, %s times: %s in all", "",
			count(len(unit), "byte"), at, grouped(part.Repeat), count(part.Len(), "byte"))
	}
}

func (p *page) row(at int, label string, row []byte, note string) {
	text := fmt.Sprintf("  %8d  %-8s  %-47s", at, label, fmt.Sprintf("% x", row))
	if label == "" || label == string(FieldContent) {
		text += "  |" + printable(row) + "|"
	}
	if note != "" {
		text += "  " + note
	}
	p.line("%s", strings.TrimRight(text, " "))
}

func meaning(s Segment) string {
	said := ""
	switch {
	case s.Field == FieldReserved && s.Unit[0] != spec.Reserved:
		said = "not 0x00"
	case s.Field == FieldLength && s.Len() == spec.HeaderLen-1:
		said = count(frame{length: s.Unit}.announced(), "byte")
	}
	if said != "" && s.Note != "" {
		said += "; "
	}
	return said + s.Note
}

func (p *page) message(number int, m Message) {
	p.line("  %d. %s, sha256 %s", number, count(m.Length, "byte"), m.SHA256)
	at := 0
	for _, part := range m.Parts {
		p.run(at, "", part, "")
		at += part.Len()
	}
}

// pieces writes equal neighbours once: "1 × 13".
func pieces(sizes []int) string {
	if len(sizes) == 0 {
		return "any pieces"
	}
	var runs []string
	for i := 0; i < len(sizes); {
		n := i
		for n < len(sizes) && sizes[n] == sizes[i] {
			n++
		}
		text := strconv.Itoa(sizes[i])
		if n-i > 1 {
			text = fmt.Sprintf("%d × %d", n-i, sizes[i])
		}
		runs = append(runs, text)
		i = n
	}
	return fmt.Sprintf("%s of %s bytes", count(len(sizes), "piece"), strings.Join(runs, ", "))
}

func printable(row []byte) string {
	text := bytes.Clone(row)
	for i, b := range text {
		if b < ' ' || b > '~' {
			text[i] = '.'
		}
	}
	return string(text)
}

func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return grouped(n) + " " + thing
}

// grouped writes a number with its thousands apart: 16,777,215.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
