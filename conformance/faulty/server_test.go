package faulty

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oizys-protocol/oizys/spec"
)

// dial connects to a server as soon as it listens, and gives up on everything after a minute.
func dial(t testing.TB, socket string) (conn *net.UnixConn) {
	t.Helper()
	require.Eventually(t, func() (listens bool) {
		var err error
		conn, err = net.DialUnix("unix", nil, &net.UnixAddr{Name: socket, Net: "unix"})
		return err == nil
	}, time.Minute, time.Millisecond)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(time.Minute)))
	return conn
}

func frame(content []byte) []byte { return append(headerOf(len(content)), content...) }

// serve runs a server in this process until the test ends, and returns its socket.
func serve(t *testing.T, name string) string {
	t.Helper()
	socket, end := serveUntil(t, name)
	t.Cleanup(func() { require.NoError(t, end()) })
	return socket
}

// serveUntil runs a server in this process, and returns its socket and a function that ends it.
func serveUntil(t *testing.T, name string) (socket string, end func() error) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "s")
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error, 1)
	go func() { result <- Serve(ctx, socket, name, io.Discard) }()
	return socket, func() error {
		cancel()
		return <-result
	}
}

func TestCorrectServerEchoes(t *testing.T) {
	long := make([]byte, spec.MaxContentLen)
	for i := range long {
		long[i] = byte(i ^ i>>8 ^ i>>16)
	}
	for _, row := range []struct {
		name    string
		content []byte
	}{
		{"one byte", []byte{0}},
		{"text", []byte("Hi")},
		{"64 KiB", long[:1<<16]},
		{"longest", long},
	} {
		t.Run(row.name, func(t *testing.T) {
			conn := dial(t, serve(t, "none"))
			go func() { _, _ = conn.Write(frame(row.content)) }()
			got := make([]byte, spec.HeaderLen+len(row.content))
			_, err := io.ReadFull(conn, got)
			require.NoError(t, err)
			require.True(t, bytes.Equal(frame(row.content), got))
		})
	}
}

func TestCorrectServerJoinsPieces(t *testing.T) {
	conn := dial(t, serve(t, ""))
	sent := append(frame([]byte("first")), frame([]byte("second"))...)
	for i := range sent {
		_, err := conn.Write(sent[i : i+1])
		require.NoError(t, err)
	}
	got := make([]byte, len(sent))
	_, err := io.ReadFull(conn, got)
	require.NoError(t, err)
	require.Equal(t, sent, got)
}

func TestCorrectServerClosesOnErrors(t *testing.T) {
	for _, row := range []struct {
		name string
		sent []byte
	}{
		{"empty", []byte{0, 0, 0, 0}},
		{"reserved", []byte{1, 0, 0, 1, 'x'}},
		{"end of stream", nil},
		{"truncated header", []byte{0, 0}},
		{"truncated content", []byte{0, 0, 0, 2, 'x'}},
	} {
		t.Run(row.name, func(t *testing.T) {
			conn := dial(t, serve(t, "none"))
			_, err := conn.Write(row.sent)
			require.NoError(t, err)
			require.NoError(t, conn.CloseWrite())
			got, _ := io.ReadAll(conn)
			require.Empty(t, got)
		})
	}
}

// TestServeEndsCleanly asks every server that can live in this process to end while sessions are open.
func TestServeEndsCleanly(t *testing.T) {
	elsewhere := []string{
		"no-descriptors-ends-accepting", "process-per-session", "prefork", "daemonises", "ignores-sigterm",
		"closes-stdout", "noisy-stderr", "starts-late",
	}
	for _, f := range append([]Fault{{Name: "none"}}, append(Faults(spec.Server), Habits(spec.Server)...)...) {
		if f.Class == Crash || slices.Contains(elsewhere, f.Name) {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			socket, end := serveUntil(t, f.Name)
			for _, sent := range [][]byte{frame([]byte("Hi")), {0, 0}, {0, 0, 0, 9, 'x'}, {0, 0, 0, 0}} {
				conn := dial(t, socket)
				_, _ = conn.Write(sent)
			}
			require.NoError(t, end())
			_, err := os.Lstat(socket)
			require.ErrorIs(t, err, os.ErrNotExist, "the socket is left")
		})
	}
}

func TestUnknownNameIsAnError(t *testing.T) {
	require.Error(t, Serve(t.Context(), filepath.Join(t.TempDir(), "s"), "no-such-fault", io.Discard))
}
