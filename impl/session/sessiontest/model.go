package sessiontest

import (
	"fmt"
	"io"
	"slices"
	"syscall"

	"github.com/oizys-protocol/oizys/impl/session"
	"github.com/oizys-protocol/oizys/impl/wire"
)

// Act is what is done to a session, by its owner or its peer.
type Act byte

// The acts. Seeds of the fuzz target hold their numbers.
const (
	SetMessage Act = iota
	SetClose
	Send
	Close
	Abort
	PeerSends
	PeerEnds   // The peer sends no more.
	PeerGoes   // The peer closes.
	PeerStalls // The peer reads no more for now.
	PeerReads
	TimePasses // Longer than a closed session lingers.
)

func (a Act) String() string {
	names := [...]string{
		"OnMessage", "OnClose", "Send", "Close", "Abort",
		"peer sends", "peer half-closes", "peer closes", "peer stops reading", "peer reads", "time passes",
	}
	if int(a) < len(names) {
		return names[a]
	}
	return fmt.Sprintf("act %d", byte(a))
}

// ByPeer reports whether the act is the peer's, and so one for [State.Play].
func (a Act) ByPeer() bool { return a >= PeerSends && a <= PeerReads }

// What a message handler must do before it returns, by the content's first byte.
const (
	ThenPanic = 'p'
	ThenClose = 'c'
	ThenReply = 'r' // Send Reply.
	Reply     = "!"
)

// Model is what a session must have done so far: the source's session in a few lines, without time and goroutines. It
// shares no code with the session. The zero value is the model of a new session without a bound.
type Model struct {
	Bound int // Options.MaxQueued.

	HasMessage, HasClose bool
	Closed               bool
	Cause                error    // What Err returns.
	CloseRuns            int      // How often the close handler has run,
	CloseCause           error    // and with what.
	Delivered            [][]byte // To the message handler.
	Panics               int
	Out                  []byte // Written to the peer.

	Queued int // What the last act returned.
	Err    error

	in        []byte // All that the peer has sent.
	taken     int    // So much of it.
	eof, gone bool   // The peer sends no more; receives no more.
	stalled   bool
	queue     [][]byte
}

// Apply makes it the model of the session after an act. Content is that of Send or PeerSends; it must not change while
// the model is used.
func (m *Model) Apply(act Act, content []byte) {
	m.Queued, m.Err = 0, nil
	switch act {
	case SetMessage:
		m.setMessage()
	case SetClose:
		m.setClose()
	case Send:
		m.Queued, m.Err = m.send(content)
	case Close:
		m.shut(nil)
	case Abort:
		m.queue = m.queue[:0]
		m.shut(nil)
	case PeerSends:
		if !m.eof {
			m.in = append(m.in, content...)
		}
	case PeerEnds:
		m.eof = true
	case PeerGoes:
		m.eof, m.gone = true, true
	case PeerStalls:
		m.stalled = true
	case PeerReads:
		m.stalled = false
	case TimePasses:
		if m.Closed {
			m.queue = m.queue[:0] // The session has lingered long enough.
		}
	}
	m.settle()
}

// Over reports whether the session is closed and has closed its connection, because nothing is queued.
func (m *Model) Over() bool { return m.Closed && len(m.queue) == 0 }

// Clone returns a model that shares no memory with this one.
func (m *Model) Clone() Model {
	c := *m
	c.Delivered, c.queue = slices.Clone(m.Delivered), slices.Clone(m.queue)
	c.in, c.Out = slices.Clone(m.in), slices.Clone(m.Out)
	return c
}

// Reset makes it the model of a new session with the same bound, in the same memory.
func (m *Model) Reset() {
	*m = Model{Bound: m.Bound, Delivered: m.Delivered[:0], in: m.in[:0], queue: m.queue[:0], Out: m.Out[:0]}
}

func (m *Model) setMessage() {
	switch {
	case m.HasMessage:
		m.Err = session.ErrHandlerSet
	case m.Closed:
		m.Err = session.ErrClosed
	default:
		m.HasMessage = true
	}
}

func (m *Model) setClose() {
	if m.HasClose {
		m.Err = session.ErrHandlerSet
		return
	}
	m.HasClose = true
	if m.Closed {
		m.CloseRuns++
	}
}

func (m *Model) send(content []byte) (int, error) {
	size := wire.HeaderLen + len(content)
	for _, queued := range m.queue {
		size += wire.HeaderLen + len(queued)
	}
	switch {
	case len(content) == 0:
		return 0, wire.ErrEmpty
	case m.Closed:
		return 0, session.ErrClosed
	case m.Bound > 0 && size > m.Bound:
		return 0, session.ErrQueueFull
	}
	m.queue = append(m.queue, content)
	return len(m.queue), nil
}

func (m *Model) shut(cause error) {
	if m.Closed {
		return
	}
	m.Closed, m.Cause = true, cause
	if m.HasClose {
		m.CloseRuns++
		m.CloseCause = cause
	}
}

// settle lets the session do all that it can do without another act.
func (m *Model) settle() {
	for m.HasMessage && !m.Closed && m.step() {
		m.flush()
	}
	m.flush()
}

// step takes one message, error or end from what the peer has sent, and reports whether there was one.
func (m *Model) step() bool {
	in, length := m.in[m.taken:], 0
	if len(in) >= 4 {
		length = int(in[1])*65536 + int(in[2])*256 + int(in[3])
	}
	switch {
	case len(in) >= 4 && in[0] != 0:
		m.shut(wire.ErrReserved)
	case len(in) >= 4 && length == 0:
		m.shut(wire.ErrEmpty)
	case len(in) >= 4 && len(in)-4 >= length:
		m.taken += 4 + length
		m.deliver(in[4 : 4+length : 4+length])
	case !m.eof:
		return false
	case len(in) == 0:
		m.shut(io.EOF)
	case len(in) < 4:
		m.shut(wire.ErrTruncatedHeader)
	default:
		m.shut(wire.ErrTruncatedContent)
	}
	return true
}

func (m *Model) deliver(content []byte) {
	m.Delivered = append(m.Delivered, content)
	switch content[0] {
	case ThenPanic:
		m.Panics++
	case ThenClose:
		m.shut(nil)
	case ThenReply:
		_, _ = m.send([]byte(Reply)) // Whether it was sent can be seen.
	}
}

func (m *Model) flush() {
	switch {
	case len(m.queue) == 0:
		return
	case m.gone:
		if !m.HasMessage {
			m.shut(syscall.EPIPE) // Only sending can notice.
		}
	case m.stalled:
		return
	}
	for _, content := range m.queue {
		if !m.gone {
			m.Out = append(m.Out, 0, byte(len(content)>>16), byte(len(content)>>8), byte(len(content)))
			m.Out = append(m.Out, content...)
		}
	}
	m.queue = m.queue[:0]
}
