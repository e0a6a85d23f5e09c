package session

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Errors of Listen; compare with [errors.Is].
var (
	// ErrInUse is returned for a socket that someone serves.
	ErrInUse = errors.New("someone serves this socket")
	// ErrNotSocket is returned for a path where something other than a socket is.
	ErrNotSocket = errors.New("not a socket")
)

// Listener accepts sessions on a Unix socket.
type Listener struct {
	net  *net.UnixListener
	opts Options
}

// Listen makes a Unix socket at path and listens on it. A socket that is there but that nobody serves, left behind by a
// program that died, is replaced; one that someone serves is not: [ErrInUse]. Nor is anything else at path:
// [ErrNotSocket].
func Listen(path string, opts Options) (*Listener, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	defer lockDirectory(filepath.Dir(path))()
	if err := removeStale(path); err != nil {
		return nil, err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%w: %s", ErrInUse, path)
	}
	if err != nil {
		return nil, err
	}
	return &Listener{net: l, opts: opts}, nil
}

// Accept waits for the next connection and returns a session over it, which like that of New reads nothing yet. It
// returns [net.ErrClosed] once the listener is closed. After other errors it may be called again, see [net.Listener].
func (l *Listener) Accept() (*Session, error) {
	conn, err := l.net.AcceptUnix()
	if err != nil {
		return nil, err
	}
	return New(conn, l.opts), nil
}

// Close stops listening and removes the socket. Sessions that were accepted go on.
func (l *Listener) Close() error { return l.net.Close() }

// Path returns the socket's path.
func (l *Listener) Path() string { return l.net.Addr().String() }

func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // If it is the directory that is missing, listening says so.
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("%w: %s", ErrNotSocket, path)
	}
	conn, err := net.Dial("unix", path)
	switch {
	case err == nil:
		_ = conn.Close()
		return fmt.Errorf("%w: %s", ErrInUse, path)
	case errors.Is(err, syscall.ECONNREFUSED):
		return os.Remove(path)
	case errors.Is(err, syscall.EAGAIN): // Its backlog is full: served, if slowly.
		return fmt.Errorf("%w: %s", ErrInUse, path)
	}
	return err
}

// lockDirectory keeps two that find the same dead socket from removing it one after the other, and with it the socket
// that the first has made meanwhile. It returns what ends the lock. The lock is a courtesy: if it cannot be had, because
// the directory cannot be read or a stranger holds it, things go on without.
func lockDirectory(dir string) (unlock func()) {
	const tries, pause = 100, 10 * time.Millisecond
	f, err := os.Open(dir)
	if err != nil {
		return func() {}
	}
	for range tries {
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != syscall.EWOULDBLOCK {
			break
		}
		time.Sleep(pause)
	}
	return func() { _ = f.Close() }
}
