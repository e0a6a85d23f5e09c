package session_test

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// memConn is a session's end of a connection in memory whose peer is played by the test. Unlike a pipe it has a buffer
// in the incoming direction, as a socket has, and in the outgoing direction it can be made to stall.
type memConn struct {
	mu      sync.Mutex
	changed sync.Cond
	in      []byte // Written by the peer, and not read.
	out     []byte // Written by the session.
	eof     bool   // The peer sends no more.
	gone    bool   // The peer receives no more.
	stalled bool   // Writes wait.
	closed  bool
	tries   int
	timers  map[bool]*time.Timer // By whether it is for writing.
	late    map[bool]bool        // Deadlines that have passed.
}

func newMemConn() *memConn {
	c := &memConn{timers: map[bool]*time.Timer{}, late: map[bool]bool{}}
	c.changed.L = &c.mu
	return c
}

// update changes the connection from the peer's side.
func (c *memConn) update(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	c.changed.Broadcast()
}

func (c *memConn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, net.ErrClosed
		case c.late[false]:
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
		case c.late[true]:
			return 0, os.ErrDeadlineExceeded
		case !c.stalled:
			c.out = append(c.out, p...)
			return len(p), nil
		}
		c.changed.Wait()
	}
}

// tryWrite takes at most a few bytes, so that most messages are taken in part.
func (c *memConn) tryWrite(p []byte) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.gone || c.late[true] || c.stalled {
		return 0
	}
	n := min(len(p), c.tries%50)
	c.tries += 7
	c.out = append(c.out, p[:n]...)
	return n
}

func (c *memConn) Close() error {
	c.update(func() {
		c.closed = true
		for _, timer := range c.timers {
			timer.Stop()
		}
	})
	return nil
}

func (c *memConn) setDeadline(writing bool, at time.Time) {
	c.update(func() {
		if timer := c.timers[writing]; timer != nil {
			timer.Stop()
		}
		c.late[writing] = !at.IsZero() && !at.After(time.Now())
		if at.IsZero() || c.late[writing] {
			return
		}
		c.timers[writing] = time.AfterFunc(time.Until(at), func() {
			c.update(func() { c.late[writing] = true })
		})
	})
}

func (c *memConn) SetReadDeadline(at time.Time) error  { c.setDeadline(false, at); return nil }
func (c *memConn) SetWriteDeadline(at time.Time) error { c.setDeadline(true, at); return nil }
func (c *memConn) SetDeadline(at time.Time) error {
	c.setDeadline(false, at)
	c.setDeadline(true, at)
	return nil
}
func (c *memConn) LocalAddr() net.Addr  { return &net.UnixAddr{} }
func (c *memConn) RemoteAddr() net.Addr { return &net.UnixAddr{} }
