package faulty

import (
	"io"
	"time"
)

func idleFaults() []Fault {
	return []Fault{
		{
			Name: "idle-closes", Class: Idle,
			Description: "A session without traffic for 500 ms is closed: an idle timeout that a framework brings along, in Node, nginx or Java; switch it off.",
			Breaks:      []string{"stream/idle"},
			mutate:      whenIdle(500*time.Millisecond, func(*session) error { return io.EOF }),
		},
		{
			Name: "idle-at-first-closes", Class: Idle,
			Description: "A session whose first message does not come within 500 ms is closed: a limit for a login, which there is none of; switch it off.",
			Breaks:      []string{"stream/idle"},
			mutate: eachSession(func(s *session) {
				timer := time.AfterFunc(500*time.Millisecond, func() { s.conn.Close() })
				s.do.read = func(s *session, p []byte) (int, error) {
					n, err := readOnce(s, p)
					timer.Stop()
					return n, err
				}
			}),
		},
		{
			Name: "begun-header-closes", Class: Idle,
			Description: "A session is closed whose header has begun and is not whole 500 ms later: a limit for headers, as web servers have one; wait for as long as it takes.",
			Breaks:      []string{"stream/idle", "stream/split"},
			mutate: func(do *hooks) {
				do.header = func(s *session) (h header, err error) {
					n, err := s.do.read(s, h[:1])
					_ = s.conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
					h, err = fillHeader(s, h, n, err)
					_ = s.conn.SetReadDeadline(time.Time{})
					return h, err
				}
			},
		},
		{
			Name: "idle-second-closes", Class: Idle,
			Description: "A session without traffic for a second is closed: an idle timeout of the usual length, with setTimeout in Node or SO_RCVTIMEO in C; switch it off.",
			Breaks:      []string{"stream/idle"},
			mutate:      whenIdle(time.Second, func(*session) error { return io.EOF }),
		},
		{
			Name: "lifetime-limited", Class: Idle,
			Description: "A session is closed 700 ms after it began, busy or not: a timer that traffic does not restart, a context with a deadline in Go; sessions end when a side ends them.",
			Breaks:      []string{"stream/idle"},
			mutate: eachSession(func(s *session) {
				timer := time.AfterFunc(700*time.Millisecond, func() { s.conn.Close() })
				s.do.done = func(*session) { timer.Stop() }
			}),
		},
		{
			Name: "idle-loses-message", Class: Idle,
			Description: "The first message after 300 ms without traffic is not answered: it wakes the session up, and nobody looks at what woke it, in event loops in C or JavaScript; handle it.",
			Breaks:      []string{"stream/idle", "stream/order"},
			mutate: func(do *hooks) {
				do.open = func(s *session) {
					var asleep bool
					whenIdle(300*time.Millisecond, func(*session) error {
						asleep = true
						return nil
					})(&s.do)
					s.do.echo = func(s *session, content []byte) error {
						if asleep {
							asleep = false
							return nil
						}
						return s.send(content)
					}
				}
			},
		},
		{
			Name: "idle-probe-eats-byte", Class: Idle,
			Description: "After 300 ms without traffic the next byte is lost: recv(fd, &c, 1, 0) to see whether the client is still there, without MSG_PEEK, in C or Python; do not probe.",
			Breaks:      []string{"stream/idle"},
			mutate: whenIdle(300*time.Millisecond, func(s *session) error {
				_, err := readOnce(s, make([]byte, 1))
				return err
			}),
		},
		{
			Name: "idle-stops-answering", Class: Idle,
			Description: "After 400 ms without traffic the session stays open and is never answered again: a timeout ends the reading thread and not the connection, in Java or C++; a timeout is no end.",
			Breaks:      []string{"stream/idle"},
			mutate: whenIdle(400*time.Millisecond, func(s *session) error {
				s.drain()
				return io.EOF
			}),
		},
	}
}
