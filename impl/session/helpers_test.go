package session_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oizys-protocol/oizys/impl/session"
	"github.com/oizys-protocol/oizys/impl/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder keeps what a session's handlers were called with.
type recorder struct {
	mu       sync.Mutex
	messages [][]byte
	closes   []error
	late     int // Messages after the close handler.
}

// record sets both handlers of a session.
func record(t testing.TB, s *session.Session) *recorder {
	t.Helper()
	r := &recorder{}
	require.NoError(t, s.OnClose(r.onClose))
	require.NoError(t, s.OnMessage(r.onMessage))
	return r
}

func (r *recorder) onMessage(content []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.messages = append(r.messages, bytes.Clone(content))
	if len(r.closes) > 0 {
		r.late++
	}
}

func (r *recorder) onClose(cause error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closes = append(r.closes, cause)
}

func (r *recorder) texts() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	texts := make([]string, len(r.messages))
	for i, m := range r.messages {
		texts[i] = string(m)
	}
	return texts
}

// cause returns what the close handler was given, having checked that it ran once and that nothing came after it.
func (r *recorder) cause(t testing.TB) error {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	require.Len(t, r.closes, 1, "runs of the close handler")
	require.Zero(t, r.late, "messages after the close handler")
	return r.closes[0]
}

func (r *recorder) open(t testing.TB) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	require.Empty(t, r.closes)
}

// opaque hides what a connection is, so that a session can only use it as a net.Conn.
type opaque struct{ net.Conn }

// transports are the kinds of connections that a session treats differently.
func transports() map[string]func(testing.TB, session.Options) (*session.Session, *net.UnixConn) {
	return map[string]func(testing.TB, session.Options) (*session.Session, *net.UnixConn){
		"socket": func(t testing.TB, opts session.Options) (*session.Session, *net.UnixConn) {
			a, b := sockets(t)
			return session.New(a, opts), b
		},
		"conn": func(t testing.TB, opts session.Options) (*session.Session, *net.UnixConn) {
			a, b := sockets(t)
			return session.New(opaque{a}, opts), b
		},
	}
}

// overTransports runs a test over each kind of connection, with a session and the peer's end.
func overTransports(t *testing.T, opts session.Options, test func(t *testing.T, s *session.Session, peer *net.UnixConn)) {
	t.Helper()
	for name, make := range transports() {
		t.Run(name, func(t *testing.T) {
			s, peer := make(t, opts)
			defer func() { _ = ended(t, s) }()
			defer s.Abort()
			defer func() { _ = peer.Close() }()
			test(t, s, peer)
		})
	}
}

// sockets returns the two ends of a connection over a Unix socket.
func sockets(t testing.TB) (a, b *net.UnixConn) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socketPath(t), Net: "unix"})
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	a, err = net.DialUnix("unix", nil, l.Addr().(*net.UnixAddr))
	require.NoError(t, err)
	b, err = l.AcceptUnix()
	require.NoError(t, err)
	return a, b
}

// socketPath returns a path that is short enough and in a directory that goes away with the test.
func socketPath(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "oizys")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

// ended waits for the end of a session and returns its cause.
func ended(t testing.TB, s *session.Session) error {
	t.Helper()
	<-s.Done() // A session that never ends shows as the goroutines of a test that timed out.
	return s.Err()
}

func encode(t testing.TB, contents ...string) []byte {
	t.Helper()
	var stream []byte
	for _, content := range contents {
		var err error
		stream, err = wire.Append(stream, []byte(content))
		require.NoError(t, err)
	}
	return stream
}

func write(t testing.TB, conn net.Conn, p []byte) {
	t.Helper()
	n, err := conn.Write(p)
	require.NoError(t, err)
	require.Len(t, p, n)
}

// read returns the next n messages from a peer's connection.
func read(t testing.TB, r *wire.Reader, n int) []string {
	t.Helper()
	var texts []string
	for range n {
		content, err := r.Next()
		require.NoError(t, err)
		texts = append(texts, string(content))
	}
	return texts
}

// readAll returns the messages until the stream ends between messages.
func readAll(t testing.TB, conn io.Reader) []string {
	t.Helper()
	var texts []string
	r := wire.NewReader(conn, 0)
	for {
		content, err := r.Next()
		if err != nil {
			require.ErrorIs(t, err, io.EOF)
			return texts
		}
		texts = append(texts, string(content))
	}
}

func numbered(n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("message %d", i)
	}
	return texts
}

// pattern returns bytes in which every position differs from its neighbours and from those a power of two away.
func pattern(n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i ^ i>>8*31 ^ i>>16*17)
	}
	return p
}
