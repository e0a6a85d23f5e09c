package session_test

import (
	"context"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/session"
	"github.com/oizys-protocol/oizys/spec"
)

func TestDialAndListen(t *testing.T) {
	path := socketPath(t)
	l, err := session.Listen(path, session.Options{})
	require.NoError(t, err)
	require.Equal(t, path, l.Path())

	const sessions = 20
	var wg sync.WaitGroup
	for range sessions {
		wg.Go(func() {
			s, err := session.Dial(t.Context(), path, session.Options{})
			require.NoError(t, err)
			inbox := newInbox(t, s)
			send(t, s, "Hi")
			require.Equal(t, 2, <-inbox)
			s.Close()
			require.NoError(t, ended(t, s))
		})
		s, err := l.Accept()
		require.NoError(t, err)
		answer(t, s)
		defer func() { _ = ended(t, s) }()
	}
	wg.Wait()
	require.NoError(t, l.Close())
	_, err = l.Accept()
	require.ErrorIs(t, err, net.ErrClosed)
	_, err = os.Lstat(path)
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = session.Dial(t.Context(), path, session.Options{})
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestDialEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := session.Dial(ctx, socketPath(t), session.Options{})
	require.ErrorIs(t, err, context.Canceled)
}

// A server that accepts nothing for a while has a full queue: who dials waits, and is served later.
func TestDialWaitsForABusyServer(t *testing.T) {
	path := socketPath(t)
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	defer func() { _ = syscall.Close(fd) }()
	require.NoError(t, syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}))
	require.NoError(t, syscall.Listen(fd, 0)) // Queues one.
	first, err := session.Dial(t.Context(), path, session.Options{})
	require.NoError(t, err)
	defer first.Abort()

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = session.Dial(ctx, path, session.Options{})
	require.ErrorIs(t, err, context.DeadlineExceeded)

	var wg sync.WaitGroup
	wg.Go(func() {
		second, err := session.Dial(t.Context(), path, session.Options{})
		require.NoError(t, err)
		second.Abort()
	})
	for range 2 {
		conn, _, err := syscall.Accept(fd)
		require.NoError(t, err)
		defer func() { _ = syscall.Close(conn) }()
	}
	wg.Wait()
}

func TestPathsThatCannotBe(t *testing.T) {
	dir := filepath.Dir(socketPath(t))
	long := filepath.Join(dir, strings.Repeat("x", spec.MaxSocketPath-len(dir)-1))
	require.Len(t, long, spec.MaxSocketPath)
	l, err := session.Listen(long, session.Options{})
	require.NoError(t, err, "the longest path")
	s, err := session.Dial(t.Context(), long, session.Options{})
	require.NoError(t, err)
	s.Abort()
	require.NoError(t, l.Close())

	for path, want := range map[string]string{
		long + "x": "at most 107",
		"":         "empty",
	} {
		_, err = session.Listen(path, session.Options{})
		require.ErrorContains(t, err, want)
		_, err = session.Dial(t.Context(), path, session.Options{})
		require.ErrorContains(t, err, want)
	}
	_, err = session.Listen(filepath.Join(dir, "none", "s"), session.Options{})
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestListenTakesOverOnlyWhatNobodyServes(t *testing.T) {
	path := socketPath(t)
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	_, err = session.Listen(path, session.Options{})
	require.ErrorIs(t, err, session.ErrInUse)
	require.ErrorContains(t, err, path)

	dead.SetUnlinkOnClose(false)
	require.NoError(t, dead.Close())
	l, err := session.Listen(path, session.Options{})
	require.NoError(t, err, "the socket of a dead server")
	_, err = session.Listen(path, session.Options{})
	require.ErrorIs(t, err, session.ErrInUse)
	s, err := session.Dial(t.Context(), path, session.Options{})
	require.NoError(t, err, "the refused Listen left the socket alone")
	s.Abort()
	require.NoError(t, l.Close())
}

// Of many that find the same dead socket one gets it, and keeps it.
func TestListenersRaceForADeadSocket(t *testing.T) {
	for range 20 {
		path := socketPath(t)
		dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		require.NoError(t, err)
		dead.SetUnlinkOnClose(false)
		require.NoError(t, dead.Close())
		var wg sync.WaitGroup
		winners := make(chan *session.Listener, 8)
		for range cap(winners) {
			wg.Go(func() {
				l, err := session.Listen(path, session.Options{})
				if err != nil {
					require.ErrorIs(t, err, session.ErrInUse)
					return
				}
				winners <- l
			})
		}
		wg.Wait()
		require.Len(t, winners, 1)
		s, err := session.Dial(t.Context(), path, session.Options{})
		require.NoError(t, err)
		s.Abort()
		require.NoError(t, (<-winners).Close())
	}
}

func TestListenLeavesOtherFilesAlone(t *testing.T) {
	path := socketPath(t)
	require.NoError(t, os.WriteFile(path, []byte("precious"), 0o600))
	_, err := session.Listen(path, session.Options{})
	require.ErrorIs(t, err, session.ErrNotSocket)
	_, err = session.Listen(filepath.Dir(path), session.Options{})
	require.ErrorIs(t, err, session.ErrNotSocket)
	kept, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "precious", string(kept))

	link := path + "l"
	require.NoError(t, os.Symlink(path, link))
	_, err = session.Listen(link, session.Options{})
	require.ErrorIs(t, err, session.ErrNotSocket)
}

// A datagram socket cannot be served by us, and is not ours to remove.
func TestListenOnADatagramSocket(t *testing.T) {
	path := socketPath(t)
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	_, err = session.Listen(path, session.Options{})
	require.ErrorIs(t, err, syscall.EPROTOTYPE)
	_, err = os.Lstat(path)
	require.NoError(t, err)
}
