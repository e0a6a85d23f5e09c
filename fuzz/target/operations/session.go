package operations

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/oizys-protocol/oizys/impl/session"
	"github.com/oizys-protocol/oizys/impl/session/sessiontest"
)

// patience is how long a session may take for all that an input has it do. It needs microseconds, and is never waited for
// longer; the engines call longer than ten seconds a hang.
const patience = 8 * time.Second

// Session does operations that the input says to a session over a connection in memory, and holds it against a model of
// the session after each. It waits for what must happen, not for time; what happens beyond that is seen at the latest when
// the session is over.
func Session(data []byte) error {
	t := trials.Get().(*trial)
	t.begin()
	err := t.run(data)
	if inTime := t.sut.rest(); inTime && err == nil {
		trials.Put(t) // Otherwise something may still go on in it.
	}
	return err
}

// afterEnd is how many operations are done, or left out, when the session is over. What may still be seen then is what
// they return, and that the close handler is called at once: neither changes after the first few. Without a bound most
// operations would be such. In so many each kind that the owner has can come once.
const afterEnd = int(sessiontest.PeerSends)

// trial is what one input takes. It is used again for others, since making it would take longer than a short input.
type trial struct {
	maker *maker
	model sessiontest.Model
	sut   *subject
	do    func(operation) bool // Made once, as those of the subject.
	done  int                  // Operations so far.
	left  int                  // How many there may be after the end.
	err   error                // What was wrong.
}

var trials = sync.Pool{New: func() any {
	t := &trial{maker: newMaker(), sut: newSubject()}
	t.do = t.try
	return t
}}

func (t *trial) begin() {
	t.model.Reset()
	t.sut.begin()
	t.done, t.left, t.err = 0, afterEnd, nil
}

// run does the operations, and then aborts the session.
func (t *trial) run(data []byte) error {
	m, sut := &t.model, t.sut
	t.maker.operations(data, t.do)
	if t.err != nil {
		sut.session.Abort()
		return t.err
	}
	m.Apply(sessiontest.Abort, nil)
	sut.session.Abort()
	if !sut.over() {
		return errors.New("the aborted session is not over")
	}
	if err := sut.agree(m); err != nil {
		return fmt.Errorf("at the end: %w", err)
	}
	return nil
}

// try does an operation, and reports whether there may be another one.
func (t *trial) try(o operation) bool {
	m := &t.model
	over := m.Over()
	t.done++
	if over {
		t.left--
		if o.act.ByPeer() {
			return t.left > 0 // There is no connection any more.
		}
	}
	m.Apply(o.act, o.bytes)
	queued, err := t.sut.do(o)
	err = t.checkReturned(o, queued, err)
	if err == nil && m.Err == nil && !over {
		// When the session is over, or has refused something, there is nothing to wait for, and whatever it does is seen later.
		err = t.sut.agree(m)
	}
	if err != nil {
		t.err = fmt.Errorf("operation %d, %s %q: %w", t.done, o.act, o.bytes, err)
	}
	return err == nil && t.left > 0
}

// checkReturned judges what an operation returned. More messages may be queued than the model says: those that are
// written and not counted off yet cannot be seen.
func (t *trial) checkReturned(o operation, queued int, err error) error {
	if !errors.Is(err, t.model.Err) {
		return fmt.Errorf("returned %v, want %v", err, t.model.Err)
	}
	if o.act == sessiontest.Send && err == nil && queued < t.model.Queued {
		return fmt.Errorf("returned %d messages queued, want at least %d", queued, t.model.Queued)
	}
	return nil
}

// subject is a session that is tested, what was seen of it, and its peer.
type subject struct {
	session *session.Session
	conn    *sessiontest.Conn
	timer   *time.Timer
	waiting bool          // The timer runs.
	late    chan struct{} // Closed when patience has run out.

	// Made once, since each would be allocated for each input.
	options   session.Options
	onMessage func([]byte)
	onClose   func(error)

	// What follows is used in conn's Update and Await only.
	delivered  [][]byte
	memory     []byte // Of what was delivered.
	panics     int
	closeRuns  int
	closeCause error
}

// newSubject returns a subject that begin has to be called of.
func newSubject() *subject {
	sut := &subject{conn: sessiontest.NewConn(), late: make(chan struct{})}
	sut.onMessage, sut.onClose = sut.receive, sut.closed
	sut.options = session.Options{
		// Longer than any input takes, so that queued messages are dropped for causes only.
		Linger:  time.Hour,
		OnPanic: func(any, []byte) { sut.note(func() { sut.panics++ }) },
	}
	return sut
}

// wait starts the timer when something is waited for the first time: many inputs have nothing that is.
func (sut *subject) wait() {
	switch {
	case sut.waiting:
	case sut.timer == nil:
		sut.timer = time.AfterFunc(patience, func() { sut.note(func() { close(sut.late) }) })
	default:
		sut.timer.Reset(patience)
	}
	sut.waiting = true
}

