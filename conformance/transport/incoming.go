package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// incoming is the state of what the peer sent, guarded by Conn.mu.
type incoming struct {
	expected [][]byte // what is still to come, in order; its first element may be partly matched
	want     int64    // length of all that was ever expected
	got      int64    // bytes received
	matched  int64    // length of the received prefix that is as expected
	strayAt  time.Time
	kept     []byte // received bytes from the first one that was not expected on, at most keepStray
	head     []byte // the first received bytes, at most keepHead
	ended    string // how the stream ended, empty while it has not
	endedAt  time.Time
	flooded  bool  // so much came that was not expected that no more is read
	broken   bool  // a write found the connection closed; what the peer sent before may still wait to be read
	err      error // a read error that is no end of stream
}

const (
	keepStray = 64 << 10
	keepHead  = 4 << 10
	floodSlop = 1 << 20 // received beyond expectation before the reader stops taking more
)

var readBuffers = sync.Pool{New: func() any { b := make([]byte, 128<<10); return &b }}

// read takes whatever the peer sends until the stream ends or the connection is closed.
func (c *Conn) read() {
	defer close(c.readDone)
	buf := readBuffers.Get().(*[]byte)
	defer readBuffers.Put(buf)
	for {
		if c.flooded() {
			return
		}
		n, err := c.sock.Read(*buf)
		if n > 0 {
			c.arrived((*buf)[:n])
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			c.readEnded("end of stream")
			return
		case errors.Is(err, syscall.ECONNRESET):
			c.readEnded("ECONNRESET")
			return
		case errors.Is(err, net.ErrClosed):
			return
		default:
			c.mu.Lock()
			c.incoming.err = err
			c.notify()
			c.mu.Unlock()
			return
		}
	}
}

// flooded ends the reading of a peer that has sent far more than was expected.
func (c *Conn) flooded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	in := &c.incoming
	if in.got <= in.want+floodSlop {
		return false
	}
	in.ended, in.endedAt, in.flooded = "reading stopped: the peer floods", time.Now(), true
	_ = c.sock.SetWriteDeadline(in.endedAt) // the peer may wait for us to read while we wait for it
	c.tape.cannot("the peer flooded the session")
	c.notify()
	return true
}

func (c *Conn) arrived(b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	in := &c.incoming
	c.record.bytes(report.Received, in.got, b)
	whole := b
	in.got += int64(len(b))
	if room := keepHead - len(in.head); room > 0 {
		in.head = append(in.head, b[:min(room, len(b))]...)
	}
	if in.strayAt.IsZero() {
		b = in.match(b)
	}
	if !c.tape.came(len(whole), b) {
		c.tape.arrived(whole)
	}
	if len(b) > 0 {
		if in.strayAt.IsZero() {
			in.strayAt = time.Now()
		}
		in.kept = append(in.kept, b[:min(keepStray-len(in.kept), len(b))]...)
	}
	c.notify()
}

// match compares b with what is expected next and returns the rest of b from the first byte that differs.
func (in *incoming) match(b []byte) []byte {
	for len(b) > 0 && len(in.expected) > 0 {
		next := in.expected[0]
		n := min(len(next), len(b))
		if !bytes.Equal(next[:n], b[:n]) {
			for n = 0; next[n] == b[n]; n++ {
			}
			in.matched += int64(n)
			in.expected[0] = next[n:]
			return b[n:]
		}
		in.matched += int64(n)
		b = b[n:]
		if n == len(next) {
			in.expected = in.expected[1:]
		} else {
			in.expected[0] = next[n:]
		}
	}
	return b
}

func (c *Conn) readEnded(how string) {
	c.record.note(report.PeerClosed, how)
	c.tape.ended(how)
	c.markEnded(how)
}

func (c *Conn) markEnded(how string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.incoming.ended == "" {
		c.incoming.ended, c.incoming.endedAt = how, time.Now()
		c.notify()
	}
}

// givenUp reports whether the peer floods, so that no more is read of what it sends.
func (c *Conn) givenUp() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.incoming.flooded
}

// readingOver reports whether nothing is read any more: what lies unread then says nothing of who is slow.
func (c *Conn) readingOver() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.incoming.ended != "" || c.incoming.err != nil
}

// markBroken notes that the peer takes no more. It ends no wait: only the reader knows all that came before the end, and
// a peer that has shut down nothing but its reading side has not closed.
func (c *Conn) markBroken() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.incoming.broken = true
}

func (c *Conn) notify() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// Expect adds b to what the peer is to send. It must be called before the bytes that cause it are sent, and b must not
// change afterwards.
func (c *Conn) Expect(b []byte) {
	if len(b) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.incoming.expected = append(c.incoming.expected, b)
	if c.wanted != nil {
		c.wanted = append(c.wanted, b)
		c.notify()
	}
	c.incoming.want += int64(len(b))
}

