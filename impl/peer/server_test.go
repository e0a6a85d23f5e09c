package peer_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oizys-protocol/oizys/impl/peer"
	"github.com/oizys-protocol/oizys/impl/session"
	"github.com/oizys-protocol/oizys/impl/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// socketPath returns a path that is short enough and in a directory that goes away with the test.
func socketPath(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "oizys")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

// start runs a server until stop is called, which returns what Serve returned.
func start(t testing.TB, path string, opts peer.ServerOptions) (stop func() error) {
	t.Helper()
	ready, announce := io.Pipe()
	opts.Ready = announce
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error, 1)
	go func() {
		err := peer.Serve(ctx, path, opts)
		_ = announce.CloseWithError(io.ErrUnexpectedEOF)
		result <- err
	}()
	line := make([]byte, len("ready \n")+len(path))
	_, err := io.ReadFull(ready, line)
	require.NoError(t, err)
	require.Equal(t, "ready "+path+"\n", string(line))
	return func() error {
		cancel()
		return <-result
	}
}

func dial(t testing.TB, path string) *net.UnixConn {
	t.Helper()
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	return conn
}

// answers writes a stream, ends it, and returns all that comes back.
func answers(t testing.TB, path, stream string) string {
	t.Helper()
	conn := dial(t, path)
	defer func() { _ = conn.Close() }()
	go func() {
		_, _ = io.WriteString(conn, stream) // Fails when the server has seen an error and closed.
		_ = conn.CloseWrite()
	}()
	back, _ := io.ReadAll(conn) // A reset, behind all that came, if the server has left input unread.
	return string(back)
}

func TestEcho(t *testing.T) {
	path := socketPath(t)
	stop := start(t, path, peer.ServerOptions{})
	const hi, foo = "\x00\x00\x00\x02Hi", "\x00\x00\x00\x03foo"
	for name, c := range map[string]struct{ stream, want string }{
		"nothing":           {"", ""},
		"two messages":      {hi + foo, hi + foo},
		"reserved byte":     {hi + foo + "\x01\x00\x00\x01!" + hi, hi + foo},
		"empty message":     {hi + "\x00\x00\x00\x00" + hi, hi},
		"truncated header":  {hi + "\x00\x00", hi},
		"truncated content": {hi + "\x00\x00\x00\x03fo", hi},
		"many":              {strings.Repeat(hi+foo, 20_000), strings.Repeat(hi+foo, 20_000)},
	} {
		require.Equal(t, c.want, answers(t, path, c.stream), name)
	}
	require.NoError(t, stop())
	_, err := os.Lstat(path)
	require.ErrorIs(t, err, fs.ErrNotExist, "the socket is removed")
}

func TestEchoOfTheLongestMessage(t *testing.T) {
	path := socketPath(t)
	stop := start(t, path, peer.ServerOptions{})
	stream := make([]byte, 0, 2*(wire.MaxContentLen+wire.HeaderLen))
	for range 2 {
		var err error
		stream, err = wire.AppendHeader(stream, wire.MaxContentLen)
		require.NoError(t, err)
		for len(stream)%(wire.MaxContentLen+wire.HeaderLen) != 0 {
			n := min(1<<20, cap(stream)-len(stream), wire.MaxContentLen+wire.HeaderLen-len(stream)%(wire.MaxContentLen+wire.HeaderLen))
			stream = append(stream, bytes.Repeat([]byte{byte(len(stream) >> 18)}, n)...)
		}
	}
	require.True(t, string(stream) == answers(t, path, string(stream)))
	require.NoError(t, stop())
}

// A client that writes all before it reads anything gets everything, as long as it is not more than the bound.
func TestClientThatReadsLate(t *testing.T) {
	path := socketPath(t)
	stop := start(t, path, peer.ServerOptions{})
	conn := dial(t, path)
	message, err := wire.Append(nil, bytes.Repeat([]byte("0123456789"), 10_000))
	require.NoError(t, err)
	stream := bytes.Repeat(message, 200)
	_, err = conn.Write(stream)
	require.NoError(t, err)
	require.NoError(t, conn.CloseWrite())
	back, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.True(t, bytes.Equal(stream, back))
	require.NoError(t, conn.Close())
	require.NoError(t, stop())
}

