// Package transport is the runner's end of a connection to a peer: a Unix stream socket whose every event is recorded,
// which always reads while it writes, compares what arrives with what is expected as it comes, and keeps only as much
// of it as evidence needs.
//
// Begin with [Dial]. It carries bytes; what they mean is judged elsewhere.
package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/spec"
)

// ErrStalled is returned, wrapped, when a wait saw no progress for as long as the connection's patience.
var ErrStalled = errors.New("no progress within the deadline")

// ErrPeerClosed is returned, wrapped, by a write that finds the connection closed by the peer.
var ErrPeerClosed = errors.New("the peer closed the connection")

// Conn is one recorded connection. The methods that send, and Written, are for one goroutine at a time; waits, and what only
// looks, may run beside them and each other. SetPatience and SetBusy are not to be called while anything sends or waits.
type Conn struct {
	sock     *net.UnixConn
	patience time.Duration
	record   recorder
	tape     tape

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced whenever the state below changes
	incoming incoming
	closed   bool     // by this end
	wanted   [][]byte // all that was ever expected, if that is kept; nil if not
	readDone chan struct{}
	reading  sync.Once

	busy    func() bool // says whether the peer is at work; nil means that it cannot be told
	written int64
	naps    time.Duration // time spent in waiting for the peer to take pieces that it did not take
	taking  time.Duration // and for those that it took
}

// Dial connects to the socket at path and begins to read. Patience is how long any later wait on the connection may go
// without progress; it must be positive. For as long, connecting is tried again while the server's queue of connections is
// full. The context bounds the dialling only. The error says that path has more than [spec.MaxSocketPath] bytes, is the
// context's, or wraps what the system said, such as ECONNREFUSED. It may be called concurrently.
func Dial(ctx context.Context, path, name string, patience time.Duration) (*Conn, error) {
	c, err := DialUnread(ctx, path, name, patience)
	if err == nil {
		c.Read()
	}
	return c, err
}

// DialUnread is Dial for a connection whose incoming bytes stay in the socket until Read is called.
func DialUnread(ctx context.Context, path, name string, patience time.Duration) (*Conn, error) {
	if len(path) > spec.MaxSocketPath {
		return nil, fmt.Errorf("socket path %q has %d bytes; a Unix socket's path holds at most %d", path, len(path), spec.MaxSocketPath)
	}
	sock, err := connect(ctx, path, patience)
	if err != nil {
		return nil, err
	}
	return newConn(sock.(*net.UnixConn), name, patience), nil
}

// Over returns a connection over a socket that is connected already, and is the connection's to close; see [DialUnread].
func Over(sock *net.UnixConn, name string, patience time.Duration) *Conn {
	return newConn(sock, name, patience)
}

func newConn(sock *net.UnixConn, name string, patience time.Duration) *Conn {
	c := &Conn{sock: sock, patience: patience, changed: make(chan struct{}), readDone: make(chan struct{})}
	c.record.begin(name)
	return c
}

