package faulty

import (
	"errors"
	"io"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// drain reads and discards until the client has ended its side.
func (s *session) drain() {
	_, _ = io.Copy(io.Discard, s.conn)
}

// control runs use with the session's descriptor, unless the session's connection is closed.
func (s *session) control(use func(fd int)) {
	if raw, err := s.conn.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { use(int(fd)) })
	}
}

// peek returns what a read of one byte would return at this moment: 0 at the end of stream, -1 when it would wait.
func (s *session) peek() int {
	n := -1
	s.control(func(fd int) {
		n, _, _ = unix.Recvfrom(fd, make([]byte, 1), unix.MSG_PEEK|unix.MSG_DONTWAIT)
	})
	return n
}

// pending reports whether there is something to read at this moment.
func (s *session) pending() bool { return s.peek() > 0 }

// ended reports whether the client has shut down its side and all that it sent was read.
func (s *session) ended() bool { return s.peek() == 0 }

// awaitHangup reads nothing and waits until the client has closed the connection, both directions of it.
func (s *session) awaitHangup() {
	for gone := false; !gone; s.pause(20 * time.Millisecond) {
		gone = true
		s.control(func(fd int) {
			ask := []unix.PollFd{{Fd: int32(fd)}}
			_, _ = unix.Poll(ask, 0)
			gone = ask[0].Revents&unix.POLLHUP != 0
		})
	}
}

// writeOnce does one write that does not wait.
func (s *session) writeOnce(p []byte) (n int, err error) {
	err = unix.EBADF
	s.control(func(fd int) { n, err = unix.Write(fd, p) })
	return max(n, 0), err
}

// writeSome waits until the socket takes something, and does one write.
func (s *session) writeSome(p []byte) (n int, err error) {
	raw, err := s.conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	waited := raw.Write(func(fd uintptr) bool {
		n, err = unix.Write(int(fd), p)
		return !errors.Is(err, unix.EAGAIN)
	})
	if err == nil {
		err = waited
	}
	return max(n, 0), err
}

// spin reads at full speed from a stream that has ended, until the client has closed the connection. It does so behind
// all others that want a processor: what it takes away from the machine is no part of the fault.
func (s *session) spin() {
	runtime.LockOSThread() // for ever: the thread ends with the session
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, 19)
	hungUp := make(chan struct{})
	go func() {
		s.awaitHangup()
		close(hungUp)
	}()
	for {
		select {
		case <-hungUp:
			return
		default:
			_, _ = readOnce(s, make([]byte, 1))
		}
	}
}
