package session_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"syscall"

	"github.com/oizys-protocol/oizys/impl/session"
	"github.com/oizys-protocol/oizys/impl/wire"
)

// model is what a session must have done so far: the source's session in a few lines, without time and goroutines. It is
// a value, so that gopter may keep old ones.
type model struct {
	hasMessage, hasClose bool
	closed               bool
	cause                error
	closeRuns            int
	closeCause           error
	delivered            []string
	panics               int

	input     string // Sent by the peer, not taken.
	eof, gone bool   // The peer sends no more; receives no more.
	stalled   bool
	queue     []string
	out       string

	queued int // Of the last command: what it returned.
	err    error
}

const modelBound = 500

// What one burst sends.
var burst = []string{"d", "ef", "ghi", "j"}

// What handlers of the tested session do, by the content's first byte.
const (
	thenPanic = 'p'
	thenClose = 'c'
	thenReply = 'r'
	reply     = "!"
)

func encoded(content string) string {
	n := len(content)
	return string([]byte{0, byte(n / 65536), byte(n / 256 % 256), byte(n % 256)}) + content
}

// apply returns the model after a command.
func (m model) apply(s step) model {
	m.delivered, m.queue = slices.Clone(m.delivered), slices.Clone(m.queue)
	m.queued, m.err = 0, nil
	switch s.act {
	case setMessage:
		m.setMessage()
	case setClose:
		m.setClose()
	case doSend:
		m.queued, m.err = m.send(s.text)
	case doBurst:
		for _, text := range burst {
			_, _ = m.send(text)
		}
	case doClose:
		m.shut(nil)
	case doAbort:
		m.queue = nil
		m.shut(nil)
	case peerSends:
		if !m.eof {
			m.input += s.text
		}
	case peerEnds:
		m.eof = true
	case peerGoes:
		m.eof, m.gone = true, true
	case peerStalls:
		m.stalled = true
	case peerReads:
		m.stalled = false
	case timePasses:
		if m.closed {
			m.queue = nil // The session has lingered long enough.
		}
	}
	m.settle()
	return m
}

func (m *model) setMessage() {
	switch {
	case m.hasMessage:
		m.err = session.ErrHandlerSet
	case m.closed:
		m.err = session.ErrClosed
	default:
		m.hasMessage = true
	}
}

func (m *model) setClose() {
	switch {
	case m.hasClose:
		m.err = session.ErrHandlerSet
	case m.closed:
		m.hasClose = true
		m.closeRuns++
	default:
		m.hasClose = true
	}
}

func (m *model) send(content string) (int, error) {
	size := 0
	for _, queued := range m.queue {
		size += wire.HeaderLen + len(queued)
	}
	switch {
	case content == "":
		return 0, wire.ErrEmpty
	case m.closed:
		return 0, session.ErrClosed
	case size+wire.HeaderLen+len(content) > modelBound:
		return 0, session.ErrQueueFull
	}
	m.queue = append(m.queue, content)
	return len(m.queue), nil
}

func (m *model) shut(cause error) {
	if m.closed {
		return
	}
	m.closed, m.cause = true, cause
	if m.hasClose {
		m.closeRuns++
		m.closeCause = cause
	}
}

// settle lets the session do all that it can do without another command.
func (m *model) settle() {
	for m.hasMessage && !m.closed && m.step() {
		m.flush()
	}
	m.flush()
}

// step takes one message, error or end from the input.
func (m *model) step() bool {
	in := m.input
	switch {
	case len(in) >= 4 && in[0] != 0:
		m.shut(wire.ErrReserved)
	case len(in) >= 4 && in[1:4] == "\x00\x00\x00":
		m.shut(wire.ErrEmpty)
	case len(in) >= 4 && len(in)-4 >= int(in[1])*65536+int(in[2])*256+int(in[3]):
		end := 4 + int(in[1])*65536 + int(in[2])*256 + int(in[3])
		m.input = in[end:]
		m.deliver(in[4:end])
	case !m.eof:
		return false
	case in == "":
		m.shut(io.EOF)
	case len(in) < 4:
		m.shut(wire.ErrTruncatedHeader)
	default:
		m.shut(wire.ErrTruncatedContent)
	}
	return true
}

func (m *model) deliver(content string) {
	m.delivered = append(m.delivered, content)
	switch content[0] {
	case thenPanic:
		m.panics++
	case thenClose:
		m.shut(nil)
	case thenReply:
		_, _ = m.send(reply)
	}
}

func (m *model) flush() {
	if m.gone {
		if len(m.queue) > 0 && !m.hasMessage {
			m.shut(syscall.EPIPE) // Only sending can notice.
		}
		m.queue = nil
		return
	}
	if m.stalled {
		return
	}
	for _, content := range m.queue {
		m.out += encoded(content)
	}
	m.queue = nil
}

// observed is what can be seen of the tested session after a command.
type observed struct {
	queued     int
	err        error
	delivered  []string
	panics     int
	closeRuns  int
	closeCause error
	cause      error
	over       bool
	out        string
}

// differs says in which way the session is not as the model; it is empty when they agree.
func (m model) differs(o observed) string {
	over := m.closed && len(m.queue) == 0
	var all []string
	for _, check := range []struct {
		what string
		same bool
	}{
		{"returned number", m.queued == o.queued},
		{"returned error", errors.Is(o.err, m.err)},
		{"messages", slices.Equal(m.delivered, o.delivered)},
		{"panics", m.panics == o.panics},
		{"runs of the close handler", m.closeRuns == o.closeRuns},
		{"cause given to the close handler", errors.Is(o.closeCause, m.closeCause)},
		{"cause", errors.Is(o.cause, m.cause)},
		{"whether it is over", over == o.over},
		{"bytes sent", m.out == o.out},
	} {
		if !check.same {
			all = append(all, check.what)
		}
	}
	return strings.Join(all, ", ")
}
