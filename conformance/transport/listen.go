package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/oizys-protocol/oizys/spec"
)

// ErrNobody is returned when nobody connected for as long as was waited, or ever will.
var ErrNobody = errors.New("nobody connected")

// Listener takes connections of a client under test. It is used by one goroutine at a time.
type Listener struct {
	sock *net.UnixListener
	path string
}

// Listen begins to listen at path. The error says that path has more than [spec.MaxSocketPath] bytes, or is the system's, as
// when something is there already.
func Listen(path string) (*Listener, error) {
	if len(path) > spec.MaxSocketPath {
		return nil, fmt.Errorf("socket path %q has %d bytes; a Unix socket's path holds at most %d", path, len(path), spec.MaxSocketPath)
	}
	sock, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	return &Listener{sock: sock, path: path}, nil
}

// Keep leaves the socket's file where it is when the listener is closed, for those who remove its folder in the end. On
// some file systems, ext4 among them, a new file is slow to make where many were just removed.
func (l *Listener) Keep() { l.sock.SetUnlinkOnClose(false) }

// Accept returns the next connection, whose incoming bytes stay in the socket until Read is called. It waits for as long as
// patience, which is the connection's later on, or until gone is closed: then, connections that were made before are still
// returned, and ErrNobody behind the last. When the context is done the error is the context's; any other is the system's.
func (l *Listener) Accept(ctx context.Context, gone <-chan struct{}, name string, patience time.Duration) (*Conn, error) {
	sock, err := l.accept(ctx, gone, patience)
	if err != nil {
		return nil, err
	}
	return newConn(sock, name, patience), nil
}

func (l *Listener) accept(ctx context.Context, gone <-chan struct{}, patience time.Duration) (*net.UnixConn, error) {
	if err := l.sock.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	stop := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-ctx.Done():
		case <-gone:
		case <-stop:
			return
		}
		_ = l.sock.SetDeadline(time.Unix(1, 0)) // wakes Accept; the socket is open, so it cannot fail
	}()
	sock, err := l.sock.AcceptUnix()
	close(stop)
	<-watched
	switch {
	case err == nil:
		return sock, nil
	case !errors.Is(err, os.ErrDeadlineExceeded):
		return nil, err
	case ctx.Err() != nil:
		return nil, ctx.Err()
	default:
		return l.waiting()
	}
}

// waiting returns a connection that has been made already.
func (l *Listener) waiting() (*net.UnixConn, error) {
	raw, err := l.sock.SyscallConn()
	if err != nil {
		return nil, err
	}
	fd := -1
	var failed error
	if err := raw.Control(func(listener uintptr) {
		fd, _, failed = unix.Accept4(int(listener), unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
	}); err != nil {
		return nil, err
	}
	switch {
	case errors.Is(failed, unix.EAGAIN):
		return nil, ErrNobody
	case failed != nil:
		return nil, os.NewSyscallError("accept", failed)
	}
	file := os.NewFile(uintptr(fd), l.path)
	defer file.Close()
	sock, err := net.FileConn(file)
	if err != nil {
		return nil, err
	}
	return sock.(*net.UnixConn), nil
}

// Close stops listening and removes the socket, unless Keep was called. Connections that were taken stay.
func (l *Listener) Close() { l.sock.Close() }
