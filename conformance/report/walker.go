package report

import (
	"encoding/hex"
	"fmt"

	"github.com/oizys-protocol/oizys/spec"
)

// shownContent is how many bytes of one frame's content in one event are shown.
const shownContent = 8

// walker follows the frames of one direction from event to event.
type walker struct {
	pos    int64 // bytes of the direction seen so far
	head   [spec.HeaderLen]byte
	have   int   // bytes of the present header; the whole header while in content
	length int64 // content that the present header announces
	left   int64 // of that, not yet seen
	lost   bool  // where frames begin is not known any more
}

// event returns the annotated lines of an event with bytes.
func (w *walker) event(e Event) []Line {
	out := &eventLines{event: e}
	if e.Offset > w.pos {
		w.skip(e.Offset - w.pos)
	} else if e.Offset < w.pos {
		w.lost = true
	}
	w.pos = e.Offset
	known, err := hex.DecodeString(e.Hex)
	if err != nil {
		known, w.lost = nil, true
	}
	unseen := int64(max(e.Length-len(known), 0))
	w.walk(known, unseen, out)
	if len(out.lines) == 0 {
		out.begin(w.pos)
	}
	last := &out.lines[len(out.lines)-1]
	if e.Note != "" {
		last.Note = Printable(e.Note)
	}
	return out.lines
}

// walk takes the bytes of one event: those that were recorded, then a number of which is known only that they were there.
func (w *walker) walk(known []byte, unseen int64, out *eventLines) {
	for len(known) > 0 || unseen > 0 {
		switch {
		case w.lost:
			out.add(w.pos, unframed(known, unseen))
			w.pos += int64(len(known)) + unseen
			return
		case w.left > 0:
			n := min(int64(len(known)), w.left)
			u := int64(0)
			if n == int64(len(known)) {
				u = min(unseen, w.left-n)
			}
			at := w.pos
			out.add(at, w.content(known[:n], u))
			known, unseen = known[n:], unseen-u
		case len(known) == 0:
			w.lost = true // a header is among what was not recorded
		default:
			n, at := min(len(known), w.missing()), w.pos
			out.add(at, w.header(known[:n]))
			known = known[n:]
		}
	}
}

// missing returns how many bytes the present field of the header lacks.
func (w *walker) missing() int {
	if w.have == 0 {
		return 1
	}
	return spec.HeaderLen - w.have
}

// header takes bytes of one field of a header.
func (w *walker) header(b []byte) Field {
	copy(w.head[w.have:], b)
	w.pos += int64(len(b))
	w.have += len(b)
	if w.have == 1 {
		f := Field{Kind: ReservedField, Hex: spaced(b)}
		if b[0] != spec.Reserved {
			f.Text, f.Bad = fmt.Sprintf("reserved 0x%02x, must be %02x", b[0], spec.Reserved), true
		}
		return f
	}
	f := Field{Kind: LengthField, Hex: spaced(b)}
	if w.have < spec.HeaderLen {
		f.Text = fmt.Sprintf("(length, %d of %d bytes)", w.have-1, spec.HeaderLen-1)
		return f
	}
	w.have = 0
	w.length = int64(w.head[1])<<16 | int64(w.head[2])<<8 | int64(w.head[3])
	w.left = w.length
	if w.length == 0 {
		f.Text, f.Bad = "length 0: empty message", true
		return f
	}
	f.Text = "= " + commas(w.length) + " " + noun(w.length, "byte", "bytes")
	return f
}

// content takes recorded bytes of the present content and the number of those behind them that were not recorded.
func (w *walker) content(b []byte, unseen int64) Field {
	n := int64(len(b)) + unseen
	whole := n == w.length
	w.left -= n
	w.pos += n
	shown := b
	if len(b) > shownContent+4 {
		shown = b[:shownContent]
	}
	f := Field{Kind: ContentField, Hex: spaced(shown), Text: quoted(shown)}
	if more := n - int64(len(shown)); more > 0 {
		f.More = "… " + commas(more) + " " + noun(more, "byte", "bytes") + " more"
	}
	if !whole {
		if f.More != "" {
			f.More += " "
		}
		f.More += "(" + commas(w.length-w.left) + " of " + commas(w.length) + ")"
	}
	return f
}

func unframed(b []byte, unseen int64) Field {
	shown := b[:min(len(b), shownContent+4)]
	f := Field{Kind: UnframedField, Hex: spaced(shown), Text: quoted(shown), More: "(frames not followed)"}
	if more := int64(len(b)-len(shown)) + unseen; more > 0 {
		f.More = "… " + commas(more) + " " + noun(more, "byte", "bytes") + " more " + f.More
	}
	return f
}

// skip takes n bytes of which no event tells.
func (w *walker) skip(n int64) {
	if n > w.left {
		w.lost = true
		return
	}
	w.left -= n
}

// unfinished says in which field the direction ends, or nothing if it ends between messages.
func (w *walker) unfinished() string {
	switch {
	case w.lost:
		return ""
	case w.have > 0:
		return fmt.Sprintf("inside a header, after %d of %d bytes", w.have, spec.HeaderLen)
	case w.left > 0:
		return fmt.Sprintf("inside content, after %s of %s bytes", commas(w.length-w.left), commas(w.length))
	}
	return ""
}

func noun(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// eventLines collects the lines of one event: a new one wherever a frame begins.
type eventLines struct {
	event Event
	lines []Line
}

func (o *eventLines) begin(offset int64) {
	o.lines = append(o.lines, Line{AtMS: o.event.AtMS, Direction: o.event.Direction, Continues: len(o.lines) > 0, Offset: offset})
}

func (o *eventLines) add(offset int64, f Field) {
	if len(o.lines) == 0 || f.Kind == ReservedField || f.Kind == UnframedField {
		o.begin(offset)
	}
	last := &o.lines[len(o.lines)-1]
	last.Fields = append(last.Fields, f)
}
