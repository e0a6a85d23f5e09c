package suite

import "fmt"

// independentCases want sessions of one driver to keep apart.
func independentCases() []Case {
	return []Case{
		act("sess/independent/by-turns", "two sessions with messages by turns each deliver and send their own", func(s *stage) {
			a, b := s.open(), s.open()
			a.both()
			b.both()
			for i := range 10 {
				for _, d := range []*driven{a, b} {
					text := fmt.Appendf(nil, "%s, no. %d", d.name, i)
					d.write(frame(text))
					d.send(literal(text))
				}
			}
			for i := range 10 {
				for _, d := range []*driven{b, a} {
					text := fmt.Appendf(nil, "%s, no. %d", d.name, i)
					d.delivers(text)
					d.arrives()
				}
			}
		}),
		act("sess/independent/halves", "halves of messages on two sessions do not get into each other", func(s *stage) {
			a, b := s.open(), s.open()
			a.both()
			b.both()
			one, two := frame([]byte("the message of a")), frame([]byte("and b has another"))
			a.write(one[:2])
			b.write(two[:7])
			a.write(one[2:9])
			b.write(two[7:])
			b.delivers(two[4:])
			a.write(one[9:])
			a.delivers(one[4:])
		}),
		act("sess/independent/one-fails", "an error in one session leaves another as it is", func(s *stage) {
			a, b := s.open(), s.open()
			a.both()
			b.both()
			a.write(rawFrame(0, 0, nil))
			a.closes(true)
			b.lives()
		}),
		act("sess/independent/one-closed", "a local close of one session leaves another as it is", func(s *stage) {
			a, b := s.open(), s.open()
			a.both()
			b.both()
			a.close()
			a.closes(false)
			b.lives()
			b.close()
			b.closes(false)
		}),
		act("sess/independent/handlers", "two sessions have handlers of their own", func(s *stage) {
			a, b := s.open(), s.open()
			a.onMessage("send", words("from a"))
			b.both()
			a.expect(frame([]byte("from a")))
			a.write(frame([]byte("to a")))
			b.write(frame([]byte("to b")))
			a.delivers([]byte("to a"))
			b.delivers([]byte("to b"))
			a.arrives()
			b.send(words("from b"))
			b.arrives()
		}),
		act("sess/independent/unread", "a session whose messages nobody reads does not hold up another", func(s *stage) {
			a, b := s.open(), s.open()
			a.both()
			b.both()
			given := run251(2 << 20)
			a.send(given...)
			b.lives()
			a.arrives()
		}),
		act("sess/independent/fifty", "50 sessions at once", func(s *stage) {
			var all []*driven
			for range 50 {
				d := s.open()
				d.both()
				all = append(all, d)
			}
			for _, d := range all {
				d.lives()
			}
		}),
	}
}
