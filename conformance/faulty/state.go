package faulty

import (
	"errors"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/oizys-protocol/oizys/spec"
)

func stateFaults() []Fault {
	return slices.Concat(sharedBufferFaults(), wrongSessionFaults(), carriedOverFaults())
}

func sharedBufferFaults() []Fault {
	return []Fault{
		{
			Name: "content-buffer-shared", Class: StateSharing,
			Description: "All sessions read content into one buffer, so that the pieces of one overwrite those of another: a static array in C, a module-level buffer in Node; give each session its own.",
			Breaks:      []string{"srv/isolation", "msg/binary"},
			mutate: func(do *hooks) {
				var mu sync.Mutex
				shared := make([]byte, spec.MaxContentLen)
				do.content = func(s *session, n int) ([]byte, error) {
					err := eachPiece(s, n, func(at int, piece []byte) {
						mu.Lock()
						defer mu.Unlock()
						copy(shared[at:], piece)
					})
					mu.Lock()
					defer mu.Unlock()
					return slices.Clone(shared[:n]), err
				}
			},
		},
		{
			Name: "parser-shared", Class: StateSharing,
			Description: "All sessions feed one parser, so that an incomplete message of one is completed with bytes of another: a module-level buffer in Node, a singleton in Java; give each session its own.",
			Breaks:      []string{"srv/isolation", "stream/split"},
			mutate: func(do *hooks) {
				var mu sync.Mutex
				var shared inbox
				do.step = func(s *session) error {
					own := inbox{}
					ended := own.fill(s)
					mu.Lock()
					shared.buf = append(shared.buf, own.buf...)
					all, err := shared.whole(s, pieceLen)
					if err != nil {
						shared.buf = nil
					}
					mu.Unlock()
					return s.echoAll(all, errors.Join(err, ended))
				}
			},
		},
		{
			Name: "parser-not-reset", Class: StateSharing,
			Description: "A session begins with what an ended one left of an incomplete message: parsers come from a pool and are not reset, sync.Pool in Go, a connection table in C; reset them.",
			Breaks:      []string{"srv/isolation", "srv/serves-again"},
			mutate: func(do *hooks) {
				var mu sync.Mutex
				pool := []*inbox{}
				do.open = func(s *session) {
					mu.Lock()
					defer mu.Unlock()
					if len(pool) == 0 {
						pool = append(pool, &inbox{})
					}
					in := pool[len(pool)-1]
					pool = pool[:len(pool)-1]
					s.do.step = in.echoNext
					s.do.done = func(s *session) {
						mu.Lock()
						defer mu.Unlock()
						if isInvalid(s.cause) {
							in.buf = nil
						}
						pool = append(pool, in)
					}
				}
			},
		},
	}
}

// replyTo sends each reply elsewhere than to the session that asked.
func replyTo(others func(s *session) []*session) func(*hooks) {
	return func(do *hooks) {
		do.echo = func(s *session, content []byte) error {
			for _, other := range others(s) {
				if err := other.send(content); err != nil && other == s {
					return err
				}
			}
			return nil
		}
	}
}

