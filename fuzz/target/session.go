package target

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/oizys-protocol/oizys/impl/session"
)

// patience is how long a session may take for what it must do without anything more happening; a session that does it
// needs microseconds, and is never waited for longer.
const patience = 10 * time.Second

// Session does operations that the input says to a session over a connection in memory, and holds it against a model of
// the session after each. It waits for what must happen, not for time; what happens beyond that is seen at the latest when
// the session is over.
func Session(data []byte) error {
	sut := newSubject()
	var m sessionModel
	var err error
	for i, o := range operationsOf(data) {
		pending := len(m.queue)
		m = m.apply(o)
		sent, returned := sut.do(o)
		if err = sut.agree(m); err == nil {
			err = m.checkReturned(o, sent, returned, pending)
		}
		if err != nil {
			err = fmt.Errorf("operation %d, %s: %w", i+1, o, err)
			break
		}
	}
	m = m.apply(operation{act: doAbort})
	sut.session.Abort()
	select {
	case <-sut.session.Done():
	case <-time.After(patience):
		return errors.Join(err, errors.New("the aborted session is not over"))
	}
	if err != nil {
		return err
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
	conn    *memConn

	mu         sync.Mutex // Also of conn, and of what follows.
	changed    sync.Cond
	delivered  [][]byte
	panics     int
	closeRuns  int
	closeCause error
}

func newSubject() *subject {
	sut := &subject{}
	sut.changed.L = &sut.mu
	sut.conn = &memConn{mu: &sut.mu, changed: &sut.changed}
	sut.session = session.New(sut.conn, session.Options{
		// Longer than any input takes, so that queued messages are dropped for causes only.
		Linger:  time.Hour,
		OnPanic: func(any, []byte) { sut.update(func() { sut.panics++ }) },
	})
	return sut
}

// update notes something that was seen.
func (sut *subject) update(note func()) {
	sut.mu.Lock()
	defer sut.mu.Unlock()
	note()
	sut.changed.Broadcast()
}

func (sut *subject) onMessage(content []byte) {
	content = bytes.Clone(content)
	switch content[0] {
	case thenClose:
		sut.session.Close()
	case thenReply:
		_, _ = sut.session.Send([]byte(reply)) // The model says whether it is sent.
	}
	sut.update(func() { sut.delivered = append(sut.delivered, content) })
	if content[0] == thenPanic {
		panic("on purpose")
	}
}

func (sut *subject) onClose(cause error) {
	sut.update(func() { sut.closeRuns, sut.closeCause = sut.closeRuns+1, cause })
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
		sut.update(func() { sut.conn.play(o) })
	}
	return 0, nil
}

// agree waits until the session has done what the model says. The error says what it has done instead.
func (sut *subject) agree(m sessionModel) error {
	sut.mu.Lock()
	defer sut.mu.Unlock()
	late := false
	for sut.differs(m) != "" && !late {
		timer := time.AfterFunc(patience, func() { sut.update(func() { late = true }) })
		sut.changed.Wait()
		timer.Stop()
	}
	if differs := sut.differs(m); differs != "" {
		return errors.New(differs)
	}
	if m.closed {
		sut.mu.Unlock()
		cause := sut.session.Err()
		sut.mu.Lock()
		if !errors.Is(cause, m.cause) {
			return fmt.Errorf("closed because of %w, want %v", cause, m.cause)
		}
	}
	return nil
}

// differs says in which way what was seen is not what the model says; it is empty when they agree. It is called with mu
// locked.
func (sut *subject) differs(m sessionModel) string {
	switch c := sut.conn; {
	case len(sut.delivered) != len(m.delivered):
		return fmt.Sprintf("%d messages delivered, want %d", len(sut.delivered), len(m.delivered))
	case len(m.delivered) > 0 && !bytes.Equal(bytes.Join(sut.delivered, []byte{'|'}), bytes.Join(m.delivered, []byte{'|'})):
		return fmt.Sprintf("%q delivered, want %q", sut.delivered, m.delivered)
	case sut.panics != m.panics:
		return fmt.Sprintf("%d panics, want %d", sut.panics, m.panics)
	case sut.closeRuns != m.closeRuns:
		return fmt.Sprintf("the close handler ran %d times, want %d", sut.closeRuns, m.closeRuns)
	case !errors.Is(sut.closeCause, m.closeCause):
		return fmt.Sprintf("the close handler was given %v, want %v", sut.closeCause, m.closeCause)
	case !bytes.Equal(c.out, m.out):
		return fmt.Sprintf("%d bytes sent, want %d", len(c.out), len(m.out))
	case m.closed != (c.closing || c.closed):
		return fmt.Sprintf("closing: %t, want %t", c.closing || c.closed, m.closed)
	case m.closed && len(m.queue) == 0 && !c.closed:
		return "the connection of a closed session with nothing to send is open"
	case len(m.queue) > 0 && c.closed:
		return "the connection is closed with messages still to send"
	}
	return ""
}
