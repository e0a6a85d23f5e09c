package session_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/session"
	"github.com/oizys-protocol/oizys/impl/wire"
)

var errInjected = errors.New("injected")

// fault is what goes wrong at one call of a connection: n bytes still pass, then err comes. Without an error the call is
// only short.
type fault struct {
	name string
	n    int
	err  error
}

func faults() []fault {
	return []fault{
		{"fails", 0, errInjected},
		{"fails after a byte", 1, errInjected},
		{"fails after a header", wire.HeaderLen, errInjected},
		{"is short", 1, nil},
		{"finds it closed", 0, net.ErrClosed},
	}
}

// faultyConn has a fault at one read and one write, counted from 0; -1 is none. It keeps the bytes that passed.
type faultyConn struct {
	net.Conn
	readAt, writeAt int
	fault           fault
	piece           int // Most bytes of one read.
	reads, writes   int
	in, out         []byte
}

func (c *faultyConn) Read(p []byte) (n int, err error) {
	defer func() { c.in = append(c.in, p[:n]...) }()
	p = p[:min(len(p), c.piece)]
	c.reads++
	if c.reads-1 != c.readAt {
		return c.Conn.Read(p)
	}
	if c.fault.n > 0 {
		n, err = io.ReadFull(c.Conn, p[:min(len(p), c.fault.n)])
		if err != nil {
			return n, err
		}
	}
	return n, c.fault.err
}

func (c *faultyConn) Write(p []byte) (n int, err error) {
	defer func() { c.out = append(c.out, p[:n]...) }()
	c.writes++
	if c.writes-1 != c.writeAt {
		return c.Conn.Write(p)
	}
	if c.fault.n > 0 {
		n, err = c.Conn.Write(p[:min(len(p), c.fault.n)])
		if err != nil {
			return n, err
		}
	}
	return n, c.fault.err
}

// exchange lets both sides send numbered messages over a connection with a fault, and checks what must hold whatever the
// fault: one close with a cause that fits; delivered is what came in whole, in order; sent is a prefix, in order.
func exchange(t *testing.T, conn *faultyConn, panicAt int) (delivered int) {
	t.Helper()
	const count = 6
	var inner net.Conn
	inner, peer := net.Pipe()
	conn.Conn = inner
	panics := 0
	s := session.New(conn, session.Options{OnPanic: func(any, []byte) { panics++ }})
	got := &recorder{}
	require.NoError(t, s.OnClose(got.onClose))
	require.NoError(t, s.OnMessage(func(content []byte) {
		got.onMessage(content)
		if len(got.messages) == panicAt {
			panic("on purpose")
		}
	}))
	stream := encode(t, numbered(count)...)
	go func() { _, _ = peer.Write(stream) }()
	var received bytes.Buffer
	peerDone := make(chan struct{})
	go func() { _, _ = io.Copy(&received, peer); close(peerDone) }()
	for _, text := range numbered(count) {
		_, _ = s.Send([]byte(text))
		synctest.Wait()
	}
	open := s.Err() == nil
	if open {
		_ = peer.Close()
	}
	cause := ended(t, s)
	<-peerDone
	_ = peer.Close()

	require.Equal(t, cause, got.cause(t))
	if !open {
		require.True(t, errors.Is(cause, conn.fault.err) || errors.Is(cause, io.ErrShortWrite), "%v", cause)
	}
	whole := wholeMessages(conn.in)
	if conn.writeAt < 0 || open {
		require.Equal(t, whole, got.texts(), "all that came in whole, and nothing else")
	} else {
		// A failed write closes the session at once.
		require.Equal(t, whole[:len(got.texts())], got.texts(), "in order, and nothing else")
	}
	require.Equal(t, string(conn.out), received.String())
	require.True(t, bytes.HasPrefix(stream, conn.out), "what went out is the beginning of what was sent")
	if open {
		require.Equal(t, string(stream), string(conn.out))
		require.Len(t, whole, count)
	}
	if panicAt > 0 && panicAt <= len(got.texts()) {
		require.Equal(t, 1, panics)
	}
	return len(whole)
}

func wholeMessages(stream []byte) []string {
	texts := []string{}
	r := wire.NewReader(bytes.NewReader(stream), 0)
	for content, err := r.Next(); err == nil; content, err = r.Next() {
		texts = append(texts, string(content))
	}
	return texts
}

func TestFaultAtEachRead(t *testing.T) {
	for _, piece := range []int{1, 5, 1 << 10} {
		for _, f := range faults() {
			least, runs := 6, 0
			for at := 0; ; at++ {
				synctest.Test(t, func(t *testing.T) {
					conn := &faultyConn{readAt: at, writeAt: -1, fault: f, piece: piece}
					least = min(least, exchange(t, conn, at/2))
					runs++
					if conn.reads <= at {
						at = -2 // There are no more reads that could go wrong.
					}
				})
				if at < 0 {
					break
				}
			}
			require.Greater(t, runs, 1, "%s %d", f.name, piece)
			if f.err != nil {
				require.Zero(t, least, "%s %d", f.name, piece)
			}
		}
	}
}

func TestFaultAtEachWrite(t *testing.T) {
	for _, f := range faults() {
		for at := range 6 {
			synctest.Test(t, func(t *testing.T) {
				conn := &faultyConn{readAt: -1, writeAt: at, fault: f, piece: 1 << 10}
				exchange(t, conn, at)
				require.Greater(t, conn.writes, at, f.name)
				if f.err != nil {
					require.Equal(t, at+1, conn.writes, "%s: nothing may be written after an error", f.name)
				}
			})
		}
	}
}

// The same for a long message, which takes another path: in pieces, from the caller's memory.
func TestFaultAtEachWriteOfALongMessage(t *testing.T) {
	content := pattern(900_000)
	stream, err := wire.Append(nil, content)
	require.NoError(t, err)
	for _, f := range faults() {
		for at := range 5 {
			synctest.Test(t, func(t *testing.T) {
				name := fmt.Sprintf("write %d %s", at, f.name)
				inner, peer := net.Pipe()
				conn := &faultyConn{Conn: inner, readAt: -1, writeAt: at, fault: f}
				s := session.New(conn, session.Options{MaxQueued: 100})
				got := &recorder{}
				require.NoError(t, s.OnClose(got.onClose))
				var received bytes.Buffer
				peerDone := make(chan struct{})
				go func() { _, _ = io.Copy(&received, peer); close(peerDone) }()
				_, err := s.SendWait(t.Context(), content)
				require.NoError(t, err, name)
				failed := s.Err()
				s.Close()
				<-s.Done()
				<-peerDone
				require.Equal(t, failed, got.cause(t), name)
				require.True(t, bytes.HasPrefix(stream, received.Bytes()), name)
				if f.err != nil {
					require.ErrorIs(t, failed, f.err, name)
					require.Less(t, received.Len(), len(stream), name)
				}
				if failed == nil {
					require.Equal(t, len(stream), received.Len(), name)
				}
				_ = peer.Close()
			})
		}
	}
}
