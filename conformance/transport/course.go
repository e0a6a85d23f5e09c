package transport

import (
	"sync"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// maxSteps is how many steps of one run of a program are recorded.
const maxSteps = 2500

// Course is the order of what the suite does to a program that it has started, and of what the program does: on the
// sessions that follow it, on its streams, and that it ends. Its clock goes on with each thing that the suite does: a byte
// that is sent, a session that is taken or shut down, a line that is told. It may be used concurrently.
type Course struct {
	mu       sync.Mutex
	clock    int64
	changed  chan struct{} // closed and replaced whenever the clock goes on
	told     int64
	sum      uint32
	conns    []*Conn
	sent     []int64 // on each of them
	steps    []step
	waited   bool
	waitedAt int64
	missing  string
}

// step is a report.Step, with what the suite had sent on its first session by then.
type step struct {
	report.Step
	sent int64
}

// NewCourse returns the course of a program that is started now.
func NewCourse() *Course { return &Course{changed: make(chan struct{})} }

// Tell notes what the suite tells the program other than on a session: its message, or a line.
func (c *Course) Tell(b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told++
	c.sum = report.AddSum(c.sum, b)
	c.tick(1)
}

// Tick notes that the suite has done something.
func (c *Course) Tick() { c.goOn(1) }

func (c *Course) goOn(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick(n)
}

func (c *Course) tick(n int64) {
	c.clock += n
	close(c.changed)
	c.changed = make(chan struct{})
}

// Clock returns how far the suite is, and a channel that is closed when it is further.
func (c *Course) Clock() (now int64, changed <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.clock, c.changed
}

// sending notes that so much more is being sent on a session; less than nothing is what was not.
// The clock goes on by as many of all that is sent as stand before the byte number counted, or by all where that is 0.
func (c *Course) sending(session int, n, counted int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	sent := &c.sent[session-1]
	before := *sent
	if *sent += n; counted > 0 {
		c.tick(min(*sent, counted-1) - min(before, counted-1))
	} else {
		c.tick(n)
	}
}

// first returns the place of the first session on which something was sent, or -1.
func (c *Course) first() int {
	for i, n := range c.sent {
		if n > 0 {
			return i
		}
	}
	return -1
}

// Follow makes the connection the program's next session. It is to be called before anything is sent or read on it.
func (c *Course) Follow(conn *Conn) {
	c.mu.Lock()
	c.conns, c.sent = append(c.conns, conn), append(c.sent, 0)
	number := len(c.conns)
	c.mu.Unlock()
	conn.tape.follow(c, number)
	c.Tick()
}

// Conns returns the sessions that follow the course, in the order in which they were made to.
func (c *Course) Conns() []*Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conns[:len(c.conns):len(c.conns)]
}

// Told returns how often the suite has told the program something, and a checksum of that.
func (c *Course) Told() (times int64, sum uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.told, c.sum
}

// Printed implements process.Watcher.
func (c *Course) Printed(stderr bool, total int64, ended bool) {
	kind := report.StepOut
	if stderr {
		kind = report.StepErr
	}
	if ended {
		total = report.StepEnd
	}
	c.happened(report.Step{Kind: kind, Total: total})
}

// Exited implements process.Watcher.
func (c *Course) Exited() { c.happened(report.Step{Kind: report.StepExit, Total: report.StepEnd}) }

// Waited notes that a wait for the program was given up.
func (c *Course) Waited() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waited, c.waitedAt = true, c.clock
}

// Lose says that the run cannot be played again, and why. The first reason is the one that is kept.
func (c *Course) Lose(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lose(why)
}

func (c *Course) lose(why string) {
	if c.missing == "" {
		c.missing = why
	}
	c.steps = nil
}

func (c *Course) happened(s report.Step) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.missing != "" {
		return
	}
	if c.waited && c.waitedAt == c.clock {
		c.lose(tooLate)
		return
	}
	s.Tick = c.clock
	sent := int64(0)
	if first := c.first(); first >= 0 {
		sent = c.sent[first]
	}
	if n := len(c.steps); n > 0 {
		if last := c.steps[n-1]; last.Tick == s.Tick && last.Kind == s.Kind && last.Session == s.Session && last.Total != report.StepEnd && s.Total != report.StepEnd {
			c.steps[n-1] = step{s, sent}
			return
		}
	}
	if len(c.steps) >= maxSteps {
		c.lose("more happened in a run than is recorded")
		return
	}
	c.steps = append(c.steps, step{s, sent})
}

// Extent is how much of what a program did is on its course.
type Extent struct {
	Out, Err int64 // bytes of its output
	Exited   bool
}

// Run returns what was recorded, but for what was printed and how the program ended; how much of that belongs to it; and why
// it cannot be played again, if so.
func (c *Course) Run() (run report.Run, extent Extent, missing string) {
	c.mu.Lock()
	run.Told, run.Sum, run.Waited = c.told, c.sum, c.waited
	steps, last := make([]report.Step, len(c.steps)), c.clock
	for i := len(c.steps) - 1; i >= 0; i-- {
		last = min(last, c.steps[i].Tick) // what was being written and was not
		steps[i] = c.steps[i].Step
		steps[i].Tick = last
		switch s := steps[i]; s.Kind {
		case report.StepOut:
			extent.Out = max(extent.Out, s.Total)
		case report.StepErr:
			extent.Err = max(extent.Err, s.Total)
		case report.StepExit:
			extent.Exited = true
		case report.StepSession, report.StepGone:
		}
	}
	missing = c.missing
	conns := c.conns
	c.mu.Unlock()
	run.Course = report.CourseOf(steps)
	for _, conn := range conns {
		h, why := conn.tape.heard()
		if missing == "" {
			missing = why
		}
		run.Sessions = append(run.Sessions, h)
	}
	return run, extent, missing
}

// Echo is what the suite has sent, for finding it in what a program prints.
type Echo struct {
	Sent []byte        // all that was sent on the first session on which something was
	by   []report.Mark // what had been sent when so much was printed
}

// Echo returns what of a stream's bytes may be a copy.
func (c *Course) Echo(stderr bool) Echo {
	e, kind := Echo{}, report.StepOut
	if stderr {
		kind = report.StepErr
	}
	c.mu.Lock()
	first := c.first()
	for _, s := range c.steps {
		if s.Kind == kind && s.Total != report.StepEnd {
			e.by = append(e.by, report.Mark{Sent: s.sent, Received: s.Total})
		}
	}
	conns := c.conns
	c.mu.Unlock()
	if first >= 0 {
		e.Sent = conns[first].tape.allSent()
	}
	return e
}

// Holds reports whether bytes that were printed at a place can be a copy of the n that were sent from another on: they had
// been sent by then.
func (e Echo) Holds(printed, from, n int64) bool {
	for _, m := range e.by {
		if m.Received > printed && from+min(m.Received-printed, n) > m.Sent {
			return false
		}
		if m.Received >= printed+n {
			return true
		}
	}
	return false
}
