// Package sessiontest is for tests of sessions: it has a connection in memory, whose peer is played by the test, and a model
// of what a session must do.
//
// Begin with [Conn], and with [Model], which is held against a session after each [Act].
package sessiontest

import (
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// Conn is a session's end of a connection. Unlike a pipe it has a buffer in the incoming direction, as a socket has, and in
// the outgoing direction it can be made to stall. Create it with [NewConn]. The peer's part is played with [Conn.Update],
// by any goroutine.
type Conn struct {
	mu      sync.Mutex
	changed sync.Cond
	state   State
	tries   int
	late    bool // The deadline for writing has passed; that for reading is in the state.

	// For reading and for writing. Timers are used again, since each would be allocated.
	timers    [2]*time.Timer
	deadlines [2]time.Time
}

// State is what both sides of a connection have done so far.
type State struct {
	In  []byte // Written by the peer, and not read.
	Out []byte // Written by the session.

	EOF     bool // The peer sends no more.
	Gone    bool // The peer receives no more.
	Stalled bool // Writes wait.
	Ending  bool // The deadline for reading has passed: the session reads no more.
	Closed  bool // The session has closed the connection.
}

const reading, writing = 0, 1

// NewConn returns a connection on which nothing has happened.
func NewConn() *Conn {
	c := &Conn{}
	c.changed.L = &c.mu
	return c
}

// Reset makes it a connection on which nothing has happened, in the same memory. The session that had it must be over.
func (c *Conn) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopTimers()
	c.state = State{In: c.state.In[:0], Out: c.state.Out[:0]}
	c.tries, c.late = 0, false
}

// Play does what the peer does; an act of another's does nothing.
func (s *State) Play(act Act, content []byte) {
	switch act {
	case PeerSends:
		if !s.EOF {
			s.In = append(s.In, content...)
		}
	case PeerEnds:
		s.EOF = true
	case PeerGoes:
		s.EOF, s.Gone = true, true
	case PeerStalls:
		s.Stalled = true
	case PeerReads:
		s.Stalled = false
	}
}

// Update calls f with the state, which it may change, and then wakes all that wait for a change.
func (c *Conn) Update(f func(*State)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.state)
	c.changed.Broadcast()
}

// Await calls f with the state until it returns true: once, when other goroutines have run, and after each change.
func (c *Conn) Await(f func(*State) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f(&c.state) {
		return
	}
	c.mu.Unlock()
	runtime.Gosched() // They may have run already when it would wait for them, which takes longer.
	c.mu.Lock()
	for !f(&c.state) {
		c.changed.Wait()
	}
}

// Read implements [net.Conn]. It waits until there is something to read, or the end of it.
func (c *Conn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch s := &c.state; {
		case s.Closed:
			return 0, net.ErrClosed
		case s.Ending:
			return 0, os.ErrDeadlineExceeded
		case len(s.In) > 0:
			n := copy(p, s.In)
			s.In = s.In[:copy(s.In, s.In[n:])] // Its memory is used again.
			return n, nil
		case s.EOF:
			return 0, io.EOF
		}
		c.changed.Wait()
	}
}

// Write implements [net.Conn]. It takes all of p at once, or waits while the connection is stalled.
func (c *Conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch s := &c.state; {
		case s.Closed:
			return 0, net.ErrClosed
		case s.Gone:
			return 0, syscall.EPIPE
		case c.late:
			return 0, os.ErrDeadlineExceeded
		case !s.Stalled:
			s.Out = append(s.Out, p...)
			c.changed.Broadcast()
			return len(p), nil
		}
		c.changed.Wait()
	}
}

// TryWrite takes from none to 49 bytes, in turn, so that most messages are taken in part.
func (c *Conn) TryWrite(p []byte) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &c.state
	if s.Closed || s.Gone || s.Stalled || c.late {
		return 0
	}
	n := min(len(p), c.tries%50)
	c.tries += 7
	s.Out = append(s.Out, p[:n]...)
	c.changed.Broadcast()
	return n
}

// Close implements [net.Conn].
func (c *Conn) Close() error {
	c.Update(func(s *State) {
		s.Closed = true
		c.stopTimers()
	})
	return nil
}

func (c *Conn) stopTimers() {
	for way := range c.timers {
		c.stopTimer(way)
	}
}

// stopTimer stops the timer of one way. When it has fired, and waits for the lock, it finds no deadline.
func (c *Conn) stopTimer(way int) {
	if !c.deadlines[way].IsZero() {
		c.timers[way].Stop()
		c.deadlines[way] = time.Time{}
	}
}

// setDeadline sets the deadline of one way, whose passing is noted in passed.
func (c *Conn) setDeadline(way int, passed *bool, at time.Time) {
	c.Update(func(*State) {
		c.stopTimer(way)
		*passed = false
		if at.IsZero() {
			return
		}
		left := time.Until(at)
		if left <= 0 {
			*passed = true
			return
		}
		c.deadlines[way] = at
		if timer := c.timers[way]; timer != nil {
			timer.Reset(left)
			return
		}
		c.timers[way] = time.AfterFunc(left, func() {
			c.Update(func(*State) {
				if due := c.deadlines[way]; !due.IsZero() && time.Until(due) <= 0 {
					*passed = true
				}
			})
		})
	})
}

// SetReadDeadline implements [net.Conn].
func (c *Conn) SetReadDeadline(at time.Time) error {
	c.setDeadline(reading, &c.state.Ending, at)
	return nil
}

// SetWriteDeadline implements [net.Conn].
func (c *Conn) SetWriteDeadline(at time.Time) error {
	c.setDeadline(writing, &c.late, at)
	return nil
}

// SetDeadline implements [net.Conn].
func (c *Conn) SetDeadline(at time.Time) error {
	_ = c.SetReadDeadline(at)
	return c.SetWriteDeadline(at)
}

// LocalAddr implements [net.Conn]: an address without a name.
func (c *Conn) LocalAddr() net.Addr { return &net.UnixAddr{} }

// RemoteAddr implements [net.Conn]: an address without a name.
func (c *Conn) RemoteAddr() net.Addr { return &net.UnixAddr{} }