// State is what has been received up to a moment.
type State struct {
	Want    int64     // bytes expected so far
	Got     int64     // bytes received
	Matched int64     // length of the received prefix that is as expected
	Stray   []byte    // received bytes from the first unexpected one on, capped at 64 KiB; nil when there is none
	Next    []byte    // what was expected at that place, capped likewise
	Head    []byte    // the first bytes received, capped at 4 KiB
	Ended   string    // how the peer ended the stream; empty while it has not
	EndedAt time.Time // when that was seen
	Err     error     // a fault of the runner's own end
}

// Snapshot returns the state now.
func (c *Conn) Snapshot() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.snapshot()
}

func (c *Conn) snapshot() State {
	in := &c.incoming
	s := State{Want: in.want, Got: in.got, Matched: in.matched, Ended: in.ended, EndedAt: in.endedAt, Err: in.err}
	s.Stray = bytes.Clone(in.kept)
	s.Head = bytes.Clone(in.head)
	for _, next := range in.expected {
		s.Next = append(s.Next, next[:min(len(next), keepStray-len(s.Next))]...)
	}
	return s
}

// Ended reports whether the peer was seen to end the stream, or to take no more of ours.
func (c *Conn) Ended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.incoming.ended != "" || c.incoming.broken
}

// AwaitExpected waits until all that is expected has come. It returns early, with the state, when something else came
// or the stream ended. Its error wraps ErrStalled when nothing at all came for as long as the connection's patience, and
// longer for a peer that is at work, and [net.ErrClosed] when this end is closed; else it is the context's, or the state's
// own.
func (c *Conn) AwaitExpected(ctx context.Context) (State, error) {
	return c.await(ctx, "for the expected bytes", func(in *incoming) bool { return in.matched == in.want })
}

// AwaitAny waits until the peer has sent at least n bytes. It returns early when something came that was not expected or the
// stream ended; its errors are those of AwaitExpected.
func (c *Conn) AwaitAny(ctx context.Context, n int64) (State, error) {
	return c.await(ctx, "for bytes", func(in *incoming) bool { return in.got >= n })
}

// AwaitEnd waits until the peer ends the stream. It returns early when something comes that is not expected; its errors are
// those of AwaitExpected.
func (c *Conn) AwaitEnd(ctx context.Context) (State, error) {
	return c.await(ctx, "for the peer to close", nil)
}

// AwaitQuiet lets a peer that has sent something unexpected send the rest of it: it waits until nothing has come for
// pause, n bytes have come from the first unexpected one on, the stream has ended, this end is closed, limit has passed or
// the context is done.
// What came until then is the state that it returns. More than 64 KiB are not kept: n is to be no larger.
func (c *Conn) AwaitQuiet(ctx context.Context, n int, pause, limit time.Duration) State {
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		c.mu.Lock()
		in := &c.incoming
		enough, changed := len(in.kept) >= n || in.ended != "" || in.err != nil || c.closed, c.changed
		c.mu.Unlock()
		if enough {
			return c.Snapshot()
		}
		select {
		case <-changed:
			timer.Reset(pause)
		case <-timer.C:
			return c.Snapshot()
		case <-bounded.Done():
			return c.Snapshot()
		}
	}
}

func (c *Conn) await(ctx context.Context, what string, done func(*incoming) bool) (State, error) {
	timer := time.NewTimer(c.patience)
	defer timer.Stop()
	for last, extensions := int64(-1), 0; ; {
		c.mu.Lock()
		in := &c.incoming
		if in.ended != "" || in.err != nil || !in.strayAt.IsZero() || (done != nil && done(in)) {
			s := c.snapshot()
			c.mu.Unlock()
			return s, s.Err
		}
		if c.closed {
			s := c.snapshot()
			c.mu.Unlock()
			return s, fmt.Errorf("waiting %s: %w", what, net.ErrClosed)
		}
		changed, progress := c.changed, in.got != last
		last = in.got
		c.mu.Unlock()
		if progress {
			extensions = 0
			timer.Reset(c.patience)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return c.Snapshot(), ctx.Err()
		case <-timer.C:
			if c.extend(extensions) {
				extensions++
				timer.Reset(c.patience)
				continue
			}
			select {
			case <-changed: // just in time: what has come counts, and not which of the two is seen first
				timer.Reset(c.patience)
				continue
			default:
			}
			c.record.note(report.Waited, fmt.Sprintf("%v %s", c.patience, what))
			c.tape.waited()
			return c.Snapshot(), fmt.Errorf("waited %v %s: %w", c.patience, what, ErrStalled)
		}
	}
}
