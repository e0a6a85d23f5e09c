package transport

import (
	"encoding/hex"
	"slices"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// follow makes the tape that of a program's session: when something happened is noted on the course, and what came is held
// against what the suite expected.
func (t *tape) follow(c *Course, session int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.course, t.session = c, session
}

// end notes the end of what the suite sends.
func (t *tape) end() {
	if t.course != nil && !t.over {
		t.course.Tick()
	}
	t.over = true
}

func (t *tape) closed() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end()
}

// came notes bytes, of which the last ones were not expected. It reports whether the tape follows a course.
func (t *tape) came(n int, unexpected []byte) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.course == nil {
		return false
	}
	t.received += int64(n)
	t.t.Echoed += int64(n - len(unexpected))
	t.course.happened(report.Step{Kind: report.StepSession, Session: t.session, Total: t.received})
	if len(t.rest)+len(unexpected) > maxRest {
		t.lose("more came that was not expected than is recorded")
	}
	if t.missing == "" {
		t.rest = append(t.rest, unexpected...)
	}
	return true
}

func (t *tape) gone(yes bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.course == nil:
	case yes:
		t.course.happened(report.Step{Kind: report.StepGone, Session: t.session, Total: report.StepEnd})
	default:
		t.course.Waited()
	}
}

// heard returns the tape of a program's session, and why it cannot be played again, if so.
func (t *tape) heard() (h report.Heard, missing string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return report.Heard{
		Sent: t.t.Sent, Sum: t.t.Sum, Expected: t.t.Echoed, Rest: hex.EncodeToString(t.rest),
		Ended: t.t.Ended, Refused: t.t.Refused, Unread: !t.reads, Lay: t.lay,
	}, t.missing
}

func (t *tape) follows() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.course != nil
}

// Follows reports whether the connection is of a program's course.
func (c *Conn) Follows() bool { return c.tape.follows() }

func (t *tape) allSent() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Concat(t.given...)
}

// Lay notes how many bytes lay unread on a session when the suite first looked.
func (c *Conn) Lay(n int) {
	c.tape.mu.Lock()
	defer c.tape.mu.Unlock()
	c.tape.lay = int64(n)
}

// Reads reports whether what comes is read.
func (c *Conn) Reads() bool {
	c.tape.mu.Lock()
	defer c.tape.mu.Unlock()
	return c.tape.reads
}

// Incoming is how far a connection has come: bytes received and expected so far, whether the peer's end was seen and this
// end was closed, and a channel that is closed when any of it changes.
type Incoming struct {
	Got, Want int64
	Ended     bool
	Closed    bool
	Changed   <-chan struct{}
}

// Incoming returns how far the connection has come.
func (c *Conn) Incoming() Incoming {
	c.mu.Lock()
	defer c.mu.Unlock()
	in := &c.incoming
	return Incoming{Got: in.got, Want: in.want, Ended: in.ended != "" || in.err != nil, Closed: c.closed, Changed: c.changed}
}

// Expected returns the bytes of what was ever expected from one place to another, both within [Incoming.Want]. It is for
// connections of which [Conn.KeepExpected] was asked.
func (c *Conn) Expected(from, to int64) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []byte
	for _, b := range c.wanted {
		n := int64(len(b))
		if from < n && to > 0 {
			out = append(out, b[max(from, 0):min(to, n)]...)
		}
		from, to = from-n, to-n
	}
	return out
}

// CountTo has the clock of the connection's course count no more than n sent bytes. It is to be called before any is sent:
// whether a peer that has closed still takes what is sent is chance.
func (c *Conn) CountTo(n int64) {
	c.tape.mu.Lock()
	defer c.tape.mu.Unlock()
	c.tape.counted = n + 1
}

// KeepExpected has the connection keep what is expected. It is to be called before anything is.
func (c *Conn) KeepExpected() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wanted = [][]byte{}
}
