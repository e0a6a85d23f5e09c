package faulty

import (
	"errors"
	"os"
	"time"
)

// Short ways to say what a fault changes.

// both joins two changes that belong to one misunderstanding.
func both(first, second func(*hooks)) func(*hooks) {
	return func(do *hooks) {
		first(do)
		second(do)
	}
}

// eachSession changes the hooks of every session for itself, for faults that remember something of their session.
func eachSession(change func(*session)) func(*hooks) {
	return func(do *hooks) { do.open = change }
}

// wrongLength changes how a received header's length is understood.
func wrongLength(length func(h header) int) func(*hooks) {
	return func(do *hooks) {
		do.length = func(_ *session, h header) int { return length(h) }
	}
}

// wrongHeader changes how the header of a reply of n bytes is made.
func wrongHeader(encode func(n int) []byte) func(*hooks) {
	return func(do *hooks) {
		do.encode = func(_ *session, content []byte) []byte { return encode(len(content)) }
	}
}

// wrongReserved changes which headers pass the check of the reserved byte.
func wrongReserved(passes func(b byte) bool) func(*hooks) {
	return func(do *hooks) {
		do.reserved = func(_ *session, h header) error {
			if passes(h[0]) {
				return nil
			}
			return errReserved
		}
	}
}

// refused makes lengths an error for which refuses holds; that 0 is one stays as it is.
func refused(refuses func(n int) bool) func(*hooks) {
	return func(do *hooks) {
		do.size = func(s *session, n int) error {
			if refuses(n) {
				return errSize
			}
			return refuseEmpty(s, n)
		}
	}
}

// limited makes lengths above most an error.
func limited(most int) func(*hooks) {
	return refused(func(n int) bool { return n > most })
}

// converted changes the content of each reply.
func converted(convert func([]byte) []byte) func(*hooks) {
	return func(do *hooks) {
		do.echo = func(s *session, content []byte) error { return s.send(convert(content)) }
	}
}

// onFailure acts on errors of the given kind before the session is closed.
func onFailure(kind func(error) bool, act func(*session)) func(*hooks) {
	return func(do *hooks) {
		do.fail = func(s *session, err error) bool {
			if kind(err) {
				act(s)
			}
			return false
		}
	}
}

// whenIdle acts each time that no message began for d; an error from act ends the session.
func whenIdle(d time.Duration, act func(*session) error) func(*hooks) {
	return func(do *hooks) {
		do.header = func(s *session) (h header, err error) {
			for {
				_ = s.conn.SetReadDeadline(time.Now().Add(d))
				n, err := s.do.read(s, h[:1])
				_ = s.conn.SetReadDeadline(time.Time{})
				if !errors.Is(err, os.ErrDeadlineExceeded) {
					return fillHeader(s, h, n, err)
				}
				if err := act(s); err != nil {
					return h, err
				}
			}
		}
	}
}