// connect waits, for as long as patience, while the server's queue of connections that it has not accepted is full.
func connect(ctx context.Context, path string, patience time.Duration) (net.Conn, error) {
	var d net.Dialer
	begin := time.Now()
	for pause := 50 * time.Microsecond; ; pause = min(2*pause, 5*time.Millisecond) {
		sock, err := d.DialContext(ctx, "unix", path)
		if err == nil || !errors.Is(err, syscall.EAGAIN) || time.Since(begin) > patience {
			return sock, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// Read begins to take what the peer sends; calling it again does nothing.
func (c *Conn) Read() {
	c.reading.Do(func() {
		if c.written > 0 && !c.tape.follows() {
			c.tape.cannot(leftUnread)
		}
		c.tape.reading()
		go c.read()
	})
}

// leftUnread is why a session cannot be played again in which the suite did not read: when the peer sent is not known.
const leftUnread = "answers were left unread on purpose, and when they came is not recorded"

// SetPatience changes how long later waits may go without progress.
func (c *Conn) SetPatience(d time.Duration) { c.patience = d }

// SetBusy gives the connection a way to ask whether the peer is at work, or waits for its turn on a processor. A wait that
// is at its end then goes on, a limited number of times: a machine that is busy with other things is no peer's fault.
func (c *Conn) SetBusy(ask func() bool) { c.busy = ask }

// maxExtensions is how often one wait without progress is made longer for a peer that is at work.
const maxExtensions = 8

// extend reports whether a wait that saw no progress is to go on.
func (c *Conn) extend(before int) bool {
	if before >= maxExtensions || c.readingOver() {
		return false
	}
	if n, ok := c.Unread(); ok && n > 0 {
		return true // it is this end that has not had its turn
	}
	return c.busy != nil && c.busy()
}

// Patience returns how long a wait may go without progress.
func (c *Conn) Patience() time.Duration { return c.patience }

// Send writes b whole. It returns an error wrapping ErrPeerClosed when the peer has closed, or ErrStalled when for as long
// as the connection's patience the peer took nothing and sent nothing, or when it went on sending and took nothing for a
// minute; any other error is a fault of the runner's own end. A peer that floods counts as one that has closed: nothing that
// comes is read any more, so that it may never take what is sent.
func (c *Conn) Send(b []byte) error {
	extensions, taken := 0, time.Now()
	for sent := 0; sent < len(b); {
		if err := c.sock.SetWriteDeadline(time.Now().Add(c.patience)); err != nil {
			return c.writeFailed(err)
		}
		if c.givenUp() { // asked behind the deadline, which a flood takes back
			return fmt.Errorf("the peer floods: %w", ErrPeerClosed)
		}
		// A deadline bounds one slice of the whole, so that a slow peer that goes on reading is never called stalled.
		part := b[sent:min(len(b), sent+sendSlice)]
		before := c.signsOfLife()
		c.tape.sending(part)
		n, err := c.sock.Write(part)
		c.tape.wrote(part, n)
		if n > 0 {
			c.record.bytes(report.Sent, c.written, part[:n])
			c.written += int64(n)
			sent += n
			extensions, taken = 0, time.Now()
		}
		switch {
		case err == nil || errors.Is(err, os.ErrDeadlineExceeded) && n > 0:
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return c.writeFailed(err)
		case c.givenUp(): // which the next turn says
		case c.signsOfLife() != before && time.Since(taken) < longestHeld:
			extensions = 0
		case c.extend(extensions):
			extensions++
		default:
			return c.writeFailed(err)
		}
	}
	return nil
}

// longestHeld is for how long a write waits that the peer takes nothing of, whatever else it does.
const longestHeld = time.Minute

// life is what tells, beside a write that goes on, that a peer does: a socket that was full takes more only once most of
// what it holds was read, which may be some thousand messages.
type life struct {
	got     int64 // bytes that came from it
	untaken int   // of those that were sent; it falls as the peer reads them
}

func (c *Conn) signsOfLife() life {
	untaken, _ := c.Untaken()
	c.mu.Lock()
	defer c.mu.Unlock()
	return life{c.incoming.got, untaken}
}

const sendSlice = 256 << 10

func (c *Conn) writeFailed(err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.record.note(report.Waited, fmt.Sprintf("%v for the peer to take more bytes", c.patience))
		c.tape.waited()
		return fmt.Errorf("the peer took no bytes for %v: %w", c.patience, ErrStalled)
	case errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNRESET):
		c.record.note(report.PeerClosed, "write: "+errnoName(err))
		c.tape.refused()
		c.markBroken()
		return fmt.Errorf("write: %w", ErrPeerClosed)
	default:
		return err
	}
}

// SendPieces writes b cut into pieces of the given sizes, each after the peer was seen to have taken the one before, so
// that the cuts are what the peer reads. The sizes must add up to len(b), and it is an error, once they are sent, if they
// are less; no sizes means one piece. Where the system cannot tell what the peer has taken, or the peer does not take a
// piece soon, the next one follows all the same: that weakens the test and never the verdict. Other errors are those of Send.
func (c *Conn) SendPieces(b []byte, sizes []int) error {
	if len(sizes) == 0 {
		return c.Send(b)
	}
	for i, n := range sizes {
		if i > 0 {
			c.awaitTaken()
		}
		if err := c.Send(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	if len(b) > 0 {
		return fmt.Errorf("pieces leave %d bytes unsent", len(b))
	}
	return nil
}

const (
	maxNap      = 20 * time.Millisecond  // the longest wait for an idle peer to take one piece
	maxNapTotal = 250 * time.Millisecond // and for all pieces that it did not take, on one connection together
	maxTaking   = time.Second            // the longest wait for all pieces that it did take, or was too busy to
)

// awaitTaken waits until the peer has read what was sent. One that does not read is not waited for long; one that has not
// had its turn is, or a busy machine would hide what cuts do to it.
func (c *Conn) awaitTaken() {
	if c.naps >= maxNapTotal || c.taking >= maxTaking {
		return
	}
	begin, limit := time.Now(), maxNap
	for pause := time.Duration(0); ; pause = min(pause+10*time.Microsecond, 200*time.Microsecond) {
		left, ok := c.Untaken()
		waited := time.Since(begin)
		switch {
		case !ok || left == 0 || c.Ended():
			c.taking += waited
			return
		case waited < limit:
			yield(pause)
		case c.taking+waited < maxTaking && c.busy != nil && c.busy():
			limit = time.Since(begin) + maxNap
		default:
			c.naps += waited
			return
		}
	}
}

// HalfClose shuts down the writing side: the peer reads end of stream behind what was sent. That the peer has closed already
// is no error; any other is a fault of the runner's own end.
func (c *Conn) HalfClose() error {
	c.record.note(report.HalfClosed, "")
	c.tape.shutDown()
	err := c.sock.CloseWrite()
	if errors.Is(err, syscall.ENOTCONN) {
		return nil // the peer has closed already
	}
	return err
}

// Close closes the connection and waits for its reader. Bytes that had arrived and were not read make the kernel tell
// the peer so with ECONNRESET. Closing again does nothing. It may be called beside everything else: waits end, and what is
// being sent fails.
func (c *Conn) Close() {
	c.record.once(report.Closed, c.leaves())
	c.tape.closed()
	_ = c.sock.Close() // nothing is done differently when closing fails
	c.reading.Do(func() {
		if !c.tape.follows() {
			c.tape.cannot(leftUnread)
		}
		close(c.readDone)
	})
	<-c.readDone
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		c.notify()
	}
}

// leaves says what a close now leaves unread on purpose.
func (c *Conn) leaves() string {
	if n, ok := c.Unread(); ok && n > 0 && !c.Reads() {
		return fmt.Sprintf("%d bytes left unread, a reset at the other end", n)
	}
	return ""
}

// Transcript returns what happened so far.
func (c *Conn) Transcript() report.Transcript { return c.record.transcript() }

// Written returns how many bytes were written, those of a knock aside.
func (c *Conn) Written() int64 { return c.written }

func errnoName(err error) string {
	var no syscall.Errno
	if errors.As(err, &no) {
		switch no {
		case syscall.EPIPE:
			return "EPIPE"
		case syscall.ECONNRESET:
			return "ECONNRESET"
		}
		return no.Error()
	}
	return err.Error()
}

// Name returns the name that the connection was given.
func (c *Conn) Name() string { return c.record.name }
