package suite

import (
	"context"
	"fmt"
	"strings"
)

// causes of a close that come from the peer, by name.
func peerCauses() []struct {
	name, what string
	bring      func(d *driven)
} {
	type row = struct {
		name, what string
		bring      func(d *driven)
	}
	write := func(b []byte) func(d *driven) { return func(d *driven) { d.write(b) } }
	ended := func(b []byte) func(d *driven) { return func(d *driven) { d.write(b); d.endOfStream() } }
	return []row{
		{"end-of-stream", "the peer has shut down its side", ended(nil)},
		{"hang-up", "the peer has closed the connection", func(d *driven) {
			if d.f == nil {
				d.conn.Close()
			}
		}},
		{"reset", "the peer has closed the connection with a message unread", func(d *driven) {
			d.env.unrecorded(restsOnUnread)
			d.send(words("never read"))
			if d.f == nil {
				d.conn.AwaitUnread()
				d.conn.Close()
			}
		}},
		{"empty", "a header announces no content", write(rawFrame(0, 0, nil))},
		{"truncated-header", "the stream ends inside a header", ended([]byte{0, 0, 1})},
		{"truncated-content", "the stream ends inside content", ended(rawFrame(0, 100, []byte("not a hundred")))},
		{"behind-messages", "the stream ends behind two messages", func(d *driven) {
			d.write(join(frame([]byte("one")), frame([]byte("two"))))
			d.delivers([]byte("one"), []byte("two"))
			d.endOfStream()
		}},
	}
}

// closeOnceCases want the close handler called exactly once, whatever closes the session and whatever happens behind it.
func closeOnceCases() []Case {
	var cases []Case
	for _, c := range peerCauses() {
		cases = append(cases, act("sess/close-once/"+c.name, "the close handler runs once when "+c.what+", and not again at a local close and a release behind it", func(s *stage) {
			d := s.open()
			d.both()
			c.bring(d)
			d.closes(true)
			d.close()
			d.sync()
			d.release()
		}))
	}
	return append(cases,
		act("sess/close-once/local", "the close handler runs once at a local close, although the peer closes behind it and the session is released", func(s *stage) {
			d := s.open()
			d.both()
			d.close()
			d.closes(false)
			d.endOfStream()
			d.hangsUp()
			d.sync()
			d.release()
		}),
		act("sess/close-once/in-handler", "the close handler runs once at a close from within the message handler", func(s *stage) {
			d := s.open()
			d.onClose("plain")
			d.onMessage("close")
			d.write(frame([]byte("enough")))
			d.delivers([]byte("enough"))
			d.closes(false)
			d.endOfStream()
			d.close()
		}),
		act("sess/close-once/fails", "the close handler runs once, although it fails", func(s *stage) {
			d := s.open()
			d.onMessage("plain")
			d.onClose("fail")
			d.endOfStream()
			d.closes(true)
			d.close()
		}),
		act("sess/close-once/late", "a close handler that was set on a closed session runs once", func(s *stage) {
			d := s.open()
			d.close()
			d.onClose("plain")
			d.closes(false)
			d.close()
			d.release()
		}),
	)
}

func localCloseCases() []Case {
	return []Case{
		act("sess/close-local/plain", "a local close runs the close handler without an error, and closes the connection", func(s *stage) {
			d := s.open()
			d.both()
			d.close()
			d.closes(false)
			d.hangsUp()
		}),
		act("sess/close-local/no-message-handler", "a local close runs the close handler of a session that never had a message handler", func(s *stage) {
			d := s.open()
			d.onClose("plain")
			d.close()
			d.closes(false)
			d.hangsUp()
		}),
		act("sess/close-local/no-handlers", "a local close closes the connection of a session without handlers", func(s *stage) {
			d := s.open()
			d.close()
			d.hangsUp()
		}),
		act("sess/close-local/after-messages", "a local close after messages both ways runs the close handler without an error", func(s *stage) {
			d := s.open()
			d.both()
			d.lives()
			d.close()
			d.closes(false)
			d.hangsUp()
		}),
		act("sess/close-local/in-message", "a local close in the middle of a message that comes is no error", func(s *stage) {
			d := s.open()
			d.both()
			d.lives()
			d.write(rawFrame(0, 100, []byte("half of it")))
			d.close()
			d.closes(false)
			d.hangsUp()
		}),
	}
}

func causeCases() []Case {
	var cases []Case
	for _, c := range peerCauses() {
		cases = append(cases, act("sess/close-cause/"+c.name, "the close handler is given an error when "+c.what, func(s *stage) {
			d := s.open()
			d.both()
			c.bring(d)
			d.closes(true)
		}))
	}
	return append(cases, Case{
		ID: "sess/close-cause/kinds", Title: "the kinds of errors that a close handler is given: recorded", Requirements: []string{"sess/close-cause"}, Run: errorKinds,
	})
}

