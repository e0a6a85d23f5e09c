package report

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Run is one run of a client or a driver, as the suite saw it: as much of it as judging it again needs.
type Run struct {
	// Told is how many times the program was told something beside its sessions: a client its one message, a driver a line
	// each time. Sum is the CRC-32 (Castagnoli) of that, without the paths of sockets.
	Told int64  `json:"told"`
	Sum  uint32 `json:"sum"`
	// Sessions are the connections that it made, in order.
	Sessions []Heard `json:"sessions,omitempty"`
	// Stdout and Stderr are what it printed.
	Stdout []Piece `json:"stdout,omitempty"`
	Stderr []Piece `json:"stderr,omitempty"`
	// Status is how it ended, as wait(2) tells it; nil if it had not.
	Status *uint32 `json:"status,omitempty"`
	// Course says in which order all of that happened; see [Run.Steps].
	Course string `json:"course,omitempty"`
	// Waited is true if a wait for the program was given up.
	Waited bool `json:"waited,omitempty"`
	// Hurried is true if the program's end was not waited for, since it had kept others waiting.
	Hurried bool `json:"hurried,omitempty"`
}

// Heard is one session of a client or a driver.
type Heard struct {
	// Sent is how many bytes the suite sent, and Sum their CRC-32 (Castagnoli).
	Sent int64  `json:"sent"`
	Sum  uint32 `json:"sum"`
	// Expected is how many bytes came that were the first ones of those that the suite expected; Rest is what came behind
	// them, in hex.
	Expected int64  `json:"expected"`
	Rest     string `json:"rest,omitempty"`
	// Ended is how the program ended the stream, empty if it did not; Refused is true if a write found it closed.
	Ended   string `json:"ended,omitempty"`
	Refused bool   `json:"refused,omitempty"`
	// Unread is true if the suite read nothing of it, and Lay how many bytes were seen to lie there unread.
	Unread bool  `json:"unread,omitempty"`
	Lay    int64 `json:"lay,omitempty"`
}

// Piece is a part of what a program printed: Text, or Hex where it is no UTF-8, or Length bytes of what it was sent on its
// first session on which something was sent, beginning at From.
type Piece struct {
	Text   string `json:"text,omitempty"`
	Hex    string `json:"hex,omitempty"`
	From   int64  `json:"from,omitempty"`
	Length int64  `json:"length,omitempty"`
}

// Len returns how many bytes the piece has.
func (p Piece) Len() int64 { return p.Length + int64(len(p.Text)) + int64(len(p.Hex)/2) }

// Presents is how a client presents a reply: on which stream, and what it prints around it, in hex.
type Presents struct {
	Stderr bool   `json:"stderr,omitempty"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Step is one thing that happened in a run: so many bytes of a stream or a session had come in all, or it ended, when the
// suite's clock stood at Tick. The clock goes on with each byte that the suite sends, each session that it accepts, shuts
// down or closes, each thing that it tells and, once, at the end of what it tells.
type Step struct {
	Tick    int64
	Kind    StepKind
	Session int   // from 1 on, of StepSession and StepGone
	Total   int64 // or StepEnd
}

// StepKind says of what a step is.
type StepKind byte

// The kinds of steps: on stdout, on stderr, on a session, that a session was seen to be closed both ways, and that the
// program ended.
const (
	StepOut     StepKind = 'o'
	StepErr     StepKind = 'e'
	StepSession StepKind = 's'
	StepGone    StepKind = 'g'
	StepExit    StepKind = 'x'
)

// StepEnd as a step's total is the end of what it is of.
const StepEnd = -1

// CourseOf writes steps as a run's course: words "tick:kind", with the session's number for those that are of one, and
// then, unless it is the end, "+total".
func CourseOf(steps []Step) string {
	words := make([]string, len(steps))
	for i, s := range steps {
		words[i] = fmt.Sprintf("%d:%c", s.Tick, s.Kind)
		if s.Session > 0 {
			words[i] += strconv.Itoa(s.Session)
		}
		if s.Total != StepEnd {
			words[i] += "+" + strconv.FormatInt(s.Total, 10)
		}
	}
	return strings.Join(words, " ")
}

// Steps reads the course. The error wraps [ErrInvalid]: it is not of what the run says that it printed and sent.
func (r *Run) Steps() ([]Step, error) {
	c := courseReader{run: r, at: map[string]int64{}, over: map[string]bool{}}
	var steps []Step
	for _, word := range strings.Fields(r.Course) {
		s, err := c.read(word)
		if err != nil {
			return nil, err
		}
		steps = append(steps, s)
	}
	return steps, c.whole()
}

type courseReader struct {
	run  *Run
	tick int64
	at   map[string]int64
	over map[string]bool
}

func (c *courseReader) read(word string) (Step, error) {
	bad := func() (Step, error) { return Step{}, invalid("a recording's course has %q", word) }
	tick, what, ok := strings.Cut(word, ":")
	if !ok || what == "" {
		return bad()
	}
	s := Step{Kind: StepKind(what[0]), Total: StepEnd}
	number, total, counted := strings.Cut(what[1:], "+")
	var err error
	if s.Tick, err = strconv.ParseInt(tick, 10, 64); err != nil || s.Tick < c.tick {
		return bad()
	}
	c.tick = s.Tick
	ofSession := s.Kind == StepSession || s.Kind == StepGone
	switch s.Kind {
	case StepOut, StepErr, StepSession:
	case StepGone, StepExit:
		ok = !counted
	default:
		ok = false
	}
	if ofSession {
		s.Session, err = strconv.Atoi(number)
		ok = ok && err == nil && s.Session >= 1 && s.Session <= len(c.run.Sessions)
	} else {
		ok = ok && number == ""
	}
	name := what[:1] + number
	if counted {
		s.Total, err = strconv.ParseInt(total, 10, 64)
		ok = ok && err == nil && s.Total > c.at[name]
		c.at[name] = s.Total
	}
	if !ok || c.over[name] {
		return bad()
	}
	c.over[name] = !counted
	return s, nil
}

// whole reports whether the course has come to the end of all that the run says.
func (c *courseReader) whole() error {
	same := func(name string, all int64, ended bool) error {
		if c.at[name] != all || ended != c.over[name] {
			return invalid("a recording's course is of %d bytes of %s, and there are %d", c.at[name], name, all)
		}
		return nil
	}
	for i, h := range c.run.Sessions {
		rest, err := hex.DecodeString(h.Rest)
		if err != nil || h.Expected < 0 || h.Lay < 0 || h.Lay > int64(len(rest)) || h.Lay > 0 && h.Expected > 0 || h.Sent < 0 {
			return invalid("a recording's session %d is of no session", i+1)
		}
		if err := same("s"+strconv.Itoa(i+1), h.Expected+int64(len(rest)), h.Ended != ""); err != nil {
			return err
		}
	}
	for name, pieces := range map[string][]Piece{"o": c.run.Stdout, "e": c.run.Stderr} {
		all := int64(0)
		for _, p := range pieces {
			if _, err := hex.DecodeString(p.Hex); err != nil || p.From < 0 || p.Length < 0 || p.From > math.MaxInt64-p.Length || !p.single() {
				return invalid("a recording has a piece of output that is none")
			}
			all += p.Len()
		}
		if err := same(name, all, c.over[name]); err != nil {
			return err
		}
	}
	return same("x", 0, c.run.Status != nil)
}

// single reports whether the piece says in one way what it is.
func (p Piece) single() bool {
	ways := 0
	for _, is := range []bool{p.Text != "", p.Hex != "", p.Length > 0} {
		if is {
			ways++
		}
	}
	return ways == 1
}
