package transport

import (
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// End of stream, ECONNRESET and EPIPE are one event, the peer has closed; the name of what was seen is kept.
func TestEveryWayToCloseIsAnEnd(t *testing.T) {
	for _, row := range []struct {
		name  string
		close func(t *testing.T, c *Conn, peer *net.UnixConn)
		ended string
		got   int64
	}{
		{"closed without a byte", func(t *testing.T, _ *Conn, peer *net.UnixConn) {
			require.NoError(t, peer.Close())
		}, "end of stream", 0},
		{"closed behind an answer", func(t *testing.T, _ *Conn, peer *net.UnixConn) {
			write(t, peer, []byte("answer"))
			require.NoError(t, peer.Close())
		}, "end of stream", 6},
		{"shut down for writing", func(t *testing.T, _ *Conn, peer *net.UnixConn) {
			write(t, peer, []byte("answer"))
			require.NoError(t, peer.CloseWrite())
		}, "end of stream", 6},
		{"closed with unread input", func(t *testing.T, c *Conn, peer *net.UnixConn) {
			require.NoError(t, c.Send([]byte("never read")))
			require.NoError(t, peer.Close())
		}, "ECONNRESET", 0},
		{"closed with unread input behind an answer", func(t *testing.T, c *Conn, peer *net.UnixConn) {
			require.NoError(t, c.Send([]byte("never read")))
			write(t, peer, []byte("answer"))
			require.NoError(t, peer.Close())
		}, "ECONNRESET", 6},
	} {
		t.Run(row.name, func(t *testing.T) {
			c, peer := pair(t, long)
			c.Expect([]byte("answer")[:row.got])
			row.close(t, c, peer)
			s, err := c.AwaitEnd(t.Context())
			require.NoError(t, err)
			require.Equal(t, row.ended, s.Ended)
			require.False(t, s.EndedAt.IsZero())
			require.Equal(t, row.got, s.Got, "what was sent before is not lost")
			require.Equal(t, row.got, s.Matched)
			require.True(t, c.Ended())
			events := c.Transcript().Events
			require.EqualValues(t, "peer-closed", events[len(events)-1].Direction)
			require.Equal(t, row.ended, events[len(events)-1].Note)
		})
	}
}

func TestSendToAClosedPeer(t *testing.T) {
	c, peer := pair(t, long)
	require.NoError(t, peer.Close())
	require.ErrorIs(t, c.Send([]byte("too late")), ErrPeerClosed)
	require.True(t, c.Ended())
	require.Zero(t, c.Written())
	s, err := c.AwaitEnd(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, s.Ended)
}

// What a peer sent before it closed is seen, also when a write finds the connection closed before the bytes are read:
// otherwise it would depend on the machine what a peer is judged by.
func TestFailedWriteDoesNotHideWhatCameBefore(t *testing.T) {
	c, peer := unreadPair(t, long)
	c.Expect([]byte("expected"))
	write(t, peer, []byte("expected, and stray"))
	require.NoError(t, peer.Close())
	require.ErrorIs(t, c.Send([]byte("too late")), ErrPeerClosed)
	c.Read()
	s, err := c.AwaitEnd(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(8), s.Matched)
	require.Equal(t, ", and stray", string(s.Stray))
}

func TestFailedWriteDoesNotHideTheExpected(t *testing.T) {
	c, peer := unreadPair(t, long)
	c.Expect([]byte("expected"))
	write(t, peer, []byte("expected"))
	require.NoError(t, peer.Close())
	require.ErrorIs(t, c.Send([]byte("too late")), ErrPeerClosed)
	c.Read()
	s, err := c.AwaitExpected(t.Context())
	require.NoError(t, err)
	require.Equal(t, s.Want, s.Matched)
}

// A peer that takes no more and has not closed is not closed: a write that fails does not make it so.
func TestPeerThatOnlyStopsReadingIsNotClosed(t *testing.T) {
	c, peer := pair(t, short)
	require.NoError(t, peer.CloseRead())
	require.ErrorIs(t, c.Send([]byte("refused")), ErrPeerClosed)
	require.True(t, c.Ended())
	s, err := c.AwaitEnd(t.Context())
	require.ErrorIs(t, err, ErrStalled)
	require.Empty(t, s.Ended)
}

func TestHalfClose(t *testing.T) {
	c, peer := pair(t, long)
	require.NoError(t, c.Send([]byte("last words")))
	require.NoError(t, c.HalfClose())
	got, err := io.ReadAll(peer)
	require.NoError(t, err)
	require.Equal(t, "last words", string(got))
	c.Expect([]byte("answer"))
	write(t, peer, []byte("answer"))
	require.NoError(t, peer.Close())
	s, err := c.AwaitEnd(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(6), s.Matched, "the other direction goes on")
}

func TestHalfCloseAfterThePeerHasClosed(t *testing.T) {
	c, peer := pair(t, long)
	require.NoError(t, peer.Close())
	_, err := c.AwaitEnd(t.Context())
	require.NoError(t, err)
	require.NoError(t, c.HalfClose())
	require.NoError(t, c.HalfClose())
}

func TestCloseTellsThePeer(t *testing.T) {
	c, peer := pair(t, long)
	c.Close()
	n, err := peer.Read(make([]byte, 1))
	require.Zero(t, n)
	require.ErrorIs(t, err, io.EOF)
	_, err = peer.Write([]byte("x"))
	require.ErrorIs(t, err, syscall.EPIPE)
}

// Bytes that nobody read make a close a reset at the other end.
func TestCloseWithUnreadBytesResets(t *testing.T) {
	c, peer := unreadPair(t, long)
	write(t, peer, pattern(5000))
	require.True(t, c.AwaitUnread())
	n, ok := c.Unread()
	require.True(t, ok)
	require.Equal(t, 5000, n)
	require.Zero(t, c.Snapshot().Got)
	c.Close()
	_, err := peer.Read(make([]byte, 1))
	require.ErrorIs(t, err, syscall.ECONNRESET)
	events := c.Transcript().Events
	require.Equal(t, report.Closed, events[len(events)-1].Direction)
	require.Equal(t, "5000 bytes left unread, a reset at the other end", events[len(events)-1].Note)
}

// What waited in the socket is there once reading begins.
func TestReadTakesWhatWaited(t *testing.T) {
	c, peer := unreadPair(t, long)
	c.Expect([]byte("waited"))
	write(t, peer, []byte("waited"))
	require.True(t, c.AwaitUnread())
	c.Read()
	c.Read()
	s, err := c.AwaitExpected(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(6), s.Matched)
}

func TestCloseAgainDoesNothing(t *testing.T) {
	for _, row := range []struct {
		name string
		pair func(testing.TB) *Conn
	}{
		{"reading", func(t testing.TB) *Conn { c, _ := pair(t, long); return c }},
		{"not reading", func(t testing.TB) *Conn { c, _ := unreadPair(t, long); return c }},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := row.pair(t)
			c.Close()
			c.Close()
			c.Read()
			closings := 0
			for _, e := range c.Transcript().Events {
				if e.Direction == "closed" {
					closings++
				}
			}
			require.Equal(t, 1, closings)
			require.Empty(t, c.Snapshot().Ended, "our own close is none of the peer's")
			require.Error(t, c.Send([]byte("x")))
		})
	}
}
