package session

import (
	"io"
	"net"
	"os"
	"syscall"

	"github.com/oizys-protocol/oizys/impl/wire"
)

// nonBlocking is what a connection can do that [net.Conn] does not say.
type nonBlocking interface {
	// tryWrite returns how many bytes of p were taken at once. An error is not told: the next blocking write meets it.
	tryWrite(p []byte) int
	// reader returns a function that waits until there is input and moves some of it into dec.
	reader(dec *wire.Decoder) func() error
}

// rawConn makes system calls on a connection's socket, to do what [net.Conn] cannot: wait for input without holding a
// buffer for it, and write no more than the socket takes now.
type rawConn struct {
	raw syscall.RawConn

	// Arguments and results of onWritable, which is made once: a closure for each call would be allocated.
	onWritable func(fd uintptr) bool
	out        []byte
	written    int
}

// sendBuffer is asked for on Unix sockets. With the system's default the two processes take turns more often than they
// need to, which costs up to half of the throughput.
const sendBuffer = 1 << 20

// newRawConn returns nil when conn is not known to be a plain stream socket.
func newRawConn(conn net.Conn) *rawConn {
	var sock syscall.Conn
	switch c := conn.(type) {
	case *net.UnixConn:
		sock = c
	case *net.TCPConn:
		sock = c
	default:
		return nil
	}
	raw, err := sock.SyscallConn()
	if err != nil {
		return nil
	}
	if c, ok := conn.(*net.UnixConn); ok {
		_ = c.SetWriteBuffer(sendBuffer) // The system may allow less.
	}
	c := &rawConn{raw: raw}
	c.onWritable = func(fd uintptr) bool {
		n, err := retry(syscall.Write, int(fd), c.out)
		if err == nil {
			c.written = n
		}
		return true // Never wait.
	}
	return c
}

func (c *rawConn) tryWrite(p []byte) int {
	c.out, c.written = p, 0
	_ = c.raw.Write(c.onWritable)
	c.out = nil
	return c.written
}

func (c *rawConn) reader(dec *wire.Decoder) func() error {
	var failed error
	onReadable := func(fd uintptr) bool {
		n, err := retry(syscall.Read, int(fd), dec.Space())
		switch {
		case err == syscall.EAGAIN:
			dec.Release()
			return false
		case err != nil:
			failed = os.NewSyscallError("read", err)
		case n == 0:
			failed = io.EOF
		default:
			dec.Fill(n)
		}
		return true
	}
	return func() error {
		if err := c.raw.Read(onReadable); err != nil {
			return err
		}
		return failed
	}
}

func retry(call func(int, []byte) (int, error), fd int, p []byte) (int, error) {
	for {
		n, err := call(fd, p)
		if err != syscall.EINTR {
			return n, err
		}
	}
}
