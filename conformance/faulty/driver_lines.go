package faulty

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// lines is how a driver writes.
type lines struct {
	wrong       string
	out, stderr io.Writer
	replying    bool             // a command is being obeyed
	held        []map[string]any // events that are written later
}

// eventDelay is how long the driver holds events back that writes them late.
const eventDelay = 5 * time.Millisecond

// event writes an event, or holds it back.
func (d *driver) event(e map[string]any) {
	switch {
	case d.wrong == "driver-replies-before-events" && d.lines.replying:
		d.lines.held = append(d.lines.held, e)
	case d.wrong == "driver-writes-events-late":
		if d.lines.held = append(d.lines.held, e); len(d.lines.held) == 1 {
			time.AfterFunc(eventDelay, func() { d.turns <- d.flush })
		}
	default:
		d.lines.write(e)
	}
}

// reply writes the reply to a command, and what was held back: behind it, or before it if it tells that all is written.
func (d *driver) reply(o order, r map[string]any) {
	if o.Do == "sync" {
		d.flush()
	}
	d.lines.write(r)
	if d.wrong == "driver-replies-before-events" {
		d.flush()
	}
}

// flush writes the events that were held back.
func (d *driver) flush() {
	for _, e := range d.lines.held {
		d.lines.write(e)
	}
	d.lines.held = nil
}

// word is how the driver calls an error.
func (d *driver) word(err error) string {
	if d.wrong == "driver-with-one-word-for-errors" && err.Error() != "unsupported" {
		return "error"
	}
	return err.Error()
}

func (l *lines) write(line map[string]any) {
	text, _ := json.Marshal(line) // of plain values
	switch l.wrong {
	case "driver-with-spaced-lines":
		fmt.Fprintf(l.out, "%s\n", spaced(line))
	case "driver-with-crlf-lines":
		fmt.Fprintf(l.out, "%s\r\n", text)
	default:
		fmt.Fprintf(l.out, "%s\n", text)
	}
	if l.wrong == "driver-noisy-on-stderr" {
		fmt.Fprintf(l.stderr, "debug: wrote %s; {\"id\": 0}\n", text)
	}
}

// spaced is a line with its keys in no order of its own, and spaces wherever JSON has room for them.
func spaced(line map[string]any) string {
	text, between := " {", " "
	for key, value := range line {
		v, _ := json.Marshal(value) // plain
		text += fmt.Sprintf("%s\"%s\" :\t%s ", between, key, v)
		between = ", "
	}
	return text + "} "
}
