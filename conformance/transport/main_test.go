package transport

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// long is the patience of connections on which no wait is meant to come to its end, and the limit of the tests' own
// waits: far more than a busy machine takes.
const long = 30 * time.Second

// short is the patience of connections on which a wait is meant to come to its end.
const short = 30 * time.Millisecond

// listener is a server's end of which the test takes connections one by one.
type listener struct {
	t    testing.TB
	path string
	*net.UnixListener
}

func listen(t testing.TB) *listener {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	return &listener{t, path, l}
}

func (l *listener) accept() *net.UnixConn {
	l.t.Helper()
	peer, err := l.AcceptUnix()
	require.NoError(l.t, err)
	require.NoError(l.t, peer.SetDeadline(time.Now().Add(long)))
	l.t.Cleanup(func() { peer.Close() })
	return peer
}

// pair returns a connection that reads and the peer's end of it.
func pair(t testing.TB, patience time.Duration) (*Conn, *net.UnixConn) {
	t.Helper()
	return pairBy(t, Dial, patience)
}

// unreadPair returns a connection that does not read yet and the peer's end of it.
func unreadPair(t testing.TB, patience time.Duration) (*Conn, *net.UnixConn) {
	t.Helper()
	return pairBy(t, DialUnread, patience)
}

func pairBy(t testing.TB, dial func(context.Context, string, string, time.Duration) (*Conn, error), patience time.Duration) (*Conn, *net.UnixConn) {
	t.Helper()
	l := listen(t)
	c, err := dial(t.Context(), l.path, "session", patience)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c, l.accept()
}

func write(t testing.TB, peer io.Writer, b []byte) {
	t.Helper()
	n, err := peer.Write(b)
	require.NoError(t, err)
	require.Len(t, b, n)
}

// pattern is n bytes of which neighbours differ.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return b
}
