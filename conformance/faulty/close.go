package faulty

import (
	"io"
	"net"
	"sync"
	"time"
)

func closeFaults() []Fault {
	return append(append(unclosedFaults(), swallowedFaults()...), earlyCloseFaults()...)
}

// Errors after which the connection stays open, or half of it.
func unclosedFaults() []Fault {
	return []Fault{
		{
			Name: "error-not-closed", Class: Close,
			Description: "After an invalid header the session is dead but its connection stays open: break out of the loop without close() in C, a swallowed exception in a thread in Python; close on every way out.",
			Breaks:      []string{"close/on-error", "msg/empty", "hdr/reserved-nonzero"},
			mutate:      onFailure(isInvalid, (*session).drain),
		},
		{
			Name: "error-closed-late", Class: Close,
			Description: "After an invalid header the connection stays open for 25 s: the thread waits for a linger or a reaper's next round; close at once.",
			Breaks:      []string{"close/on-error", "msg/empty", "hdr/reserved-nonzero"},
			mutate:      onFailure(isInvalid, func(s *session) { s.pause(25 * time.Second) }),
		},
		{
			Name: "error-stops-reading-only", Class: Close,
			Description: "After an invalid header only the reading side is shut down, so that the client sees no end: shutdown(fd, SHUT_RD) in C, shutdownInput in Java; close.",
			Breaks:      []string{"close/on-error", "msg/empty", "hdr/reserved-nonzero"},
			mutate: onFailure(isInvalid, func(s *session) {
				_ = s.conn.CloseRead()
				s.awaitHangup()
			}),
		},
		{
			Name: "error-closes-one-descriptor", Class: Close,
			Description: "After an invalid header the connection is closed, but a duplicate of its descriptor keeps it open: dup() for a second stream or a forked child in C, makefile() in Python; close all of them.",
			Breaks:      []string{"close/on-error", "srv/releases", "msg/empty", "hdr/reserved-nonzero"},
			mutate: onFailure(isInvalid, func(s *session) {
				if duplicate, err := s.conn.File(); err == nil {
					s.server.keep(duplicate)
				}
			}),
		},
		{
			Name: "error-closed-at-next-accept", Class: Close,
			Description: "After an invalid header the connection stays open until another client comes: the old socket is dropped when its variable is assigned anew, in Python, or by a finalizer in Go or Java; close it.",
			Breaks:      []string{"close/on-error", "msg/empty", "hdr/reserved-nonzero"},
			mutate: func(do *hooks) {
				var mu sync.Mutex
				var parked []*net.UnixConn
				do.close = func(s *session) {
					if !isInvalid(s.cause) {
						s.conn.Close()
						return
					}
					mu.Lock()
					defer mu.Unlock()
					parked = append(parked, s.conn)
					s.server.keep(s.conn)
				}
				do.admit = func(srv *server, conn *net.UnixConn) {
					mu.Lock()
					defer mu.Unlock()
					for _, old := range parked {
						old.Close()
					}
					parked = nil
					srv.begin(conn)
				}
			},
		},
		{
			Name: "error-closed-at-next-byte", Class: Close,
			Description: "An invalid header closes the session only when another byte arrives: the parser's state is tested at the top of the loop, behind a blocking read; test it as soon as it is known.",
			Breaks:      []string{"close/on-error", "msg/empty", "hdr/reserved-nonzero"},
			mutate:      onFailure(isInvalid, func(s *session) { _, _ = readOnce(s, make([]byte, 1)) }),
		},
		{
			Name: "end-of-stream-not-closed", Class: Close,
			Description: "When the client shuts down its side between messages, the connection stays open: a read of 0 bytes is ignored in C, 'end' with allowHalfOpen in Node; close.",
			Breaks:      []string{"close/end-of-stream"},
			mutate:      onFailure(func(err error) bool { return err == io.EOF }, (*session).awaitHangup),
		},
		{
			Name: "end-of-stream-spins", Class: Close,
			Description: "When the client shuts down its side, the server reads again and again at full speed and does not close: a read of 0 bytes is taken for 'nothing yet' in C, b'' in Python; it means the end.",
			Breaks:      []string{"close/end-of-stream"},
			mutate:      onFailure(func(err error) bool { return err == io.EOF }, (*session).spin),
		},
	}
}

