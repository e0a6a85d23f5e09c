package session_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/session"
	"github.com/oizys-protocol/oizys/impl/wire"
)

// tire sends so much that the flusher leaves what is sent next in the queue, until time passes. It is not much.
func tire(t *testing.T, s *session.Session, peer net.Conn) {
	t.Helper()
	for range session.EagerWrites + 1 { // The first is not the flusher's.
		send(t, s, "!")
		require.Equal(t, []string{"!"}, read(t, wire.NewReader(oneByOne{peer}, 0), 1))
		synctest.Wait()
	}
}

// halfway lets a SendWait write what is queued and its own message, stops it by its context when the peer has read so
// many bytes. It returns the peer's connection as if nothing had been read, and what SendWait returned.
func halfway(t *testing.T, s *session.Session, peer net.Conn, content string, after int) (net.Conn, int, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var queued int
	var err error
	var wg sync.WaitGroup
	wg.Go(func() {
		own := []byte(content)
		queued, err = s.SendWait(ctx, own)
		clear(own)
	})
	synctest.Wait()
	start := make([]byte, after)
	for got := 0; got < after; {
		n, readErr := peer.Read(start[got:])
		require.NoError(t, readErr)
		got += n
	}
	synctest.Wait()
	cancel()
	wg.Wait() // Returns although nobody reads.
	return &prefixed{head: start, Conn: peer}, queued, err
}

// A message that does not fit is written behind what is queued, by SendWait itself. When its context ends, what has begun
// is sent, and what has not begun is not.
func TestSendWaitBehindWhatIsQueued(t *testing.T) {
	const first, second = "first", "second"
	const begins = wire.HeaderLen + len(first)
	for after := range begins + wire.HeaderLen + len(second) {
		synctest.Test(t, func(t *testing.T) {
			conn, peer := net.Pipe()
			s := session.NewNonBlocking(conn, func([]byte) int { return 0 }, session.Options{MaxQueued: 12})
			tire(t, s, peer)
			send(t, s, first)
			synctest.Wait()
			peer, queued, err := halfway(t, s, peer, second, after)
			want := []string{first}
			if after < begins {
				require.ErrorIs(t, err, context.Canceled, "%d bytes read", after)
				require.Zero(t, queued)
			} else {
				require.NoError(t, err, "%d bytes read", after)
				require.Equal(t, 2, queued)
				want = append(want, second)
			}
			time.Sleep(time.Hour)
			r := wire.NewReader(peer, 0)
			require.Equal(t, want, read(t, r, len(want)))
			synctest.Wait()
			require.Equal(t, 1, send(t, s, "after"), "nothing else is counted")
			require.Equal(t, []string{"after"}, read(t, r, 1))
			s.Abort()
			<-s.Done()
			require.NoError(t, peer.Close())
		})
	}
}

// A write that fails, in what was queued or in the message behind it, closes the session once; the peer has the beginning
// of what was sent.
func TestFaultBehindWhatIsQueued(t *testing.T) {
	stream := encode(t, "first", "second")
	for _, f := range faults() {
		if f.err == nil {
			continue // A socket's write of several buffers is never short.
		}
		for at := range 3 { // What is queued, a header, content.
			synctest.Test(t, func(t *testing.T) {
				name := fmt.Sprintf("write %d %s", at, f.name)
				inner, peer := net.Pipe()
				conn := &faultyConn{Conn: inner, readAt: -1, writeAt: -1, fault: f}
				s := session.NewNonBlocking(conn, func([]byte) int { return 0 }, session.Options{MaxQueued: 12})
				got := &recorder{}
				require.NoError(t, s.OnClose(got.onClose))
				tire(t, s, peer)
				conn.writeAt = conn.writes + at
				send(t, s, "first")
				synctest.Wait()
				var received bytes.Buffer
				peerDone := make(chan struct{})
				go func() { _, _ = io.Copy(&received, peer); close(peerDone) }()
				_, err := s.SendWait(t.Context(), []byte("second"))
				require.NoError(t, err, name)
				require.ErrorIs(t, s.Err(), f.err, name)
				require.Equal(t, s.Err(), got.cause(t), name)
				<-s.Done()
				<-peerDone
				require.True(t, bytes.HasPrefix(stream, received.Bytes()), name)
				require.Less(t, received.Len(), len(stream), name)
				require.NoError(t, peer.Close())
			})
		}
	}
}

// A session that closes while SendWait writes sends what was queued and the message behind it.
func TestCloseBehindWhatIsQueued(t *testing.T) {
	for _, abort := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			conn, peer := net.Pipe()
			s := session.NewNonBlocking(conn, func([]byte) int { return 0 }, session.Options{MaxQueued: 12})
			tire(t, s, peer)
			send(t, s, "first")
			synctest.Wait()
			var wg sync.WaitGroup
			wg.Go(func() {
				queued, err := s.SendWait(t.Context(), []byte("second"))
				require.NoError(t, err)
				require.Equal(t, 2, queued)
			})
			synctest.Wait()
			if abort {
				s.Abort()
				require.Empty(t, readAll(t, peer))
			} else {
				s.Close()
				require.Equal(t, []string{"first", "second"}, readAll(t, peer))
			}
			wg.Wait()
			<-s.Done()
			require.NoError(t, peer.Close())
		})
	}
}
