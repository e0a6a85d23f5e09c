package faulty

import (
	"bytes"
	"context"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/spec"
)

// dial connects to a server and gives up on everything after ten seconds.
func dial(t testing.TB, socket string) *net.UnixConn {
	t.Helper()
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: socket, Net: "unix"})
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	return conn
}

func frame(content []byte) []byte { return append(headerOf(len(content)), content...) }

// serve runs a server in this process and returns its socket.
func serve(t *testing.T, name string) string {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := io.Pipe()
	result := make(chan error, 1)
	go func() { result <- Serve(ctx, socket, name, ended) }()
	line := make([]byte, len("ready\n"))
	_, err := io.ReadFull(ready, line)
	require.NoError(t, err)
	require.Equal(t, "ready\n", string(line))
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-result)
	})
	return socket
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

func TestUnknownNameIsAnError(t *testing.T) {
	require.Error(t, Serve(t.Context(), filepath.Join(t.TempDir(), "s"), "no-such-fault", io.Discard))
}
