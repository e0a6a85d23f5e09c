package transport

import (
	"context"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// Untaken returns how many bytes (with the kernel's overhead) were sent and not yet read by the peer: 0 means that the
// peer has read them all. It is false where the system cannot tell.
func (c *Conn) Untaken() (int, bool) { return c.ioctl(unix.SIOCOUTQ) }

// Unread returns how many bytes from the peer wait in the socket, unread. It is false where the system cannot tell.
func (c *Conn) Unread() (int, bool) { return c.ioctl(unix.SIOCINQ) }

// AwaitUnread waits until bytes from the peer lie unread in the socket, and reports whether they were seen to. It waits
// for at most the connection's patience.
func (c *Conn) AwaitUnread() bool {
	return c.poll(func() (bool, bool) {
		n, ok := c.Unread()
		return n > 0, ok
	})
}

// AwaitUnreadBytes waits until at least n bytes from the peer lie unread in the socket, and reports whether they were seen
// to. It waits for at most the connection's patience, and no longer than until the peer has closed the connection both ways.
func (c *Conn) AwaitUnreadBytes(n int) bool {
	return c.poll(func() (bool, bool) {
		gone := c.gone() // before its bytes are counted: it sends none afterwards
		lie, ok := c.Unread()
		return lie >= n, ok && (lie >= n || !gone)
	})
}

// AwaitTaken waits until the peer has read all that was sent, and reports whether it was seen to. It waits for at most
// the connection's patience.
func (c *Conn) AwaitTaken() bool {
	return c.poll(func() (bool, bool) {
		n, ok := c.Untaken()
		return n == 0, ok
	})
}

// poll asks until the answer is yes, the question cannot be asked, the peer has closed or patience is at an end.
func (c *Conn) poll(ask func() (yes, ok bool)) bool {
	begin := time.Now()
	for pause := time.Duration(0); ; pause = min(pause+5*time.Microsecond, time.Millisecond) {
		yes, ok := ask()
		if yes || !ok {
			return yes && ok
		}
		if c.Ended() || time.Since(begin) > c.patience {
			return false
		}
		yield(pause)
	}
}

// AwaitGone waits until the peer has closed the connection both ways, and reports whether it was seen to: an end of stream
// alone may be that of its writing side. It waits for at most the connection's patience, and for as long as the peer waits
// for its turn. A connection that cannot be looked at counts as gone.
func (c *Conn) AwaitGone(ctx context.Context) bool {
	gone := c.awaitGone(ctx)
	c.tape.gone(gone)
	return gone
}

func (c *Conn) awaitGone(ctx context.Context) bool {
	begin, extensions := time.Now(), 0
	for pause := time.Duration(0); !c.gone(); pause = min(pause+5*time.Microsecond, time.Millisecond) {
		if ctx.Err() != nil {
			return false
		}
		if time.Since(begin) > c.patience {
			if !c.extend(extensions) {
				return false
			}
			extensions++
			begin = time.Now()
		}
		yield(pause)
	}
	return true
}

// gone reports whether nothing can go either way any more.
func (c *Conn) gone() bool {
	raw, err := c.sock.SyscallConn()
	if err != nil {
		return true
	}
	gone := true
	_ = raw.Control(func(fd uintptr) { // an error means that our own end is closed
		poll := []unix.PollFd{{Fd: int32(fd)}}
		if _, err := unix.Poll(poll, 0); err == nil {
			gone = poll[0].Revents&unix.POLLHUP != 0
		}
	})
	return gone
}

// PeerPID returns the process that listened on the socket when the connection was made. It is false where the system
// cannot tell.
func (c *Conn) PeerPID() (int, bool) {
	raw, err := c.sock.SyscallConn()
	if err != nil {
		return 0, false
	}
	var cred *unix.Ucred
	var failed error
	if err := raw.Control(func(fd uintptr) { cred, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); err != nil || failed != nil {
		return 0, false
	}
	return int(cred.Pid), true
}

func (c *Conn) ioctl(request uint) (int, bool) {
	raw, err := c.sock.SyscallConn()
	if err != nil {
		return 0, false
	}
	var n int
	var failed error
	if err := raw.Control(func(fd uintptr) { n, failed = unix.IoctlGetInt(int(fd), request) }); err != nil || failed != nil {
		return 0, false
	}
	return n, true
}

// yield lets others run: for no time at all at first, then for the given pause.
func yield(pause time.Duration) {
	if pause < 20*time.Microsecond {
		runtime.Gosched()
		return
	}
	time.Sleep(pause)
}
