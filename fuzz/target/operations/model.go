package operations

import (
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/fuzz/target/stream"
	"github.com/oizys-protocol/oizys/impl/session"
	"github.com/oizys-protocol/oizys/impl/wire"
)

// sessionModel is what a session must have done so far, without time and goroutines. What becomes of the stream that the
// peer sends is said by the judge's model.
type sessionModel struct {
	hasMessage, hasClose bool
	closed               bool
	cause, closeCause    error
	closeRuns, panics    int
	delivered            [][]byte

	stream             []byte // All that the peer has sent.
	eof, gone, stalled bool
	unread             bool // The stream is another than when it was judged.
	queue              [][]byte
	out                []byte
	err                error // What the last operation returned.
}

// apply does an operation.
func (m *sessionModel) apply(o operation) {
	m.err = nil
	switch o.act {
	case setMessage:
		switch {
		case m.hasMessage:
			m.err = session.ErrHandlerSet
		case m.closed:
			m.err = session.ErrClosed
		default:
			m.hasMessage, m.unread = true, true
		}
	case setClose:
		if m.hasClose {
			m.err = session.ErrHandlerSet
			break
		}
		m.hasClose = true
		if m.closed {
			m.closeRuns++
		}
	case doSend:
		m.err = m.send(o.bytes)
	case doClose:
		m.shut(nil)
	case doAbort:
		m.queue = m.queue[:0]
		m.shut(nil)
	case peerSends:
		if !m.eof {
			m.stream, m.unread = append(m.stream, o.bytes...), true
		}
	case peerEnds:
		m.eof, m.unread = true, true
	case peerGoes:
		m.eof, m.gone, m.unread = true, true, true
	case peerStalls:
		m.stalled = true
	case peerReads:
		m.stalled = false
	}
	m.settle()
}

func (m *sessionModel) send(content []byte) error {
	switch {
	case len(content) == 0:
		return wire.ErrEmpty
	case m.closed:
		return session.ErrClosed
	}
	m.queue = append(m.queue, content)
	return nil
}

func (m *sessionModel) shut(cause error) {
	if m.closed {
		return
	}
	m.closed, m.cause = true, cause
	if m.hasClose {
		m.closeRuns++
		m.closeCause = cause
	}
}

// settle lets the session do all that it can do without another operation.
func (m *sessionModel) settle() {
	m.flush()
	if m.hasMessage && !m.closed && m.unread {
		m.unread = false
		want := model.Judge(m.stream, m.eof)
		for _, s := range want.Messages[len(m.delivered):] {
			if m.deliver(m.stream[s.Offset : s.Offset+s.Length]); m.closed {
				break
			}
		}
		if want.End.Closed() {
			m.shut(causeOf(want.End))
		}
	}
	m.flush()
}

func causeOf(end model.End) error {
	if end == model.EndOfStream {
		return io.EOF
	}
	return stream.ErrorOf(end)
}

func (m *sessionModel) deliver(content []byte) {
	m.delivered = append(m.delivered, content)
	switch content[0] {
	case thenPanic:
		m.panics++
	case thenClose:
		m.shut(nil)
	case thenReply:
		_ = m.send([]byte(reply)) // It is open, or nothing would be delivered.
	}
}

func (m *sessionModel) flush() {
	if m.gone {
		if len(m.queue) > 0 && !m.hasMessage {
			m.shut(syscall.EPIPE) // Only sending can notice.
		}
		m.queue = m.queue[:0]
	}
	if m.stalled {
		return
	}
	for _, content := range m.queue {
		n := len(content)
		m.out = append(m.out, 0, byte(n>>16), byte(n>>8), byte(n))
		m.out = append(m.out, content...)
	}
	m.queue = m.queue[:0]
}

// reset makes it the model of a new session, in the same memory.
func (m *sessionModel) reset() {
	*m = sessionModel{delivered: m.delivered[:0], stream: m.stream[:0], queue: m.queue[:0], out: m.out[:0]}
}

// checkReturned judges what an operation returned; pending is how many messages were certainly queued before. How many
// more were, which are written and not counted off yet, cannot be seen.
func (m *sessionModel) checkReturned(o operation, queued int, err error, pending int) error {
	if !errors.Is(err, m.err) {
		return fmt.Errorf("returned %v, want %v", err, m.err)
	}
	if least := pending + 1; o.act == doSend && err == nil && queued < least && !m.gone {
		return fmt.Errorf("returned %d messages queued, want at least %d", queued, least)
	}
	return nil
}
