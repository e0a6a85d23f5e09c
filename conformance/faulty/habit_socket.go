package faulty

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// closer makes a function something to keep until the server ends.
type closer func()

// Close calls the function.
func (c closer) Close() error {
	c()
	return nil
}

// Servers that use the socket, or its file, in ways of their own.
func socketHabits() []Fault {
	return []Fault{
		{
			Name:        "reads-ahead",
			Description: "Each read takes what there is, up to 64 KiB, and messages are cut out of that.",
			mutate:      withInbox(func(s *session, in *inbox) error { return in.echoNext(s) }),
		},
		{
			Name:        "waits-for-all",
			Description: "Headers and content are read by blocking calls with MSG_WAITALL.",
			mutate:      eachSession(waitForAll),
		},
		{
			Name:        "polls",
			Description: "The socket is asked every millisecond whether there is something to read.",
			mutate:      whenIdle(time.Millisecond, func(*session) error { return nil }),
		},
		{
			Name:        "tiny-buffers",
			Description: "The socket's buffers are as small as the system allows.",
			mutate: eachSession(func(s *session) {
				_ = s.conn.SetReadBuffer(1)
				_ = s.conn.SetWriteBuffer(1)
			}),
		},
		{
			Name:        "lingers",
			Description: "SO_LINGER is set to 1 s, which means nothing to a Unix socket.",
			mutate: eachSession(func(s *session) {
				s.control(func(fd int) {
					_ = unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1, Linger: 1})
				})
			}),
		},
		{
			Name:        "small-backlog",
			Description: "At most one connection waits to be accepted: listen(fd, 1).",
			mutate: func(do *hooks) {
				do.listen = func(srv *server) (*net.UnixListener, error) {
					l, err := listen(srv)
					if err != nil {
						return nil, err
					}
					raw, err := l.SyscallConn()
					if err != nil {
						return nil, err
					}
					return l, raw.Control(func(fd uintptr) { _ = unix.Listen(int(fd), 1) })
				}
			},
		},
		{
			Name:        "symbolic-link",
			Description: "The socket's path is a symbolic link to where the server listens.",
			mutate: func(do *hooks) {
				do.listen = func(srv *server) (*net.UnixListener, error) {
					l, err := listenAt(beside(srv.socket))
					if err != nil {
						return nil, err
					}
					srv.keep(closer(func() { os.Remove(srv.socket) }))
					return l, os.Symlink(beside(srv.socket), srv.socket)
				}
			},
		},
		{
			Name:        "socket-made-anew",
			Description: "100 ms after its start the server puts a new socket file in the old one's place, and serves both.",
			mutate: func(do *hooks) {
				do.listen = func(srv *server) (*net.UnixListener, error) {
					l, err := listen(srv)
					if err == nil {
						l.SetUnlinkOnClose(false)
						srv.running.Go(func() { srv.replaceSocket() })
					}
					return l, err
				}
			},
		},
	}
}

// beside returns another path in the directory of socket that is not longer, so that it fits into an address, too.
func beside(socket string) string {
	dir, name := filepath.Split(socket)
	return dir + "," + name[1:]
}

func listenAt(path string) (*net.UnixListener, error) {
	return net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
}

// replaceSocket makes a second socket, moves it to the first one's path and serves it.
func (srv *server) replaceSocket() {
	srv.keep(closer(func() { os.Remove(srv.socket) }))
	srv.pause(100 * time.Millisecond)
	if srv.ctx.Err() != nil {
		return
	}
	second, err := listenAt(beside(srv.socket))
	if err != nil {
		return
	}
	second.SetUnlinkOnClose(false)
	if os.Rename(beside(srv.socket), srv.socket) != nil {
		second.Close()
		return
	}
	srv.running.Go(func() {
		<-srv.ctx.Done()
		second.Close()
	})
	_ = srv.accept(second)
}

// waitForAll makes the session read by blocking calls that return when all is there or the stream has ended.
func waitForAll(s *session) {
	file, err := s.conn.File()
	if err != nil {
		return
	}
	fd := int(file.Fd())
	_ = unix.SetNonblock(fd, false)
	s.do.read = func(_ *session, p []byte) (int, error) {
		for {
			n, _, err := unix.Recvfrom(fd, p, unix.MSG_WAITALL)
			switch {
			case err == unix.EINTR:
				continue
			case err == nil && n == 0:
				err = io.EOF
			}
			return max(n, 0), err
		}
	}
	end := s.do.close
	s.do.close = func(s *session) {
		file.Close()
		end(s)
	}
}