// A client that never reads is kept from sending, costs no more than the bound, and does not hinder others or the end.
func TestClientThatNeverReads(t *testing.T) {
	path := socketPath(t)
	stop := start(t, path, peer.ServerOptions{MaxQueued: 1 << 20})
	conn := dial(t, path)
	message, err := wire.Append(nil, bytes.Repeat([]byte("0123456789"), 10_000))
	require.NoError(t, err)
	var sent atomic.Int64
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			n, err := conn.Write(message)
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	}()
	const hi = "\x00\x00\x00\x02Hi"
	for range 100 {
		require.Equal(t, hi, answers(t, path, hi))
	}
	// What it sends while the server stops is thrown away, and does not count.
	require.Less(t, sent.Load(), int64(16<<20), "far more than the bound and what the system holds")
	require.NoError(t, stop())
	<-ended
	require.NoError(t, conn.Close())
}

func TestConcurrentSessions(t *testing.T) {
	path := socketPath(t)
	stop := start(t, path, peer.ServerOptions{})
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			message, err := wire.Append(nil, bytes.Repeat([]byte{byte(i)}, 100*i+1))
			require.NoError(t, err)
			stream := strings.Repeat(string(message), 20)
			require.True(t, stream == answers(t, path, stream))
		})
	}
	wg.Wait()
	require.NoError(t, stop())
}

// After thousands of sessions that ended in all ways nothing is left of them: goleak checks the goroutines.
func TestNothingIsLeftOfSessions(t *testing.T) {
	path := socketPath(t)
	stop := start(t, path, peer.ServerOptions{})
	endings := []func(conn *net.UnixConn){
		func(conn *net.UnixConn) {},
		func(conn *net.UnixConn) { _, _ = io.WriteString(conn, "\x00\x00\x00\x02Hi") }, // Reset: the reply is unread.
		func(conn *net.UnixConn) { _, _ = io.WriteString(conn, "\x00\x00\x00\x02H") },
		func(conn *net.UnixConn) {
			_, _ = io.WriteString(conn, "\x01\x00\x00\x02Hi")
			_, _ = io.ReadAll(conn)
		},
		func(conn *net.UnixConn) { _ = conn.CloseRead(); _, _ = io.WriteString(conn, "\x00\x00\x00\x02Hi") },
	}
	run := func(n int) {
		for i := range n {
			conn := dial(t, path)
			endings[i%len(endings)](conn)
			require.NoError(t, conn.Close())
		}
		// What was sent last is answered when all before it has been accepted.
		require.NotEmpty(t, answers(t, path, "\x00\x00\x00\x02Hi"))
	}
	run(100)
	files, goroutines := descriptors(t), runtime.NumGoroutine()
	run(2000)
	for descriptors(t) > files+5 || runtime.NumGoroutine() > goroutines+5 {
		runtime.Gosched() // The last sessions are ending; one that never does shows as a test that never ends.
	}
	require.NoError(t, stop())
}

func descriptors(t testing.TB) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return len(entries)
}

func TestServeRefuses(t *testing.T) {
	path := socketPath(t)
	stop := start(t, path, peer.ServerOptions{})
	plain := path + "f"
	require.NoError(t, os.WriteFile(plain, nil, 0o600))
	for name, c := range map[string]struct {
		path string
		want error
	}{
		"in use":       {path, session.ErrInUse},
		"no socket":    {plain, session.ErrNotSocket},
		"no directory": {filepath.Join(plain+"none", "s"), fs.ErrNotExist},
	} {
		var ready bytes.Buffer
		require.ErrorIs(t, peer.Serve(t.Context(), c.path, peer.ServerOptions{Ready: &ready}), c.want, name)
		require.Empty(t, ready.String(), name)
	}
	require.ErrorContains(t, peer.Serve(t.Context(), path+strings.Repeat("x", 107), peer.ServerOptions{}), "107")
	require.NoError(t, stop())
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestServeThatCannotTell(t *testing.T) {
	path := socketPath(t)
	require.ErrorIs(t, peer.Serve(t.Context(), path, peer.ServerOptions{Ready: brokenWriter{}}), io.ErrClosedPipe)
	_, err := os.Lstat(path)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestServeEndsSessionsWithItsContext(t *testing.T) {
	path := socketPath(t)
	stop := start(t, path, peer.ServerOptions{})
	var conns []*net.UnixConn
	for range 10 {
		conn := dial(t, path)
		_, err := io.WriteString(conn, "\x00\x00\x00\x02Hi")
		require.NoError(t, err)
		_, err = io.ReadFull(conn, make([]byte, 6))
		require.NoError(t, err)
		conns = append(conns, conn)
	}
	require.NoError(t, stop())
	for _, conn := range conns {
		_, err := conn.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
		require.NoError(t, conn.Close())
	}
}
