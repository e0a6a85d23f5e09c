package playback

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"sync"
	"syscall"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// Manners returns what was known of the client when it was recorded. One whose end was not waited for, and that had not
// ended, is not waited for now. The error says that what the recording has of it is no hex.
func (p *Player) Manners() (*suite.Manners, error) {
	hurried := false
	for _, r := range p.runs {
		hurried = hurried || r.Hurried
	}
	for _, r := range p.runs {
		hurried = hurried && r.Status == nil
	}
	return suite.MannersOf(p.presents, hurried)
}

// Start implements [suite.Standin]. The error wraps [report.ErrInvalid], too, if what is recorded of the run does not add up.
func (p *Player) Start(course *transport.Course, keep int) (*process.Process, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.programs)
	if n == len(p.runs) {
		p.lost = fmt.Errorf("its run %d was %w", n+1, suite.ErrNotRecorded)
		return nil, p.lost
	}
	g := &program{number: n + 1, run: &p.runs[n], course: course, stop: make(chan struct{})}
	var err error
	if g.steps, err = g.run.Steps(); err != nil {
		return nil, err
	}
	proc, imitation, err := process.Imitate(keep, true)
	if err != nil {
		return nil, err
	}
	g.imitation = imitation
	p.programs = append(p.programs, g)
	g.done.Go(g.hear)
	g.done.Go(g.perform)
	return proc, nil
}

// Listen implements [suite.Standin].
func (p *Player) Listen() suite.Door { return door{p} }

type door struct{ player *Player }

// Accept returns the next session of the run that was started last. The error wraps [report.ErrInvalid] if what is recorded of
// it is no hex; without a session it is [transport.ErrNobody], when gone is closed or patience is at an end, or the context's.
func (d door) Accept(ctx context.Context, gone <-chan struct{}, name string, patience time.Duration) (*transport.Conn, error) {
	p := d.player
	p.mu.Lock()
	var g *program
	if n := len(p.programs); n > 0 {
		g = p.programs[n-1]
	}
	p.mu.Unlock()
	if g != nil {
		if c, err := g.connect(name, patience); c != nil || err != nil {
			return c, err
		}
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-gone:
	case <-timer.C:
	}
	return nil, transport.ErrNobody
}

func (door) Keep()  {}
func (door) Close() {}

// program plays one run.
type program struct {
	number    int
	run       *report.Run
	steps     []report.Step
	course    *transport.Course
	imitation *process.Imitation
	stop      chan struct{}
	done      sync.WaitGroup
	out, err  int64 // bytes printed

	mu        sync.Mutex
	lines     []*line
	exhausted bool // all that was recorded was played
}

// connect makes the next session, or returns nil if there was none.
func (g *program) connect(name string, patience time.Duration) (*transport.Conn, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := len(g.lines)
	if n == len(g.run.Sessions) {
		return nil, nil
	}
	l := &line{number: n + 1, heard: &g.run.Sessions[n], changed: make(chan struct{})}
	var err error
	if l.rest, err = hex.DecodeString(l.heard.Rest); err != nil {
		return nil, fmt.Errorf("%w: a recording's rest is no hex: %w", report.ErrInvalid, err)
	}
	ours, theirs, err := pair()
	if err != nil {
		return nil, err
	}
	l.sock, l.conn = theirs, transport.Over(ours, name, patience)
	l.conn.KeepExpected()
	l.conn.CountTo(l.heard.Sent)
	g.lines = append(g.lines, l)
	g.done.Go(l.listen)
	if l.heard.Refused {
		g.done.Go(func() { l.refuse(g.stop) })
	}
	if l.said = l.heard.Lay; l.said > 0 {
		if _, err := l.sock.Write(l.rest[:l.said]); err != nil {
			l.conn.Close()
			return nil, err
		}
	}
	return l.conn, nil
}

// hear takes what is said to the program.
func (g *program) hear() {
	in := g.imitation.Input()
	_, _ = io.Copy(io.Discard, in) // until it is closed, by one of the two
	in.Close()
}

