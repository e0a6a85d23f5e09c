package faulty

import (
	"net"
	"time"

	"github.com/oizys-protocol/oizys/spec"
)

type header = [spec.HeaderLen]byte

// hooks are the decisions of a peer. A fault replaces one of them, most often by a function that calls the one that it
// replaces. Every session has its own copy, made before open is called, so that open may replace what is about that
// session alone.
type hooks struct {
	// start runs first; listen makes the socket; admit is given each new connection; starved waits when the system
	// has none to give.
	start   func(*server) error
	listen  func(*server) (*net.UnixListener, error)
	admit   func(*server, *net.UnixConn)
	starved func(*server)

	// open runs once as the session begins; step then receives and answers, until it returns an error.
	open func(*session)
	step func(*session) error

	// The parts of receiving one message. read is one read of the socket.
	read     func(*session, []byte) (int, error)
	header   func(*session) (header, error)
	reserved func(*session, header) error
	length   func(*session, header) int
	size     func(*session, int) error
	content  func(*session, int) ([]byte, error)

	// echo answers one message; encode makes the header of a reply; write puts both on the wire.
	echo   func(*session, []byte) error
	encode func(*session, []byte) []byte
	write  func(*session, []byte, []byte) error

	// fail is told why step failed, and reports whether the session goes on; close then closes the connection; done
	// runs last.
	fail  func(*session, error) bool
	close func(*session)
	done  func(*session)
}

// correct returns the hooks of a peer without faults.
func correct() hooks {
	return hooks{
		start:    func(*server) error { return nil },
		listen:   listen,
		admit:    (*server).begin,
		starved:  func(srv *server) { srv.pause(10 * time.Millisecond) },
		open:     func(*session) {},
		step:     receiveAndEcho,
		read:     readOnce,
		header:   readHeader,
		reserved: refuseReserved,
		length:   bigEndian,
		size:     refuseEmpty,
		content:  readContent,
		echo:     (*session).send,
		encode:   encode,
		write:    writeFrame,
		fail:     func(*session, error) bool { return false },
		close:    func(s *session) { s.conn.Close() },
		done:     func(*session) {},
	}
}