func wrongSessionFaults() []Fault {
	return []Fault{
		{
			Name: "replies-to-latest-session", Class: StateSharing,
			Description: "Replies go to the session that was accepted last: the connection is kept in a global variable in C, Node or Python; keep it with its session.",
			Breaks:      []string{"srv/isolation"},
			mutate: replyTo(func(s *session) []*session {
				open := s.server.open()
				return open[len(open)-1:]
			}),
		},
		{
			Name: "replies-to-all-sessions", Class: StateSharing,
			Description: "Replies go to every open session: a chat server, the usual example of a framework, with one line too few changed; answer the one that asked.",
			Breaks:      []string{"srv/isolation", "stream/unsolicited"},
			mutate:      replyTo(func(s *session) []*session { return s.server.open() }),
		},
		{
			Name: "replies-by-colliding-number", Class: StateSharing,
			Description: "Replies go to the newest of the open sessions whose numbers are equal modulo 16, which shows with more than 16: a table indexed by too few bits in C; use unique keys.",
			Breaks:      []string{"srv/isolation"},
			mutate: replyTo(func(s *session) []*session {
				open := s.server.open()
				for _, other := range slices.Backward(open) {
					if other.number%16 == s.number%16 {
						return []*session{other}
					}
				}
				return []*session{s}
			}),
		},
		{
			Name: "replies-beyond-24-to-oldest", Class: StateSharing,
			Description: "Replies of a session go to the oldest one when more than 24 were there before it: a table of 24 places whose search ends at the first when it finds none that is free, in C; let it grow, or wait for a place.",
			Breaks:      []string{"srv/isolation"},
			mutate: replyTo(func(s *session) []*session {
				open := s.server.open()
				if place := slices.Index(open, s); place > 24 {
					return open[:1]
				}
				return []*session{s}
			}),
		},
		{
			Name: "error-closes-all", Class: StateSharing,
			Description: "An error of one session closes all others: an exception that leaves the loop over all connections in Python or C++; catch it in the session.",
			Breaks:      []string{"srv/isolation"},
			mutate: onFailure(isInvalid, func(s *session) {
				for _, other := range s.server.open() {
					other.conn.Close()
				}
			}),
		},
		{
			Name: "error-closes-latest", Class: StateSharing,
			Description: "An error closes the session that was accepted last in place of the one that erred: the loop variable is captured by the handler in JavaScript or older Go; close the session itself.",
			Breaks:      []string{"srv/isolation", "close/on-error"},
			mutate: onFailure(isInvalid, func(s *session) {
				open := s.server.open()
				if latest := open[len(open)-1]; latest != s {
					latest.conn.Close()
					s.drain()
				}
			}),
		},
		{
			Name: "new-session-closes-old", Class: StateSharing,
			Description: "A new session closes the one that is open: one variable holds the connection, and what it held is closed, in Qt, C# or Node; let the new one wait, or serve both.",
			Breaks:      []string{"srv/isolation", "stream/idle"},
			mutate: func(do *hooks) {
				do.open = func(s *session) {
					for _, other := range s.server.open() {
						if other.number < s.number {
							other.conn.Close()
						}
					}
				}
			},
		},
		{
			Name: "ninth-session-evicts", Class: StateSharing,
			Description: "The ninth open session closes the oldest: a connection table with eviction, as a cache has it; let it wait until one ends.",
			Breaks:      []string{"srv/isolation", "stream/idle"},
			mutate: func(do *hooks) {
				do.open = func(s *session) {
					open := s.server.open()
					for _, oldest := range open[:max(0, len(open)-8)] {
						oldest.conn.Close()
					}
				}
			},
		},
	}
}

// closesAtOnce makes the server close a new connection where closes reports true of the moment at which it comes.
func closesAtOnce(closes func() bool) func(*hooks) {
	return func(do *hooks) {
		do.admit = func(srv *server, conn *net.UnixConn) {
			if closes() {
				conn.Close()
				return
			}
			srv.begin(conn)
		}
	}
}

func carriedOverFaults() []Fault {
	return []Fault{
		{
			Name: "error-flag-sticks", Class: StateSharing,
			Description: "After one session's error every later session is closed at once: the error is kept in a variable of the server that nothing resets, errno-like, in C; keep it with the session.",
			Breaks:      []string{"srv/serves-again", "srv/isolation"},
			mutate: func(do *hooks) {
				var failed atomic.Bool
				onFailure(isInvalid, func(*session) { failed.Store(true) })(do)
				closesAtOnce(failed.Load)(do)
			},
		},
		{
			Name: "unsent-reply-to-next", Class: StateSharing,
			Description: "A reply that could not be sent, as its client was gone, is the first that the next session gets: one queue for all sessions in any language; the queue ends with its session.",
			Breaks:      []string{"srv/isolation", "stream/unsolicited", "srv/serves-again"},
			mutate: func(do *hooks) {
				unsent := make(chan []byte, 1)
				do.open = func(s *session) {
					select {
					case content := <-unsent:
						_ = s.send(content)
					default:
					}
				}
				do.echo = func(s *session, content []byte) error {
					err := s.send(content)
					if errors.Is(err, unix.EPIPE) {
						select {
						case unsent <- content:
						default:
						}
					}
					return err
				}
			},
		},
		{
			Name: "closed-twice", Class: StateSharing,
			Description: "A session that begins within 20 ms of another's end is closed without a reason: a descriptor is closed twice, and its number belongs to the new session by then, in C; forget it when it is closed.",
			Breaks:      []string{"srv/isolation", "srv/serves-again"},
			mutate: func(do *hooks) {
				do.close = func(s *session) {
					before := s.server.count()
					s.conn.Close()
					s.server.pause(20 * time.Millisecond)
					for _, other := range s.server.open() {
						if other.number == before+1 {
							other.conn.Close()
						}
					}
				}
			},
		},
		{
			Name: "error-closed-twice", Class: StateSharing,
			Description: "The session that begins next after one with an invalid header is closed at once: the error closes the descriptor, and whoever takes the place in the table again closes it once more, when its number is the new session's, in C; set it to -1 when it is closed.",
			Breaks:      []string{"srv/isolation", "srv/serves-again"},
			mutate: func(do *hooks) {
				var stale atomic.Bool
				onFailure(isInvalid, func(*session) { stale.Store(true) })(do)
				closesAtOnce(func() bool { return stale.Swap(false) })(do)
			},
		},
	}
}
