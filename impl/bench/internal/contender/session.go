package contender

import (
	"context"
	"errors"
	"net"
	"sync/atomic"

	"github.com/oizys-protocol/oizys/impl/bench/internal/content"
	"github.com/oizys-protocol/oizys/impl/session"
)

// sessionLink drives a session by its handlers. What a run needs is made before its first message, so that the run's
// allocations are the session's.
type sessionLink struct {
	s   *session.Session
	ack []byte

	// What the message handler does. The fields below are written before it is, and then are the handler's.
	work  atomic.Uint32
	load  Load
	tally content.Tally

	done chan error // The end of a run, or of the session.
}

// Values of sessionLink.work.
const (
	atRest uint32 = iota
	sending
	receiving
	pinging
	echoing
)

var errUnasked = errors.New("a message came that nobody waits for")

func newSession(conn *net.UnixConn) (Link, error) {
	l := &sessionLink{s: session.New(conn, session.Options{}), ack: []byte{ackByte}, done: make(chan error, 1)}
	if err := l.s.OnClose(l.closed); err != nil {
		return nil, err
	}
	return l, l.s.OnMessage(l.handle)
}

func (l *sessionLink) closed(cause error) {
	if cause == nil {
		cause = net.ErrClosed
	}
	l.end(cause)
}

// end ends a run; what is said first counts.
func (l *sessionLink) end(err error) {
	select {
	case l.done <- err:
	default:
	}
}

func (l *sessionLink) handle(content []byte) {
	switch l.work.Load() {
	case sending:
		l.end(checkAck(content))
	case receiving:
		if l.take(content) && l.tally.Done() {
			_ = l.send(l.ack)
			l.end(nil)
		}
	case echoing:
		if l.take(content) && l.send(content) && l.tally.Done() {
			l.end(nil)
		}
	case pinging:
		if !l.take(content) {
			return
		}
		if l.tally.Done() {
			l.end(nil)
			return
		}
		l.send(l.load.message(l.tally.Seen()))
	default:
		l.end(errUnasked)
		l.s.Abort()
	}
}

func (l *sessionLink) take(content []byte) bool { return l.try(l.tally.Take(content)) }

// send sends one message. In a handler this may wait for the peer, which never waits for us: it is its turn to read.
func (l *sessionLink) send(content []byte) bool {
	_, err := l.s.SendWait(context.Background(), content)
	return l.try(err)
}

func (l *sessionLink) try(err error) bool {
	if err != nil {
		l.end(err)
	}
	return err == nil
}

func (l *sessionLink) begin(work uint32, load Load) {
	l.load, l.tally = load, load.tally()
	l.work.Store(work)
}

func (l *sessionLink) Send(load Load) error {
	l.begin(sending, load)
	for i := range load.Count {
		if _, err := l.s.SendWait(context.Background(), load.message(i)); err != nil {
			return err
		}
	}
	return <-l.done
}

func (l *sessionLink) Receive(load Load) error {
	l.begin(receiving, load)
	load.ready()
	return <-l.done
}

func (l *sessionLink) Ping(load Load) error {
	l.begin(pinging, load)
	l.send(load.message(0))
	return <-l.done
}

func (l *sessionLink) Echo(load Load) error {
	l.begin(echoing, load)
	load.ready()
	return <-l.done
}

func (l *sessionLink) Close() error {
	l.s.Abort()
	return nil
}
