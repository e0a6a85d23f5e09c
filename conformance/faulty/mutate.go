package faulty

// Short ways to say what a fault changes.

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

// both joins two changes that belong to one misunderstanding.
func both(first, second func(*hooks)) func(*hooks) {
	return func(do *hooks) {
		first(do)
		second(do)
	}
}

// converted changes the content of each reply.
func converted(convert func([]byte) []byte) func(*hooks) {
	return func(do *hooks) {
		do.echo = func(s *session, content []byte) error { return s.send(convert(content)) }
	}
}

// eachSession changes the hooks of every session for itself, for faults that remember something of their session.
func eachSession(change func(*session)) func(*hooks) {
	return func(do *hooks) { do.open = change }
}
