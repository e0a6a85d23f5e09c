// Package session is the oizys session over any [net.Conn]: messages go out with Send and come in through a handler,
// and whatever goes wrong closes the session, whose close handler is given the cause.
//
// Begin with [Dial], [Listen] or [New]; then set [Session.OnClose] and [Session.OnMessage]. Reading begins when the message
// handler is set, and only then is the end of the connection noticed. [Session.Wait] waits until a session is over.
//
// All methods may be called concurrently and from within handlers, except that a handler that waits for its own session
// waits for ever. The handlers of one session never run at the same time. Reconnecting, keep-alive and acknowledgement are
// out of scope: the protocol has none.
package session

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Errors of the session itself; compare with [errors.Is].
var (
	// ErrClosed is returned for what a closed session cannot do.
	ErrClosed = errors.New("session is closed")
	// ErrHandlerSet is returned when a handler is set a second time.
	ErrHandlerSet = errors.New("handler has been set already")
	// ErrNilHandler is returned when nil is given as a handler.
	ErrNilHandler = errors.New("handler is nil")
	// ErrQueueFull is returned when a message does not fit under the bound of Options.MaxQueued.
	ErrQueueFull = errors.New("send queue is full")
	// ErrHandlerExit is the cause when a message handler ended its goroutine with [runtime.Goexit].
	ErrHandlerExit = errors.New("message handler ended its goroutine")
)

const (
	defaultLinger    = 30 * time.Second
	defaultHighWater = flushBytes
)

// Options adjust a session. The zero value is ready to use.
type Options struct {
	// MaxQueued bounds the bytes queued for sending, headers included: Send refuses what goes beyond it with
	// [ErrQueueFull], and SendWait waits. 0 is no bound for Send, and 192 KiB for SendWait.
	MaxQueued int
	// Linger is how long the connection of a closed session is kept while queued messages still go out, counted from the
	// last progress: a peer that reads, however slowly, gets everything. 0 is 30 seconds, since on a busy machine a peer may
	// not run for some; below 0 queued messages are dropped at once.
	Linger time.Duration
	// OnPanic is told of each panic in a handler, with the value and the stack; the session goes on. It must not panic.
	// If it is nil, panics are logged with [slog.Default].
	OnPanic func(value any, stack []byte)
}

// A Session sends and receives messages over one connection, which it owns. Create it with [New] or [Dial].
type Session struct {
	conn   net.Conn
	raw    nonBlocking // nil when the connection offers no such calls.
	opts   Options
	linger time.Duration // Always above 0.

	phase atomic.Uint32
	// Made once: starting a goroutine with a method would allocate.
	writeFunc, flushFunc func()

	mu       sync.Mutex
	room     sync.Cond // Signalled when queued bytes go down below half of the bound, and on close.
	waiting  int       // Callers that wait for room.
	queue    queue
	pace     pace
	head     []byte // This and the next two are for writeThrough, when it owns the writing side.
	vec      [3][]byte
	buffers  net.Buffers
	writing  bool // Someone owns the writing side of conn.
	flusher  bool // The flusher's goroutine lives. When the queue is not empty, this or writing is true.
	broken   error
	cause    error
	onClose  func(cause error)
	hasOnMsg bool
	hasOnCls bool
	parties  int // Goroutines and calls that still work for the session; the last one closes done.
	done     chan struct{}
}

// Bits of Session.phase.
const (
	closed     = 1 << iota // Set once, under mu.
	delivering             // A message handler runs.
)

// New returns a session over conn, which belongs to the session from now on. It starts no goroutine and reads nothing.
func New(conn net.Conn, opts Options) *Session {
	s := &Session{conn: conn, opts: opts, linger: opts.Linger, done: make(chan struct{})}
	if opts.Linger <= 0 {
		s.linger = defaultLinger
	}
	if raw := newRawConn(conn); raw != nil {
		s.raw = raw
	}
	s.writeFunc, s.flushFunc = s.write, s.flush
	s.room.L = &s.mu
	return s
}

// OnMessage sets the message handler and starts reading; what arrived before is delivered then. The handler is called for
// each message in order, on a goroutine of the session's own. The content is valid until the handler returns: its memory
// is used again for later messages. The handler may change it meanwhile. While the handler runs nothing is read, which
// sooner or later stops the peer from sending.
//
// It returns [ErrClosed] on a closed session, and [ErrHandlerSet] when a message handler has been set before.
func (s *Session) OnMessage(handler func(content []byte)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case handler == nil:
		return ErrNilHandler
	case s.hasOnMsg:
		return ErrHandlerSet
	case s.isClosed():
		return ErrClosed
	}
	s.hasOnMsg = true
	s.parties++
	go s.read(handler)
	return nil
}

// OnClose sets the close handler. It is called exactly once: with nil after Close or Abort, and otherwise with the cause:
// [io.EOF] when the peer ended the stream between messages, an error of package wire when it broke the protocol, or an
// error of the connection. On a closed session it is called at once, by OnClose itself, with nil.
//
// It is called by whoever closes the session: a goroutine of the session, or the caller of Close. If a message handler
// is running, it is called as soon as that has returned.
//
// OnClose returns [ErrHandlerSet] when a close handler has been set before.
func (s *Session) OnClose(handler func(cause error)) error {
	s.mu.Lock()
	switch {
	case handler == nil:
		s.mu.Unlock()
		return ErrNilHandler
	case s.hasOnCls:
		s.mu.Unlock()
		return ErrHandlerSet
	}
	s.hasOnCls = true
	late := s.isClosed()
	if !late {
		s.onClose = handler
	}
	s.mu.Unlock()
	if late {
		s.runClose(handler, nil)
	}
	return nil
}

// Close closes the session: no handler but the close handler is called any more, and Send is refused. Queued messages
// still go out, for as long as Options.Linger allows; then the connection is closed. Close does not wait for that, see
// Wait. Closing a closed session does nothing.
func (s *Session) Close() { s.shut(nil, s.opts.Linger < 0) }

// Abort closes the session like Close, drops what is queued and closes the connection at once, also when the session was
// closed before and still sends.
func (s *Session) Abort() { s.shut(nil, true) }

// Err returns why the session closed: nil while it is open and after a local close, else what the close handler was given.
func (s *Session) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cause
}

// Done returns a channel that is closed when the session is over: closed, its handlers returned, what was queued sent or
// dropped, its connection closed, and its goroutines gone.
func (s *Session) Done() <-chan struct{} { return s.done }

// Wait waits until the session is over, see Done, and returns what Err returns then; or the context's error when ctx ends
// first, which leaves the session as it is.
func (s *Session) Wait(ctx context.Context) error {
	select {
	case <-s.done:
		return s.Err()
	default:
	}
	select {
	case <-s.done:
		return s.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Session) isClosed() bool { return s.phase.Load()&closed != 0 }

func (s *Session) logPanic(value any, stack []byte) {
	if s.opts.OnPanic != nil {
		s.opts.OnPanic(value, stack)
		return
	}
	slog.Default().Error("panic in a session's handler", "panic", value, "stack", string(stack))
}

// isGone reports whether err is one of the ways in which the system says that the peer has closed.
func isGone(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}
