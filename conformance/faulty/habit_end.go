package faulty

import (
	"io"
	"os"
	"time"
)

// Servers that end sessions in ways of their own, or read the silences in their own way.
func endHabits() []Fault {
	anyError := func(error) bool { return true }
	return []Fault{
		{
			Name:        "resets",
			Description: "After an invalid header 20 ms pass before the connection is closed, with unread input, so that the client sees a reset.",
			mutate:      onFailure(isInvalid, func(s *session) { s.pause(20 * time.Millisecond) }),
		},
		{
			Name:        "closes-lazily",
			Description: "A session is closed 300 ms after it has ended: a reaper that comes round.",
			mutate:      onFailure(anyError, func(s *session) { s.pause(300 * time.Millisecond) }),
		},
		{
			Name:        "closes-politely",
			Description: "After an error the writing side is shut down first, and the connection is closed when the client has ended its side, or after 1 s: a lingering close, as web servers have it.",
			mutate: onFailure(isInvalid, func(s *session) {
				_ = s.conn.CloseWrite()
				_ = s.conn.SetReadDeadline(time.Now().Add(time.Second))
				s.drain()
			}),
		},
		{
			Name:        "shuts-down-first",
			Description: "Both sides are shut down before the connection is closed.",
			mutate: func(do *hooks) {
				do.close = func(s *session) {
					_ = s.conn.CloseRead()
					_ = s.conn.CloseWrite()
					s.conn.Close()
				}
			},
		},
		{
			Name:        "drops-burst-on-error",
			Description: "Whole messages that come together with an invalid header are not answered.",
			mutate: withInbox(func(s *session, in *inbox) error {
				all, err := in.burst(s)
				if err != nil {
					return err
				}
				return s.echoAll(all, nil)
			}),
		},
		{
			Name:        "drops-replies-after-half-close",
			Description: "What is not answered yet when the client shuts down its side is not answered at all.",
			mutate: withInbox(func(s *session, in *inbox) error {
				all, err := in.burst(s)
				if s.ended() {
					return io.EOF
				}
				return s.echoAll(all, err)
			}),
		},
		{
			Name:        "reserved-ignored",
			Description: "The reserved byte of received headers is not looked at.",
			Warns:       []string{"hdr/reserved-nonzero"},
			mutate:      wrongReserved(func(byte) bool { return true }),
		},
		{
			Name:        "releases-late",
			Description: "A descriptor of each session is closed 200 ms after the session has ended.",
			mutate: func(do *hooks) {
				do.done = func(s *session) {
					if f, err := os.Open(os.DevNull); err == nil {
						s.server.pause(200 * time.Millisecond)
						f.Close()
					}
				}
			},
		},
	}
}
