package report

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Caps and paces of a Progress.
const (
	progressProblems = 20                    // failing cases that are named as they come; further ones are counted
	progressColumns  = 78                    // of the live line, which must never wrap
	progressItem     = 160                   // runes of a line about a failing case
	livePace         = 50 * time.Millisecond // between two drawings of the live line
	plainPace        = 5 * time.Second       // between two lines where there is no terminal
)

// Progress tells people how a run is going while it goes: on a terminal in one line that is drawn anew and is gone at
// the end, elsewhere in a plain line now and then. Failing cases are named as they come. All methods may be called
// concurrently; errors of the writer are ignored, since a run does not depend on being watched.
type Progress struct {
	w           io.Writer
	live, color bool
	now         func() time.Time

	mu       sync.Mutex
	total    int
	done     int
	problems int       // cases that failed or could not be judged
	drawn    int       // columns of the live line that is on the screen
	last     time.Time // when the live line was drawn or a plain line written
}

// NewProgress returns a Progress that writes to w: with live, a line with carriage returns, for terminals only; with
// color, ANSI colours.
func NewProgress(w io.Writer, live, color bool) *Progress {
	return &Progress{w: w, live: live, color: color, now: time.Now}
}

// Begin says that total cases are going to run. It is called once, before Done.
func (p *Progress) Begin(total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total, p.last = total, p.now()
	if p.live {
		p.draw("")
		return
	}
	p.print(plural(total, "case", "cases") + " to run")
}

// Done says that a case has its verdict. A case that failed or could not be judged is named at once.
func (p *Progress) Done(c Case) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	v := c.verdict()
	if v == Fail || v == Error {
		p.problems++
		if p.problems <= progressProblems {
			word := verdictPaint(v).apply(p.color, strings.ToUpper(string(v)))
			p.print(word + " " + shorten(Printable(c.ID)+"  "+Printable(c.Actual), progressItem))
		}
	}
	pace := plainPace
	if p.live {
		pace = livePace
	}
	if now := p.now(); now.Sub(p.last) >= pace {
		p.last = now
		if p.live {
			p.draw(c.ID)
		} else {
			p.print(p.state())
		}
	}
}

// Note writes a line of its own, such as that the peer was started anew.
func (p *Progress) Note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.print(Printable(fmt.Sprintf(format, args...)))
}

// End clears the live line and says how many failing cases were not named. Nothing is drawn after it until Begin.
func (p *Progress) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if more := p.problems - progressProblems; more > 0 {
		p.print("and " + plural(more, "more case that failed or could not be judged", "more cases that failed or could not be judged"))
	}
	p.clear()
}

// state says how far the run is.
func (p *Progress) state() string {
	s := fmt.Sprintf("%s/%s cases", commas(p.done), commas(p.total))
	if p.problems > 0 {
		s += fmt.Sprintf(", %s failed", commas(p.problems))
	}
	return s
}

// print writes a line above the live line.
func (p *Progress) print(line string) {
	p.clear()
	_, _ = io.WriteString(p.w, line+"\n")
}

func (p *Progress) draw(id string) {
	line := p.state()
	if id != "" {
		line += "  " + Printable(id)
	}
	line = shorten(line, progressColumns)
	width := utf8.RuneCountInString(line)
	_, _ = io.WriteString(p.w, "\r"+line+strings.Repeat(" ", max(p.drawn-width, 0)))
	p.drawn = max(width, p.drawn)
}

func (p *Progress) clear() {
	if p.drawn > 0 {
		_, _ = io.WriteString(p.w, "\r"+strings.Repeat(" ", p.drawn)+"\r")
		p.drawn = 0
	}
}