// skipInvalid reads and drops the content behind a header that was refused.
func (s *session) skipInvalid() { _, _ = readContent(s, bigEndian(s, s.last)) }

// Errors after which the session goes on.
func swallowedFaults() []Fault {
	return []Fault{
		{
			Name: "errors-swallowed", Class: Close,
			Description: "An invalid header is logged and its message skipped, and the session goes on: except: continue in Python, catch {} in Java or JavaScript; leave the loop and close.",
			Breaks:      []string{"close/nothing-after", "close/on-error", "msg/empty"},
			mutate: func(do *hooks) {
				do.fail = func(s *session, err error) bool {
					if isInvalid(err) {
						s.skipInvalid()
					}
					return isInvalid(err)
				}
			},
		},
		{
			Name: "third-error-closes", Class: Close,
			Description: "Two invalid headers are forgiven, and only the third closes the session: a counter of strikes, as mail servers have it; the first closes.",
			Breaks:      []string{"close/on-error", "close/nothing-after", "msg/empty"},
			mutate: eachSession(func(s *session) {
				var strikes int
				s.do.fail = func(s *session, err error) bool {
					if strikes++; !isInvalid(err) || strikes == 3 {
						return false
					}
					s.skipInvalid()
					return true
				}
			}),
		},
		{
			Name: "rest-of-burst-delivered", Class: Close,
			Description: "What has come together with an invalid header is still answered, and then the session is closed: close is put off with a flag while the loop over the buffer goes on, in Node or C++; leave the loop.",
			Breaks:      []string{"close/nothing-after", "msg/empty"},
			mutate: eachSession(func(s *session) {
				var failed bool
				s.do.fail = func(s *session, err error) bool {
					if isInvalid(err) {
						failed = true
						s.skipInvalid()
					}
					return failed && s.pending()
				}
				s.do.step = func(s *session) error {
					if failed && !s.pending() {
						return errSize
					}
					return receiveAndEcho(s)
				}
			}),
		},
		{
			Name: "first-error-survived", Class: Close,
			Description: "An invalid header before a session's first message is skipped: errors are tolerated until a handshake is done, which there is none of; close.",
			Breaks:      []string{"close/on-error", "close/nothing-after", "msg/empty"},
			mutate: eachSession(func(s *session) {
				var established bool
				s.do.echo = func(s *session, content []byte) error {
					established = true
					return s.send(content)
				}
				s.do.fail = func(s *session, err error) bool {
					if !isInvalid(err) || established {
						return false
					}
					s.skipInvalid()
					return true
				}
			}),
		},
		{
			Name: "later-error-not-closed", Class: Close,
			Description: "An invalid header behind a valid message leaves the connection open: validation stands in the function that opens the session alone; check every header.",
			Breaks:      []string{"close/on-error", "msg/empty"},
			mutate: eachSession(func(s *session) {
				var established bool
				s.do.echo = func(s *session, content []byte) error {
					established = true
					return s.send(content)
				}
				s.do.fail = func(s *session, err error) bool {
					if established && isInvalid(err) {
						s.drain()
					}
					return false
				}
			}),
		},
	}
}

// Sessions that end without an error.
func earlyCloseFaults() []Fault {
	return []Fault{
		{
			Name: "closes-after-reply", Class: Close,
			Description: "The session is closed after its first reply: one request for each connection, as HTTP/1.0 and the first socket tutorial have it; loop until the client ends.",
			Breaks:      []string{"stream/order", "stream/idle"},
			mutate: numbered(func(s *session, _ int, content []byte) error {
				_ = s.send(content)
				return io.EOF
			}),
		},
		{
			Name: "closes-after-1000", Class: Close,
			Description: "The session is closed after its 1,000th message: a framework's limit of requests for each connection, as in nginx; sessions have no such limit.",
			Breaks:      []string{"stream/order"},
			mutate: numbered(func(s *session, number int, content []byte) error {
				if err := s.send(content); err != nil || number < 1000 {
					return err
				}
				return io.EOF
			}),
		},
	}
}