func (g *program) end() {
	close(g.stop)
	g.mu.Lock()
	lines := g.lines
	g.mu.Unlock()
	for _, l := range lines {
		_ = l.sock.SetReadDeadline(time.Now().Add(drainLimit)) // what was sent lies there to be counted
	}
	g.done.Wait()
	for _, l := range lines {
		l.sock.Close()
	}
}

// perform does what the program did, step by step, each when the suite is as far as it was then.
func (g *program) perform() {
	for _, s := range g.steps {
		for {
			now, changed := g.course.Clock()
			if now >= s.Tick {
				break
			}
			select {
			case <-changed:
			case <-g.stop:
				return
			}
		}
		if !g.do(s) {
			return
		}
	}
	g.mu.Lock()
	g.exhausted = true
	g.mu.Unlock()
}

// do reports whether the step was done.
func (g *program) do(s report.Step) bool {
	ended := s.Total == report.StepEnd
	switch s.Kind {
	case report.StepOut, report.StepErr:
		stderr := s.Kind == report.StepErr
		if ended {
			g.imitation.EndOutput(stderr)
			return true
		}
		return g.print(stderr, s.Total)
	case report.StepExit:
		g.imitation.Exit(syscall.WaitStatus(*g.run.Status))
		return true
	case report.StepSession, report.StepGone:
	}
	l := g.line(s.Session)
	switch {
	case l == nil:
		return false // it was not asked for, which doubt says
	case s.Kind == report.StepGone:
		return l.await(g.stop, l.heard.Sent) && l.sock.CloseRead() == nil
	case ended:
		// The suite may have closed its end just before it would have seen this, as it may have just after.
		return l.sock.CloseWrite() == nil && l.awaitConn(g.stop, func(in transport.Incoming) bool { return in.Ended || in.Closed })
	default:
		return l.say(g.stop, s.Total)
	}
}

func (g *program) line(number int) *line {
	g.mu.Lock()
	defer g.mu.Unlock()
	if number > len(g.lines) {
		return nil
	}
	return g.lines[number-1]
}

// print prints one of the streams up to a place.
func (g *program) print(stderr bool, to int64) bool {
	from, pieces := &g.out, g.run.Stdout
	if stderr {
		from, pieces = &g.err, g.run.Stderr
	}
	begin := int64(0)
	for _, p := range pieces {
		a, b := max(*from-begin, 0), min(to-begin, p.Len())
		begin += p.Len()
		if a >= b {
			continue
		}
		part := []byte(p.Text)
		switch {
		case p.Hex != "":
			part, _ = hex.DecodeString(p.Hex) // the steps were read, which looks at it
		case p.Length > 0:
			if part = g.copied(p.From, p.From+b); part == nil {
				return false
			}
		}
		g.imitation.Print(stderr, part[a:b])
	}
	*from = to
	return true
}

// copied returns bytes that the suite has sent, once it has.
func (g *program) copied(from, to int64) []byte {
	for n := range g.run.Sessions {
		if g.run.Sessions[n].Sent == 0 {
			continue
		}
		if l := g.line(n + 1); l != nil && l.await(g.stop, to) {
			return l.sent(from, to)
		}
		return nil
	}
	return nil
}

// doubt says in what the suite did something else than was recorded.
func (g *program) doubt() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	told, sum := g.course.Told()
	switch {
	case told != g.run.Told || sum != g.run.Sum:
		return fmt.Errorf("in run %d it tells the program something else than was recorded", g.number)
	case len(g.lines) < len(g.run.Sessions):
		return fmt.Errorf("in run %d it takes fewer sessions than was recorded: %d, and then %d", g.number, len(g.run.Sessions), len(g.lines))
	}
	for _, l := range g.lines {
		if err := l.doubt(); err != nil {
			return fmt.Errorf("in run %d, on its session %d, it %w", g.number, l.number, err)
		}
	}
	return nil
}