// over waits until the session is over, and reports whether it is.
func (sut *subject) over() bool {
	select {
	case <-sut.session.Done():
		return true
	default:
	}
	runtime.Gosched() // Most goroutines that are to end are ready to.
	select {
	case <-sut.session.Done():
		return true
	default:
	}
	sut.wait()
	select {
	case <-sut.session.Done():
		return true
	case <-sut.late:
		return false
	}
}

// rest stops the timer and reports whether patience has not run out.
func (sut *subject) rest() bool {
	inTime := !sut.waiting || sut.timer.Stop()
	sut.waiting = false
	return inTime
}

// begin gives the subject a new session over a connection on which nothing has happened. The session before must be over,
// and the subject at rest.
func (sut *subject) begin() {
	sut.conn.Reset()
	sut.delivered, sut.memory = sut.delivered[:0], sut.memory[:0]
	sut.panics, sut.closeRuns, sut.closeCause = 0, 0, nil
	sut.session = session.New(sut.conn, sut.options)
}

// note notes something that was seen.
func (sut *subject) note(what func()) { sut.conn.Update(func(*sessiontest.State) { what() }) }

// receive is the message handler.
func (sut *subject) receive(content []byte) {
	switch content[0] {
	case sessiontest.ThenClose:
		sut.session.Close()
	case sessiontest.ThenReply:
		_, _ = sut.session.Send([]byte(sessiontest.Reply)) // The model says whether it is sent.
	}
	sut.note(func() {
		from := len(sut.memory)
		sut.memory = append(sut.memory, content...)
		sut.delivered = append(sut.delivered, sut.memory[from:])
	})
	if content[0] == sessiontest.ThenPanic {
		panic("on purpose")
	}
}

// closed is the close handler.
func (sut *subject) closed(cause error) {
	sut.note(func() { sut.closeRuns, sut.closeCause = sut.closeRuns+1, cause })
}

// do does an operation and returns what it returned.
func (sut *subject) do(o operation) (queued int, err error) {
	switch o.act {
	case sessiontest.SetMessage:
		return 0, sut.session.OnMessage(sut.onMessage)
	case sessiontest.SetClose:
		return 0, sut.session.OnClose(sut.onClose)
	case sessiontest.Send:
		return sut.session.Send(o.bytes)
	case sessiontest.Close:
		sut.session.Close()
	case sessiontest.Abort:
		sut.session.Abort()
	default:
		sut.conn.Update(func(c *sessiontest.State) { c.Play(o.act, o.bytes) })
	}
	return 0, nil
}

// agree waits until the session has done what the model says. The error says what it has done instead.
func (sut *subject) agree(m *sessiontest.Model) (err error) {
	first := true
	sut.conn.Await(func(c *sessiontest.State) bool {
		if sut.agrees(c, m) {
			return true
		}
		if first {
			first = false // What has to happen mostly has, when the other goroutines have run.
			return false
		}
		sut.wait()
		select {
		case <-sut.late:
			err = errors.New(sut.differs(c, m))
			return true
		default:
			return false
		}
	})
	if err == nil && m.Closed {
		if cause := sut.session.Err(); !errors.Is(cause, m.Cause) {
			err = fmt.Errorf("closed because of %v, want %v", cause, m.Cause)
		}
	}
	return err
}

// agrees reports whether what was seen is what the model says.
func (sut *subject) agrees(c *sessiontest.State, m *sessiontest.Model) bool {
	over := m.Over()
	return slices.EqualFunc(sut.delivered, m.Delivered, bytes.Equal) &&
		sut.panics == m.Panics &&
		sut.closeRuns == m.CloseRuns && errors.Is(sut.closeCause, m.CloseCause) &&
		bytes.Equal(c.Out, m.Out) &&
		(c.Ending || c.Closed) == m.Closed && // It reads no more.
		c.Closed == over // What was queued goes out before the connection is closed.
}

// differs puts what was seen beside what the model says.
func (sut *subject) differs(c *sessiontest.State, m *sessiontest.Model) string {
	have := fmt.Sprintf("delivered %q, %d panics, close handler run %d times with %v, sent %q, closing %t, connection closed %t",
		sut.delivered, sut.panics, sut.closeRuns, sut.closeCause, c.Out, c.Ending || c.Closed, c.Closed)
	want := fmt.Sprintf("delivered %q, %d panics, close handler run %d times with %v, sent %q, closing %t, connection closed %t",
		m.Delivered, m.Panics, m.CloseRuns, m.CloseCause, m.Out, m.Closed, m.Over())
	return fmt.Sprintf("the session has %s; the model says %s", have, want)
}
