package suite

// wireCases are requirements of the wire that neither a golden stream nor a case above begins with.
func wireCases() []Case {
	return []Case{
		act(hangUp, "the end of the stream inside a header, an error, closes the connection, which the peer sees", func(s *stage) {
			d := s.open()
			d.both()
			d.write([]byte{0, 0, 1})
			d.endOfStream()
			s.rule = "close/truncated-header"
			d.closes(true)
			s.citing("close/on-error", d.hangsUp)
		}, "close/truncated-header"),
		act("stream/idle/other-session", "a session that idles while another is used 100 times stays usable", func(s *stage) {
			a, b := s.open(), s.open()
			a.both()
			b.both()
			for range 100 {
				b.lives()
			}
			a.lives()
		}),
	}
}
