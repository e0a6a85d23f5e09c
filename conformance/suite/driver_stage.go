package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/oizys-protocol/oizys/conformance/transport"
)

// stage is one run of the driver with the sessions that a case opens in it. The first thing that goes wrong becomes its
// finding; from then on nothing more is done.
type stage struct {
	ctx      context.Context
	env      *Env
	talk     *talk
	rule     string // the requirement that a finding breaks; empty is the case's first
	gone     bool   // the driver ended before it was to, or with a failure
	sessions []*driven
	f        *Finding
}

// driven is one session in the driver, with the judge's end of it.
type driven struct {
	*stage
	name     string
	conn     *transport.Conn
	messages int // events of each kind that were taken
	closed   int
	dids     int
}

// stage starts the driver. Env.Close ends it.
func (e *Env) stage(ctx context.Context) *stage {
	s := &stage{ctx: ctx, env: e}
	course := transport.NewCourse()
	proc, err := e.startDriver(course)
	if err != nil {
		s.f = unjudged(err)
		return s
	}
	proc.Watch(course)
	s.talk = &talk{proc: proc, course: course, replies: map[int]line{}}
	e.mu.Lock()
	e.talks = append(e.talks, s.talk)
	e.mu.Unlock()
	return s
}

// open has the driver open a session on a socket of its own, and accepts it. Nothing is read from it until asked for.
func (s *stage) open() *driven {
	d := &driven{stage: s, name: fmt.Sprintf("s%d", len(s.sessions)+1)}
	s.sessions = append(s.sessions, d)
	if s.f != nil {
		return d
	}
	path := fmt.Sprintf("%s-%d", s.env.Socket, len(s.sessions))
	door, err := s.env.listen(path)
	if err != nil {
		s.f = unjudged(err)
		return d
	}
	defer door.Close()
	door.Keep() // the runner removes the folder
	s.ok(command{Do: "open", Session: d.name, Socket: path})
	if s.f != nil {
		return d
	}
	conn, err := door.Accept(s.ctx, s.talk.proc.Done(), "session "+d.name, s.env.Patience)
	switch {
	case errors.Is(err, transport.ErrNobody):
		if !s.talk.proc.Ended() {
			s.talk.course.Waited()
		}
		s.lost(s.talk.read(), "the driver keeps its contract") // what it has written since may say why
		s.fail("the driver connects to the socket that it is given", "it answered ok, and did not connect", true)
	case err != nil:
		s.f = unjudged(err)
	default:
		d.conn = conn
		s.talk.course.Follow(conn)
		s.env.keepConn(conn)
	}
	return d
}

// fail makes the finding, unless there is one.
func (s *stage) fail(expected, actual string, stalled bool) {
	if s.f == nil {
		s.f = broken(expected, actual)
		s.f.Requirement, s.f.Stalled = s.rule, stalled
	}
}

// citing makes a finding of what is wanted that of a requirement.
func (s *stage) citing(rule string, want func()) {
	before := s.rule
	s.rule = rule
	want()
	s.rule = before
}

// lost makes a finding of a wait that failed.
func (s *stage) lost(err error, expected string) {
	if s.f != nil || err == nil {
		return
	}
	switch {
	case s.ctx.Err() != nil:
		s.f = unjudged(s.ctx.Err())
	case errors.Is(err, errDriverGone):
		s.gone = true
		s.fail(expected, fmt.Sprintf("the driver ended (%s)%s", s.talk.proc.Exit(), s.talk.rest()), false)
	case errors.Is(err, errDriverStalls), isTimeout(err):
		s.fail(expected, fmt.Sprintf("within the deadline of %v the driver wrote nothing more%s", s.env.Patience, s.talk.rest()), true)
	case errors.Is(err, errDriverClosed):
		s.f = unjudged(fmt.Errorf("%w: it closed its output and went on%s", errContract, s.talk.rest()))
	case errors.Is(err, errContract):
		s.f = unjudged(err)
	default:
		s.f = unjudged(err)
	}
}

// tell gives a command without waiting for the reply, and returns its ID.
func (s *stage) tell(c command) int {
	if s.f != nil {
		return 0
	}
	c.ID = s.talk.sent + 1
	s.lost(s.talk.say(c, s.env.Patience), "the driver reads its commands")
	return c.ID
}

// reply waits for the reply to a command. What a driver does not support skips the case.
func (s *stage) reply(id int, do string) line {
	if s.f != nil {
		return line{}
	}
	err := s.talk.until(s.ctx, s.env.Patience, func() bool { return s.talk.heard >= id })
	s.lost(err, "a reply to the command "+do)
	r := s.talk.replies[id]
	if s.f == nil && !*r.OK && *r.Error == "unsupported" {
		s.f = skipped("the driver does not support " + do)
	}
	return r
}

