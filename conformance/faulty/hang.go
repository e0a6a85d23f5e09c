package faulty

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

func hangFaults() []Fault {
	return append(append(acceptFaults(), lockFaults()...), replyHangFaults()...)
}

// stopAccepting makes the server leave new connections unaccepted once stop reports true of the connection that comes.
func stopAccepting(stop func(srv *server) bool) func(*hooks) {
	return func(do *hooks) {
		do.admit = func(srv *server, conn *net.UnixConn) {
			if stop(srv) {
				<-srv.ctx.Done()
			}
			srv.begin(conn)
		}
	}
}

// Servers that no longer take connections.
func acceptFaults() []Fault {
	return []Fault{
		{
			Name: "accepts-one-session", Class: Hang,
			Description: "Only the first session is served, and others connect in vain: accept() outside of the loop, while the process goes on, in any language; loop around it.",
			Breaks:      []string{"srv/serves-again"},
			mutate:      stopAccepting(func(srv *server) bool { return srv.count() > 0 }),
		},
		{
			Name: "accepts-100-sessions", Class: Hang,
			Description: "The 101st session is never served, though all others have ended: slots of a pool, or counts of a semaphore, that are not given back, in any language; give them back in a finally block.",
			Breaks:      []string{"srv/serves-again", "srv/releases"},
			mutate:      stopAccepting(func(srv *server) bool { return srv.count() >= 100 }),
		},
		{
			Name: "slots-lost-to-errors", Class: Hang,
			Description: "Once 128 sessions have ended by an invalid header no new one is served: each has kept its slot of a pool, or its count of a semaphore, which only the way out at the end of the stream gives back, in Java, Python or C#; give it back in a finally block.",
			Breaks:      []string{"srv/serves-again", "srv/releases"},
			mutate: func(do *hooks) {
				slots := make(lock, 128)
				do.admit = func(srv *server, conn *net.UnixConn) {
					slots.acquire(srv)
					srv.begin(conn)
				}
				do.done = func(s *session) {
					if !isInvalid(s.cause) {
						slots.release()
					}
				}
			},
		},
		{
			Name: "error-ends-accepting", Class: Hang,
			Description: "After an invalid header no new session is served: an exception leaves the accepting loop and not only the session's, in Python or Java; catch it in the session.",
			Breaks:      []string{"srv/serves-again"},
			mutate: func(do *hooks) {
				var failed atomic.Bool
				onFailure(isInvalid, func(*session) { failed.Store(true) })(do)
				stopAccepting(func(*server) bool { return failed.Load() })(do)
			},
		},
		{
			Name: "reset-ends-accepting", Class: Hang,
			Description: "After a client that closed without reading its reply no new session is served: ECONNRESET or EPIPE leaves the accepting loop, in Python or C; handle it in the session.",
			Breaks:      []string{"srv/serves-again"},
			mutate: func(do *hooks) {
				var failed atomic.Bool
				onFailure(func(err error) bool {
					return errors.Is(err, unix.ECONNRESET) || errors.Is(err, unix.EPIPE)
				}, func(*session) { failed.Store(true) })(do)
				stopAccepting(func(*server) bool { return failed.Load() })(do)
			},
		},
		{
			Name: "no-descriptors-ends-accepting", Class: Hang,
			Description: "Once 48 descriptors are in use no session is served again, even when all have ended: EMFILE from accept() ends the loop in C or Go; wait and go on.",
			Breaks:      []string{"srv/serves-again"},
			mutate: func(do *hooks) {
				do.start = func(*server) error {
					return unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 48, Max: 48})
				}
				do.starved = func(srv *server) { <-srv.ctx.Done() }
			},
		},
	}
}

// lock is a mutex, or a semaphore where it has room for more than one, that the server's end opens.
type lock chan struct{}

func (l lock) acquire(srv *server) {
	select {
	case l <- struct{}{}:
	case <-srv.ctx.Done():
	}
}

func (l lock) release() {
	select {
	case <-l:
	default:
	}
}

