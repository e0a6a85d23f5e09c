package faulty

import "errors"

// passEmpty lets empty messages through.
func passEmpty(do *hooks) {
	do.size = func(*session, int) error { return nil }
}

// emptyCheck decides for each session how a message without content is judged; it is told how many messages came before.
func emptyCheck(passes func(before int) bool) func(*hooks) {
	return eachSession(func(s *session) {
		var before int
		s.do.size = func(s *session, n int) error {
			before++
			if n == 0 && passes(before-1) {
				return nil
			}
			return refuseEmpty(s, n)
		}
	})
}

// echoNoEmpty leaves messages without content unanswered.
func echoNoEmpty(do *hooks) {
	do.echo = func(s *session, content []byte) error {
		if len(content) == 0 {
			return nil
		}
		return s.send(content)
	}
}

func emptyFaults() []Fault {
	return append(emptyAcceptedFaults(), emptyActionFaults()...)
}

// Faults in which empty messages are accepted.
func emptyAcceptedFaults() []Fault {
	return []Fault{
		{
			Name: "empty-echoed", Class: Empty,
			Description: "A header that announces no content is a message like any other and is echoed: no check at all, in any language; refuse a length of 0.",
			Breaks:      []string{"msg/empty", "close/on-error"},
			mutate:      passEmpty,
		},
		{
			Name: "empty-ignored", Class: Empty,
			Description: "A header that announces no content is skipped, and the session goes on: if (n == 0) continue, as for a keep-alive; close the session.",
			Breaks:      []string{"msg/empty", "close/on-error"},
			mutate:      both(passEmpty, echoNoEmpty),
		},
		{
			Name: "empty-accepted-later", Class: Empty,
			Description: "A message without content is refused as a session's first and echoed later: the check stands in the handshake's code path alone; check every header.",
			Breaks:      []string{"msg/empty", "close/on-error"},
			mutate:      emptyCheck(func(before int) bool { return before > 0 }),
		},
		{
			Name: "empty-accepted-first", Class: Empty,
			Description: "A message without content is echoed as a session's first and refused later: a length variable that starts as 0 hides the case; check every header.",
			Breaks:      []string{"msg/empty", "close/on-error"},
			mutate:      emptyCheck(func(before int) bool { return before == 0 }),
		},
		{
			Name: "empty-in-burst-ignored", Class: Empty,
			Description: "A message without content is skipped when more data lies behind it: the loop over the receive buffer has no check, the slow path has; check in one place.",
			Breaks:      []string{"msg/empty", "close/on-error"},
			mutate: func(do *hooks) {
				echoNoEmpty(do)
				do.size = func(s *session, n int) error {
					if s.pending() {
						return nil
					}
					return refuseEmpty(s, n)
				}
			},
		},
		{
			Name: "empty-ignored-after-400-sessions", Class: Empty,
			Description: "A message without content is skipped in every session from the 401st on: errors are counted, and past a limit of the log their whole branch is left out; close the session whatever is logged.",
			Breaks:      []string{"msg/empty", "close/on-error"},
			mutate: func(do *hooks) {
				echoNoEmpty(do)
				do.size = func(s *session, n int) error {
					if s.number > 400 {
						return nil
					}
					return refuseEmpty(s, n)
				}
			},
		},
		{
			Name: "empty-repeats-previous", Class: Empty,
			Description: "A message without content delivers the previous one again: nothing is copied into a reused buffer whose length stays, in C; refuse a length of 0.",
			Breaks:      []string{"msg/empty", "close/on-error"},
			mutate: both(passEmpty, eachSession(func(s *session) {
				var previous []byte
				s.do.echo = func(s *session, content []byte) error {
					if len(content) > 0 {
						previous = content
					}
					return s.send(previous)
				}
			})),
		},
	}
}

// Faults in what is done about an empty message.
func emptyActionFaults() []Fault {
	isEmpty := func(err error) bool { return errors.Is(err, errSize) }
	return []Fault{
		{
			Name: "empty-delivered-then-closed", Class: Empty,
			Description: "A message without content is echoed, and then the session is closed: the check stands behind the handler's call; check before anything is delivered.",
			Breaks:      []string{"msg/empty"},
			mutate:      onFailure(isEmpty, func(s *session) { _ = s.send(nil) }),
		},
		{
			Name: "empty-not-closed", Class: Empty,
			Description: "A message without content ends the reading and leaves the connection open: a read of 0 bytes returns 0, which is taken for the end of stream, and nothing closes, in C; close on every way out.",
			Breaks:      []string{"msg/empty", "close/on-error"},
			mutate:      onFailure(isEmpty, (*session).drain),
		},
		{
			Name: "empty-underflows", Class: Empty,
			Description: "A message without content waits for 16 MiB: while (--left) on an unsigned number in C, `n || MAX` in JavaScript; refuse a length of 0 first.",
			Breaks:      []string{"msg/empty", "close/on-error"},
			mutate: wrongLength(func(h header) int {
				if n := bigEndian(nil, h); n > 0 {
					return n
				}
				return 1 << 24
			}),
		},
		{
			Name: "empty-reads-one-byte", Class: Empty,
			Description: "A message without content takes the byte behind it as content: a do-while loop in C or Java, Math.max(1, n); refuse a length of 0 first.",
			Breaks:      []string{"msg/empty", "close/on-error"},
			mutate:      wrongLength(func(h header) int { return max(1, bigEndian(nil, h)) }),
		},
	}
}
