package peer_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/peer"
	"github.com/oizys-protocol/oizys/impl/wire"
)

// serveOnce is a server for one client: it reads one message, writes reply, and closes. It returns what it read.
func serveOnce(t *testing.T, path, reply string) <-chan string {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	got := make(chan string, 1)
	go func() {
		defer func() { _ = l.Close() }()
		conn, err := l.Accept()
		if err != nil {
			close(got)
			return
		}
		content, _ := wire.NewReader(conn, 0).Next()
		_, _ = io.WriteString(conn, reply)
		_ = conn.Close()
		got <- string(content)
	}()
	return got
}

func TestClient(t *testing.T) {
	long, err := wire.Append(nil, bytes.Repeat([]byte("x"), 1<<20))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		reply, out string
		want       error
	}{
		"reply":             {reply: "\x00\x00\x00\x03foo", out: "foo\n"},
		"binary reply":      {reply: "\x00\x00\x00\x03\x00\n\xff", out: "\x00\n\xff\n"},
		"long reply":        {reply: string(long), out: strings.Repeat("x", 1<<20) + "\n"},
		"two replies":       {reply: "\x00\x00\x00\x03foo\x00\x00\x00\x03bar", out: "foo\n"},
		"garbage behind":    {reply: "\x00\x00\x00\x03foo\xff\xff\xff\xff", out: "foo\n"},
		"no reply":          {want: io.EOF},
		"empty reply":       {reply: "\x00\x00\x00\x00", want: wire.ErrEmpty},
		"reserved byte":     {reply: "\x01\x00\x00\x03foo", want: wire.ErrReserved},
		"truncated header":  {reply: "\x00\x00", want: wire.ErrTruncatedHeader},
		"truncated content": {reply: "\x00\x00\x00\x03fo", want: wire.ErrTruncatedContent},
	} {
		path := socketPath(t)
		got := serveOnce(t, path, c.reply)
		var out bytes.Buffer
		err := peer.RunClient(t.Context(), path, []byte("Hi"), &out)
		require.ErrorIs(t, err, c.want, name)
		require.Equal(t, c.out, out.String(), name)
		require.Equal(t, "Hi", <-got, name)
	}
}

func TestClientAgainstTheServer(t *testing.T) {
	path := socketPath(t)
	stop := start(t, path, peer.ServerOptions{})
	for _, message := range []string{"Hi", "\x00", "\n", strings.Repeat("long", 1<<18)} {
		var out bytes.Buffer
		require.NoError(t, peer.RunClient(t.Context(), path, []byte(message), &out))
		require.Equal(t, message+"\n", out.String())
	}
	require.NoError(t, stop())
}

func TestClientRefuses(t *testing.T) {
	var out bytes.Buffer
	nowhere := socketPath(t)
	require.ErrorIs(t, peer.RunClient(t.Context(), nowhere, nil, &out), wire.ErrEmpty)
	require.ErrorIs(t, peer.RunClient(t.Context(), nowhere, make([]byte, wire.MaxContentLen+1), &out), wire.ErrTooLong)
	require.ErrorIs(t, peer.RunClient(t.Context(), nowhere, []byte("Hi"), &out), fs.ErrNotExist)
	require.ErrorContains(t, peer.RunClient(t.Context(), nowhere+strings.Repeat("x", 107), []byte("Hi"), &out), "107")
	require.Zero(t, out.Len())
}

func TestClientEndsWithItsContext(t *testing.T) {
	path := socketPath(t)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		conn, _ := l.Accept()
		_, _ = wire.NewReader(conn, 0).Next()
		cancel() // Instead of replying.
	}()
	var out bytes.Buffer
	require.ErrorIs(t, peer.RunClient(ctx, path, []byte("Hi"), &out), context.Canceled)
	require.Zero(t, out.Len())
}

func TestClientWhoseOutputFails(t *testing.T) {
	path := socketPath(t)
	got := serveOnce(t, path, "\x00\x00\x00\x03foo")
	require.ErrorIs(t, peer.RunClient(t.Context(), path, []byte("Hi"), brokenWriter{}), io.ErrClosedPipe)
	<-got
}