func (s *stage) ask(c command) line { return s.reply(s.tell(c), describe(c)) }

func describe(c command) string {
	if c.Handler != "" {
		return fmt.Sprintf("%s with the handler %q", c.Do, c.Handler)
	}
	return c.Do
}

// ok gives a command that must succeed.
func (s *stage) ok(c command) line {
	r := s.ask(c)
	if s.f == nil && !*r.OK {
		s.fail(describe(c)+" succeeds", fmt.Sprintf("it was refused: %s", quoted([]byte(*r.Error))), false)
	}
	return r
}

// refused gives a command that must be refused with an error.
func (s *stage) refused(c command) {
	r := s.ask(c)
	if s.f == nil && *r.OK {
		s.fail(describe(c)+" is refused with an error", "it succeeded", false)
	}
}

func (s *stage) sync() { s.ok(command{Do: "sync"}) }

func (s *stage) recorded(actual string, measured map[string]float64) *Finding {
	if f := s.finish(); f != nil {
		return f
	}
	return recorded(actual, measured)
}

// finish ends the driver's input, upon which it releases what is open and ends: what it writes until then is all that
// ever happened in its sessions, and is judged as a whole.
func (s *stage) finish() *Finding {
	s.sync()
	if s.f != nil {
		return s.f
	}
	s.talk.course.Tick()
	s.talk.proc.Input().Close()
	err := s.talk.until(s.ctx, endFactor*s.env.Patience, func() bool { return false })
	switch {
	case errors.Is(err, errDriverGone):
	case errors.Is(err, errDriverStalls):
		s.f = unjudged(fmt.Errorf("%w: it did not end within %v of the end of its input", errContract, endFactor*s.env.Patience))
	default:
		s.lost(err, "the driver ends when its input does")
	}
	if half := s.talk.rest(); s.f == nil && half != "" {
		s.f = unjudged(fmt.Errorf("%w: it ended%s", errContract, half))
	}
	if s.f == nil && !s.talk.proc.ExitedCleanly() {
		s.rule, s.gone = "", true
		s.fail("the driver releases its sessions at the end of its input, and ends with status 0", fmt.Sprintf("it ended with %s", s.talk.proc.Exit()), false)
	}
	for _, d := range s.sessions {
		d.judgeWhole()
	}
	s.judgeNames()
	return s.f
}

// endFactor is how many times its patience a case waits for a driver to end: it may have much to release.
const endFactor = 5

// judgeWhole judges all events of one session: one close at most, no message behind it, none that was not expected.
func (d *driven) judgeWhole() {
	messages, closes := 0, 0
	for _, e := range d.talk.events {
		if e.Session != d.name || d.f != nil {
			continue
		}
		switch e.Event {
		case "close":
			if closes++; closes > 1 {
				d.rule = "sess/close-once"
				d.fail("the close handler runs once", fmt.Sprintf("it ran again, with %s", causeOf(e)), false)
			}
		case "message":
			messages++
			switch {
			case closes > 0:
				d.rule = "sess/close-silences"
				d.fail(fmt.Sprintf("nothing delivered in session %s behind its close handler", d.name), "behind it was delivered: "+shown(e), false)
			case messages > d.messages:
				d.fail(fmt.Sprintf("%s delivered in session %s, and no more", count(d.messages, "message"), d.name), "one more was delivered: "+shown(e), false)
			}
		}
	}
}

// judgeNames judges whether the events are of sessions that there are.
func (s *stage) judgeNames() {
	for _, e := range s.talk.events {
		if s.f == nil && !slices.ContainsFunc(s.sessions, func(d *driven) bool { return d.name == e.Session }) {
			s.f = unjudged(fmt.Errorf("%w: an event is of the session %s, which was never opened", errContract, quoted([]byte(e.Session))))
		}
	}
}

func causeOf(e line) string {
	if e.Error == nil {
		return "no error"
	}
	return "the error " + quoted([]byte(*e.Error))
}

func shown(e line) string {
	text := count(*e.Length, "byte")
	if e.Hex != nil {
		text += ", " + *e.Hex
	}
	return text
}

// endTalks ends the drivers that the case has started.
func (e *Env) endTalks() {
	for _, t := range e.talks {
		t.stopped = t.stopped || !t.proc.Ended()
		t.proc.Stop(0)
	}
}

// lastTalk returns the driver that the case has started last, or nil.
func (e *Env) lastTalk() *talk {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.talks) == 0 {
		return nil
	}
	return e.talks[len(e.talks)-1]
}
