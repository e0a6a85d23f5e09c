package live

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// Status is how a run stands.
type Status struct {
	Elapsed   time.Duration
	PerSecond float64 // scenarios, since the run began
	Scenarios uint64
	Sessions  uint64
	States    int
	Places    int // of the peer's program, that were seen to run; 0 when its coverage is not asked for
	Findings  int
	// Since is the time since the last finding or, with none, the last new state.
	Since time.Duration
}

// String returns the status in one line, the most telling first: a narrow terminal shows no more.
func (s Status) String() string {
	places := ""
	if s.Places > 0 {
		places = fmt.Sprintf("  %d places", s.Places)
	}
	return fmt.Sprintf("%s  %.0f/s  %s, last new %s ago  %d states%s  %d scenarios  %d sessions",
		s.Elapsed.Round(time.Second), s.PerSecond, plural(s.Findings, "finding", "findings"), s.Since.Round(time.Second), s.States, places, s.Scenarios, s.Sessions)
}

// status tells how the run stands.
func (h *hunter) status() {
	h.counted()
	h.sums.Acts, h.sums.Scenarios, h.sums.Sessions = h.done.Acts, h.done.Scenarios, h.done.Sessions
	h.sums.Failed, h.sums.States = h.done.Failed, len(h.states)
	now := time.Since(h.begin)
	since := h.newState
	if n := len(h.order); n > 0 {
		since = h.begin.Add(time.Duration(h.order[n-1].AfterMS * float64(time.Millisecond)))
	}
	s := Status{
		Elapsed: now, Scenarios: h.done.Scenarios, Sessions: h.done.Sessions, States: len(h.states), Findings: len(h.order),
		PerSecond: float64(h.done.Scenarios) / max(now.Seconds(), 0.001),
	}
	if h.guide != nil {
		h.sums.Places, h.sums.Kept = len(h.guide.seen), len(h.guide.kept)
		s.Places = h.sums.Places
	}
	if !since.IsZero() {
		s.Since = time.Since(since)
	}
	h.o.Progress.Status(s)
}

// Line shows how a run stands: on a terminal in one line that is drawn anew, elsewhere in a plain line now and then.
type Line struct {
	w       io.Writer
	columns int
	drawn   int
	last    time.Time
}

const linePace = 5 * time.Second

// NewLine returns a Line that writes to w: to a terminal that has so many columns, or to something else if that is 0.
// Errors of w are ignored: a run does not depend on being watched.
func NewLine(w io.Writer, columns int) *Line { return &Line{w: w, columns: columns, last: time.Now()} }

// Status shows the status, when it is time for it.
func (l *Line) Status(s Status) {
	switch {
	case l.columns > 0:
		text := clipped(s.String(), max(l.columns-3, 1)) // the mark takes two, and the cursor one
		width := utf8.RuneCountInString(text)
		_, _ = io.WriteString(l.w, "\r"+text+strings.Repeat(" ", max(l.drawn-width, 0)))
		l.drawn = width
	case time.Since(l.last) >= linePace:
		l.last = time.Now()
		_, _ = fmt.Fprintln(l.w, s)
	}
}

// Found tells of a finding.
func (l *Line) Found(f *Finding) {
	l.Note("%s %s: %s", f.word(), f.Key, f.Actual)
}

// Note writes a line of its own.
func (l *Line) Note(format string, args ...any) {
	l.End()
	_, _ = fmt.Fprintln(l.w, clipped(report.Printable(fmt.Sprintf(format, args...)), 200))
}

// End clears the line.
func (l *Line) End() {
	if l.drawn > 0 {
		_, _ = io.WriteString(l.w, "\r"+strings.Repeat(" ", l.drawn)+"\r")
		l.drawn = 0
	}
}
