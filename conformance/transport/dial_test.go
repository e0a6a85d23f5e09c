package transport

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/spec"
)

func TestDialErrors(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	require.NoError(t, os.WriteFile(plain, nil, 0o600))
	left := filepath.Join(dir, "left")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: left, Net: "unix"})
	require.NoError(t, err)
	l.SetUnlinkOnClose(false)
	require.NoError(t, l.Close())
	for _, row := range []struct {
		name, path string
		is         error
	}{
		{"nothing there", filepath.Join(dir, "absent"), syscall.ENOENT},
		{"no socket", plain, syscall.ECONNREFUSED},
		{"left behind by a dead server", left, syscall.ECONNREFUSED},
	} {
		t.Run(row.name, func(t *testing.T) {
			c, err := Dial(t.Context(), row.path, "session", long)
			require.ErrorIs(t, err, row.is)
			require.Nil(t, c)
		})
	}
}

func TestDialRefusesALongPath(t *testing.T) {
	path := "/" + strings.Repeat("x", spec.MaxSocketPath)
	_, err := Dial(t.Context(), path, "session", long)
	require.ErrorContains(t, err, "has 108 bytes")
	require.ErrorContains(t, err, "at most 107")
	_, err = Dial(t.Context(), path[:spec.MaxSocketPath], "session", long)
	require.ErrorIs(t, err, syscall.ENOENT, "107 bytes fit")
}

// full makes a server whose queue of connections takes one, and fills it.
func full(t *testing.T) (path string, listener int) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "s")
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	t.Cleanup(func() { syscall.Close(fd) })
	require.NoError(t, syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}))
	require.NoError(t, syscall.Listen(fd, 0))
	c, err := DialUnread(t.Context(), path, "fills the queue", long)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return path, fd
}

func TestDialGivesUpOnAFullQueue(t *testing.T) {
	path, _ := full(t)
	_, err := Dial(t.Context(), path, "session", short)
	require.ErrorIs(t, err, syscall.EAGAIN)
}

func TestDialAtAFullQueueEndsWithItsContext(t *testing.T) {
	path, _ := full(t)
	ctx, cancel := context.WithTimeout(t.Context(), short)
	defer cancel()
	_, err := Dial(ctx, path, "session", long)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestDialWaitsWhileTheQueueIsFull(t *testing.T) {
	path, fd := full(t)
	accepted := make(chan error, 1)
	time.AfterFunc(short, func() {
		peer, _, err := syscall.Accept(fd)
		if err == nil {
			err = syscall.Close(peer)
		}
		accepted <- err
	})
	c, err := Dial(t.Context(), path, "session", long)
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, <-accepted)
}

func TestPeerPID(t *testing.T) {
	c, _ := pair(t, long)
	pid, ok := c.PeerPID()
	require.True(t, ok)
	require.Equal(t, os.Getpid(), pid)
	c.Close()
	_, ok = c.PeerPID()
	require.False(t, ok, "a closed connection has no peer")
	_, ok = c.Untaken()
	require.False(t, ok)
	_, ok = c.Unread()
	require.False(t, ok)
	require.False(t, c.AwaitTaken())
	require.False(t, c.AwaitUnread())
}