// Servers that wait for something that does not come.
func lockFaults() []Fault {
	return []Fault{
		{
			Name: "error-keeps-lock", Class: Hang,
			Description: "After an invalid header no session is answered: the function returns with the lock held, an unlock() missing on the error's path in C, Go or Java; use defer, a guard, a finally block.",
			Breaks:      []string{"srv/isolation", "srv/serves-again"},
			mutate: func(do *hooks) {
				mu := make(lock, 1)
				do.echo = func(s *session, content []byte) error {
					mu.acquire(s.server)
					mu.release()
					return s.send(content)
				}
				onFailure(isInvalid, func(s *session) {
					s.conn.Close()
					mu.acquire(s.server)
				})(do)
			},
		},
		{
			Name: "broken-pipe-ends-writer", Class: Hang,
			Description: "After one reply finds its client gone no session is answered: the error ends the one thread that writes for all, in Java, C++ or Rust; end the session, not the thread.",
			Breaks:      []string{"srv/isolation", "srv/serves-again"},
			mutate: func(do *hooks) {
				var dead atomic.Bool
				onBrokenPipe(func(*session) { dead.Store(true) })(do)
				do.echo = func(s *session, content []byte) error {
					if dead.Load() {
						return nil
					}
					return s.send(content)
				}
			},
		},
		{
			Name: "queue-of-16-deadlocks", Class: Hang,
			Description: "More than 16 messages that come together stop the session for ever: the reader waits for room in the queue, with the lock that the writer needs to make room, in any language; wait without the lock.",
			Breaks:      []string{"stream/duplex", "stream/coalesced"},
			mutate: withInbox(func(s *session, in *inbox) error {
				all, err := in.burst(s)
				if len(all) > 16 {
					s.awaitHangup()
					return io.EOF
				}
				return s.echoAll(all, err)
			}),
		},
		{
			Name: "window-never-opens", Class: Hang,
			Description: "After 1 MiB of content a session is not answered any more: a window of credit that is counted down and never up, as with HTTP/2's updates left out; the socket does this by itself.",
			Breaks:      []string{"stream/duplex", "msg/sizes"},
			mutate: eachSession(func(s *session) {
				var used int
				s.do.echo = func(s *session, content []byte) error {
					if used += len(content); used > 1<<20 {
						s.awaitHangup()
						return io.EOF
					}
					return s.send(content)
				}
			}),
		},
	}
}

// gathered keeps replies back until release says that what has gathered goes out; the rest goes out at the end.
func gathered(release func(waiting []byte) bool) func(*hooks) {
	return eachSession(func(s *session) {
		var waiting []byte
		s.do.write = func(s *session, header, content []byte) error {
			waiting = append(append(waiting, header...), content...)
			if !release(waiting) {
				return nil
			}
			defer func() { waiting = nil }()
			return writeFrame(s, waiting, nil)
		}
		s.do.fail = func(s *session, _ error) bool {
			_ = writeFrame(s, waiting, nil)
			return false
		}
	})
}

// Servers that keep their replies.
func replyHangFaults() []Fault {
	return []Fault{
		{
			Name: "replies-at-end-of-stream", Class: Hang,
			Description: "Nothing is answered before the client shuts down its side: read() until the end, f.read() in Python or io.ReadAll in Go, and only then the parsing; parse what is there.",
			Breaks:      []string{"stream/duplex", "stream/idle"},
			mutate:      gathered(func([]byte) bool { return false }),
		},
		{
			Name: "replies-at-newline", Class: Hang,
			Description: "A reply waits until a line feed is in what is to be sent: a line-buffered stream, stdio in C or println's stream in Java; flush after each reply.",
			Breaks:      []string{"msg/binary", "stream/duplex"},
			mutate:      gathered(func(waiting []byte) bool { return bytes.IndexByte(waiting, '\n') >= 0 }),
		},
		{
			Name: "replies-at-4-kib", Class: Hang,
			Description: "A reply waits until 4,096 bytes are to be sent: a BufferedWriter that nobody flushes in Java, Go, Rust or Python; flush after each reply.",
			Breaks:      []string{"msg/sizes", "stream/duplex"},
			mutate:      gathered(func(waiting []byte) bool { return len(waiting) >= 4096 }),
		},
		{
			Name: "stops-at-message-256", Class: Hang,
			Description: "The 256th message of a session and all behind it are not answered: an 8-bit number of the last one sent wraps, and nothing is newer than it, in C; compare serial numbers by difference.",
			Breaks:      []string{"stream/order"},
			mutate: numbered(func(s *session, number int, content []byte) error {
				if number >= 256 {
					return nil
				}
				return s.send(content)
			}),
		},
	}
}