// errorKinds records how the errors are called.
func errorKinds(ctx context.Context, e *Env) *Finding {
	s := e.stage(ctx)
	var told []string
	kinds := map[string]bool{}
	for _, c := range peerCauses() {
		d := s.open()
		d.both()
		c.bring(d)
		event := d.closes(true)
		if s.f != nil {
			return s.f
		}
		kinds[*event.Error] = true
		told = append(told, c.name+": "+quoted([]byte(*event.Error)))
	}
	return s.recorded(strings.Join(told, ", "), map[string]float64{"kinds": float64(len(kinds))})
}

func lateHandlerCases() []Case {
	late := func(name, title string, end func(d *driven)) Case {
		return act("sess/close-late-handler/"+name, title, func(s *stage) {
			d := s.open()
			end(d)
			s.rule = "sess/close-late-handler"
			d.onClose("plain")
			d.closes(false)
		})
	}
	return []Case{
		late("local", "a close handler set after a local close runs at once, without an error", func(d *driven) { d.close() }),
		late("local-reading", "a close handler set after a local close of a session that was read runs at once, without an error", func(d *driven) {
			d.onMessage("plain")
			d.lives()
			d.close()
			d.hangsUp()
		}),
		late("end-of-stream", "a close handler set after the peer's close was noticed runs at once, without an error", func(d *driven) {
			d.onMessage("plain")
			d.endOfStream()
			d.hangsUp()
			d.sync()
		}),
		late("error", "a close handler set after an error has closed the session runs at once, without an error", func(d *driven) {
			d.onMessage("plain")
			d.write(rawFrame(0, 0, nil))
			d.hangsUp()
			d.sync()
		}),
	}
}

func closeAgainCases() []Case {
	again := func(name, title string, end func(d *driven)) Case {
		return besideAnother("sess/close-again/"+name, title, func(d *driven) {
			end(d)
			for range 3 {
				d.close()
			}
		})
	}
	return []Case{
		again("local", "closing a closed session does nothing", func(d *driven) { d.both(); d.close(); d.closes(false) }),
		again("no-handlers", "closing a closed session without handlers does nothing", func(d *driven) { d.close() }),
		again("end-of-stream", "closing a session that the peer has closed does nothing", func(d *driven) { d.both(); d.endOfStream(); d.closes(true) }),
		again("error", "closing a session that an error has closed does nothing", func(d *driven) { d.both(); d.write(rawFrame(0, 0, nil)); d.closes(true) }),
	}
}

// silenceCases want nothing delivered behind a close.
func silenceCases() []Case {
	burst := func() []byte {
		var b []byte
		for i := range 100 {
			b = append(b, frame(fmt.Appendf(nil, "no. %d", i))...)
		}
		return b
	}
	return []Case{
		act("sess/close-silences/in-handler", "of 100 messages that come at once only the first is delivered when its handler closes the session", func(s *stage) {
			d := s.open()
			d.onClose("plain")
			d.onMessage("close")
			d.write(burst())
			d.delivers([]byte("no. 0"))
			d.did("close", true)
			d.closes(false)
			d.hangsUp()
			d.sync()
		}),
		act("sess/close-silences/in-socket", "messages that lie in the socket when the session is closed are not delivered to a handler that is set then", func(s *stage) {
			d := s.open()
			d.onClose("plain")
			d.write(burst())
			d.close()
			d.closes(false)
			d.ask(command{Do: "on_message", Session: d.name, Handler: "plain"}) // refused or not
			d.hangsUp()
			d.sync()
		}),
		besideAnother("sess/close-silences/sent-behind", "messages that are sent behind a local close are not delivered", func(d *driven) {
			d.both()
			d.lives()
			d.close()
			d.write(burst())
			d.closes(false)
		}),
		besideAnother("sess/close-silences/rest-of-a-message", "the rest of a message that comes behind a local close is not delivered", func(d *driven) {
			d.both()
			d.lives()
			d.write(rawFrame(0, 20, []byte("begun and ")))
			d.close()
			d.write([]byte("completed!"))
			d.closes(false)
		}),
		act("sess/close-silences/behind-error", "messages that stand behind an error are not delivered", func(s *stage) {
			d := s.open()
			d.both()
			d.write(join(rawFrame(0, 0, nil), burst()))
			d.closes(true)
			d.hangsUp()
		}, "close/nothing-after"),
	}
}

func releaseCases() []Case {
	return []Case{
		act("sess/release/open", "releasing an open session closes its connection", func(s *stage) {
			d := s.open()
			d.both()
			d.lives()
			d.release()
			d.hangsUp()
		}),
		act("sess/release/no-handlers", "releasing a session without handlers closes its connection", func(s *stage) {
			d := s.open()
			d.release()
			d.hangsUp()
		}),
		besideAnother("sess/release/silences", "a released session delivers nothing more", func(d *driven) {
			d.both()
			d.lives()
			d.release()
			d.write(frame([]byte("to nobody")))
		}),
		besideAnother("sess/release/other-session", "releasing one session leaves another as it is", func(d *driven) {
			d.both()
			d.release()
			d.hangsUp()
		}),
		besideAnother("sess/release/closed", "a closed session can be released", func(d *driven) {
			d.both()
			d.close()
			d.closes(false)
			d.release()
		}),
	}
}
