package target

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// memConn is a session's end of a connection in memory whose peer is played by operations. Unlike a pipe it has a buffer
// in the incoming direction, as a socket has, and in the outgoing direction it can be made to stall.
type memConn struct {
	mu      *sync.Mutex
	changed *sync.Cond
	in      []byte // Written by the peer, and not read.
	out     []byte // Written by the session.
	eof     bool   // The peer sends no more.
	gone    bool   // The peer receives no more.
	stalled bool   // Writes wait.
	closing bool   // The session has ended its own reading.
	closed  bool
}

// play does what the peer does. It is called with mu locked.
func (c *memConn) play(o operation) {
	switch o.act {
	case peerSends:
		if !c.eof {
			c.in = append(c.in, o.bytes...)
		}
	case peerEnds:
		c.eof = true
	case peerGoes:
		c.eof, c.gone = true, true
	case peerStalls:
		c.stalled = true
	case peerReads:
		c.stalled = false
	}
}

func (c *memConn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, net.ErrClosed
		case c.closing:
			return 0, os.ErrDeadlineExceeded
		case len(c.in) > 0:
			n := copy(p, c.in)
			c.in = c.in[n:]
			return n, nil
		case c.eof:
			return 0, io.EOF
		}
		c.changed.Wait()
	}
}

func (c *memConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, net.ErrClosed
		case c.gone:
			return 0, syscall.EPIPE
		case !c.stalled:
			c.out = append(c.out, p...)
			c.changed.Broadcast()
			return len(p), nil
		}
		c.changed.Wait()
	}
}

func (c *memConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.changed.Broadcast()
	return nil
}

// SetReadDeadline knows two deadlines: one that has passed, by which a session ends its own reading, and one so late that
// nothing waits for it.
func (c *memConn) SetReadDeadline(at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.Before(time.Now()) {
		c.closing = true
		c.changed.Broadcast()
	}
	return nil
}

// SetWriteDeadline does nothing: sessions only set deadlines so late that nothing waits for them.
func (c *memConn) SetWriteDeadline(time.Time) error { return nil }

func (c *memConn) SetDeadline(at time.Time) error { return c.SetReadDeadline(at) }
func (c *memConn) LocalAddr() net.Addr            { return &net.UnixAddr{} }
func (c *memConn) RemoteAddr() net.Addr           { return &net.UnixAddr{} }
