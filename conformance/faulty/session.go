package faulty

import (
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/oizys-protocol/oizys/spec"
)

// Why a session ends, besides io.EOF for an end of stream between messages and errors of the socket.
var (
	errReserved         = errors.New("reserved byte is not zero")
	errSize             = errors.New("message without content")
	errTruncatedHeader  = errors.New("end of stream inside a header")
	errTruncatedContent = errors.New("end of stream inside content")
)

// isInvalid reports whether err is about what the client sent, and not an end of stream or an error of the socket.
func isInvalid(err error) bool { return errors.Is(err, errReserved) || errors.Is(err, errSize) }

// isTruncated reports whether err is an end of stream inside a message.
func isTruncated(err error) bool {
	return errors.Is(err, errTruncatedHeader) || errors.Is(err, errTruncatedContent)
}

// session is one connection.
type session struct {
	do     hooks
	server *server
	conn   *net.UnixConn
	// number counts sessions from 1.
	number int
	// last is the header that was read last.
	last header
	// cause is why the session ended.
	cause error

	writing sync.Mutex
}

// run serves the session until it ends.
func (s *session) run() {
	s.do.open(s)
	for {
		if err := s.do.step(s); err != nil && !s.do.fail(s, err) {
			s.cause = err
			break
		}
	}
	s.do.close(s)
	s.server.remove(s)
	s.do.done(s)
}

// receiveAndEcho is the step of a plain server.
func receiveAndEcho(s *session) error {
	content, err := s.receive()
	if err != nil {
		return err
	}
	return s.do.echo(s, content)
}

// receive reads one message.
func (s *session) receive() ([]byte, error) {
	h, err := s.do.header(s)
	if err != nil {
		return nil, err
	}
	n, err := s.check(h)
	if err != nil {
		return nil, err
	}
	return s.do.content(s, n)
}

// check returns the length that a header announces, or what is wrong with it.
func (s *session) check(h header) (int, error) {
	s.last = h
	if err := s.do.reserved(s, h); err != nil {
		return 0, err
	}
	n := s.do.length(s, h)
	return n, s.do.size(s, n)
}

// send answers with one message; it may be called from any goroutine.
func (s *session) send(content []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.do.write(s, s.do.encode(s, content), content)
}

// pause waits for d, or for the server's end.
func (s *session) pause(d time.Duration) { s.server.pause(d) }

func readOnce(s *session, p []byte) (int, error) { return s.conn.Read(p) }

func readHeader(s *session) (header, error) { return fillHeader(s, header{}, 0, nil) }

// fillHeader reads what is missing of a header of which got bytes are there, unless reading has already failed.
func fillHeader(s *session, h header, got int, err error) (header, error) {
	for got < len(h) && err == nil {
		var n int
		n, err = s.do.read(s, h[got:])
		got += n
	}
	switch {
	case got == len(h):
		return h, nil
	case err == io.EOF && got > 0:
		return h, errTruncatedHeader
	default:
		return h, err
	}
}

func refuseReserved(_ *session, h header) error {
	if h[0] != spec.Reserved {
		return errReserved
	}
	return nil
}

func bigEndian(_ *session, h header) int { return int(h[1])<<16 | int(h[2])<<8 | int(h[3]) }

func refuseEmpty(_ *session, n int) error {
	if n < spec.MinContentLen {
		return errSize
	}
	return nil
}

// readContent reads n bytes, and sets memory aside as they come.
func readContent(s *session, n int) ([]byte, error) {
	content := make([]byte, 0, min(n, 64<<10))
	for len(content) < n {
		if len(content) == cap(content) {
			content = slices.Grow(content, min(n-len(content), len(content)))
		}
		got, err := s.do.read(s, content[len(content):min(n, cap(content))])
		content = content[:len(content)+got]
		switch {
		case err == io.EOF && len(content) < n:
			return content, errTruncatedContent
		case err != nil && len(content) < n:
			return content, err
		}
	}
	return content, nil
}

func encode(_ *session, content []byte) []byte { return headerOf(len(content)) }

// headerOf returns the header of a message of n bytes.
func headerOf(n int) []byte { return []byte{spec.Reserved, byte(n >> 16), byte(n >> 8), byte(n)} }

func writeFrame(s *session, header, content []byte) error {
	both := net.Buffers{header, content}
	_, err := both.WriteTo(s.conn)
	return err
}
