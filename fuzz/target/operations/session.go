package operations

import (
	"bytes"
	"errors"
	"fmt"
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
	err := t.run(t.maker.operations(data))
	if inTime := t.sut.rest(); inTime && err == nil {
		trials.Put(t) // Otherwise something may still go on in it.
	}
	return err
}

// trial is what one input takes. It is used again for others, since making it would take longer than a short input.
type trial struct {
	maker *maker
	model sessionModel
	sut   *subject
}

var trials = sync.Pool{New: func() any { return &trial{maker: newMaker(), sut: newSubject()} }}

func (t *trial) begin() {
	t.model.reset()
	t.sut.begin()
}

// run does the operations, and then aborts the session.
func (t *trial) run(all []operation) error {
	m, sut := &t.model, t.sut
	for i, o := range all {
		pending := len(m.queue)
		m.apply(o)
		sent, returned := sut.do(o)
		err := sut.agree(m)
		if err == nil {
			err = m.checkReturned(o, sent, returned, pending)
		}
		if err != nil {
			sut.session.Abort()
			return fmt.Errorf("operation %d, %s: %w", i+1, o, err)
		}
	}
	m.apply(operation{act: doAbort})
	sut.session.Abort()
	if !sut.over() {
		return errors.New("the aborted session is not over")
	}
	if err := sut.agree(m); err != nil {
		return fmt.Errorf("at the end: %w", err)
	}
	return nil
}

func (o operation) String() string {
	names := [...]string{"OnMessage", "OnClose", "Send", "Close", "Abort", "peer sends", "peer ends", "peer closes", "peer stalls", "peer reads"}
	return fmt.Sprintf("%s %q", names[o.act], o.bytes)
}

// subject is a session that is tested, what was seen of it, and its peer.
type subject struct {
	session *session.Session
	conn    *sessiontest.Conn
	timer   *time.Timer
	waiting bool          // The timer runs.
	late    chan struct{} // Closed when patience has run out.

	// What follows is used in conn's Update and Await only.
	delivered  [][]byte
	panics     int
	closeRuns  int
	closeCause error
}

// newSubject returns a subject that begin has to be called of.
func newSubject() *subject {
	return &subject{late: make(chan struct{})}
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

// begin gives the subject a new session over a new connection. The one before must be over, and the subject at rest.
func (sut *subject) begin() {
	sut.conn = sessiontest.NewConn()
	sut.delivered, sut.panics, sut.closeRuns, sut.closeCause = sut.delivered[:0], 0, 0, nil
	sut.session = session.New(sut.conn, session.Options{
		// Longer than any input takes, so that queued messages are dropped for causes only.
		Linger:  time.Hour,
		OnPanic: func(any, []byte) { sut.note(func() { sut.panics++ }) },
	})
}

// note notes something that was seen.
func (sut *subject) note(what func()) { sut.conn.Update(func(*sessiontest.State) { what() }) }

func (sut *subject) onMessage(content []byte) {
	content = bytes.Clone(content)
	switch content[0] {
	case thenClose:
		sut.session.Close()
	case thenReply:
		_, _ = sut.session.Send([]byte(reply)) // The model says whether it is sent.
	}
	sut.note(func() { sut.delivered = append(sut.delivered, content) })
	if content[0] == thenPanic {
		panic("on purpose")
	}
}

func (sut *subject) onClose(cause error) {
	sut.note(func() { sut.closeRuns, sut.closeCause = sut.closeRuns+1, cause })
}

// do does an operation and returns what it returned.
func (sut *subject) do(o operation) (queued int, err error) {
	switch o.act {
	case setMessage:
		return 0, sut.session.OnMessage(sut.onMessage)
	case setClose:
		return 0, sut.session.OnClose(sut.onClose)
	case doSend:
		return sut.session.Send(o.bytes)
	case doClose:
		sut.session.Close()
	case doAbort:
		sut.session.Abort()
	default:
		sut.conn.Update(func(c *sessiontest.State) { play(c, o) })
	}
	return 0, nil
}

// play does what the peer does.
func play(c *sessiontest.State, o operation) {
	switch o.act {
	case peerSends:
		if !c.EOF {
			c.In = append(c.In, o.bytes...)
		}
	case peerEnds:
		c.EOF = true
	case peerGoes:
		c.EOF, c.Gone = true, true
	case peerStalls:
		c.Stalled = true
	case peerReads:
		c.Stalled = false
	}
}

// agree waits until the session has done what the model says. The error says what it has done instead.
func (sut *subject) agree(m *sessionModel) (err error) {
	sut.conn.Await(func(c *sessiontest.State) bool {
		if sut.agrees(c, m) {
			return true
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
	if err == nil && m.closed {
		if cause := sut.session.Err(); !errors.Is(cause, m.cause) {
			err = fmt.Errorf("closed because of %v, want %v", cause, m.cause)
		}
	}
	return err
}

// agrees reports whether what was seen is what the model says.
func (sut *subject) agrees(c *sessiontest.State, m *sessionModel) bool {
	over := m.closed && len(m.queue) == 0
	return slices.EqualFunc(sut.delivered, m.delivered, bytes.Equal) &&
		sut.panics == m.panics &&
		sut.closeRuns == m.closeRuns && errors.Is(sut.closeCause, m.closeCause) &&
		bytes.Equal(c.Out, m.out) &&
		(c.Ending || c.Closed) == m.closed && // It reads no more.
		c.Closed == over // What was queued goes out before the connection is closed.
}

// differs puts what was seen beside what the model says.
func (sut *subject) differs(c *sessiontest.State, m *sessionModel) string {
	have := fmt.Sprintf("delivered %q, %d panics, close handler run %d times with %v, sent %q, closing %t, connection closed %t",
		sut.delivered, sut.panics, sut.closeRuns, sut.closeCause, c.Out, c.Ending || c.Closed, c.Closed)
	want := fmt.Sprintf("delivered %q, %d panics, close handler run %d times with %v, sent %q, closing %t, connection closed %t",
		m.delivered, m.panics, m.closeRuns, m.closeCause, m.out, m.closed, m.closed && len(m.queue) == 0)
	return fmt.Sprintf("the session has %s; the model says %s", have, want)
}
