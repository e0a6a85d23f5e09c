package session_test

import (
	"net"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/session"
	"github.com/oizys-protocol/oizys/impl/wire"
)

// interleaved returns a session whose first write without blocking takes only so many bytes, and during which meanwhile
// is called; and the peer's end of it.
func interleaved(takes int, meanwhile func(s *session.Session)) (*session.Session, net.Conn) {
	conn, peer := net.Pipe()
	start := &prefixed{Conn: peer}
	var s *session.Session
	first := true
	s = session.NewNonBlocking(conn, func(p []byte) int {
		if !first {
			return 0 // Left to the writer's goroutine.
		}
		first = false
		meanwhile(s)
		start.head = append(start.head, p[:takes]...)
		return takes
	}, session.Options{})
	return s, start
}

// What the socket did not take goes out before what was sent while it was written, and before what comes later.
func TestRestOfAWriteKeepsItsPlace(t *testing.T) {
	const size = wire.HeaderLen + len("first")
	for takes := range size {
		for _, behind := range []int{0, 1, 3} {
			synctest.Test(t, func(t *testing.T) {
				want := append([]string{"first"}, numbered(behind)...)
				s, peer := interleaved(takes, func(s *session.Session) {
					for _, text := range want[1:] {
						send(t, s, text)
					}
				})
				require.Equal(t, 1, send(t, s, "first"))
				require.Equal(t, len(want)+1, send(t, s, "last"))
				require.Equal(t, append(want, "last"), read(t, wire.NewReader(peer, 0), len(want)+1), "%d bytes taken", takes)
				s.Abort()
				<-s.Done()
				require.NoError(t, peer.Close())
			})
		}
	}
}

// What is sent while the last write is under way goes out although nothing else happens on the session.
func TestSentDuringAWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, peer := interleaved(wire.HeaderLen+len("first"), func(s *session.Session) { send(t, s, "second") })
		send(t, s, "first")
		require.Equal(t, []string{"first", "second"}, read(t, wire.NewReader(peer, 0), 2))
		s.Abort()
		<-s.Done()
		require.NoError(t, peer.Close())
	})
}
