package suite

import (
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// hungUp reports whether the other side has closed the connection, both ways.
func hungUp(raw syscall.RawConn) bool {
	gone := true
	_ = raw.Control(func(fd uintptr) { // an error means that our own side is closed
		poll := []unix.PollFd{{Fd: int32(fd)}}
		n, err := unix.Poll(poll, 0)
		gone = err == nil && n > 0 && poll[0].Revents&unix.POLLHUP != 0
	})
	return gone
}

// waitForClose holds a connection whose stream has ended until the other side closes it.
func waitForClose(c *net.UnixConn) {
	raw, err := c.SyscallConn()
	if err != nil {
		return
	}
	for begin := time.Now(); !hungUp(raw) && time.Since(begin) < long; time.Sleep(time.Millisecond) {
	}
}
