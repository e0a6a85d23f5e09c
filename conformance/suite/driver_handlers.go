package suite

import (
	"bytes"
	"context"
	"fmt"
)

// readingCases are about what happens before, and when, the message handler is set.
func readingCases() []Case {
	return []Case{
		{
			ID: "sess/reading-starts/unread", Title: "nothing is read before the message handler is set, while another session of the driver is served",
			Requirements: []string{"sess/reading-starts"}, Run: unreadBefore,
		},
		act("sess/reading-starts/one", "a message that had arrived before the handler was set is delivered then", func(s *stage) {
			d := s.open()
			d.write(frame([]byte("early")))
			d.sync()
			d.both()
			d.delivers([]byte("early"))
			d.lives()
		}),
		act("sess/reading-starts/three", "three messages that had arrived before the handler was set are delivered then, in order", func(s *stage) {
			d := s.open()
			large := content("early and large", 70_000)
			d.write(join(frame([]byte("first")), frame(large), frame([]byte("third"))))
			d.sync()
			d.onMessage("plain")
			d.delivers([]byte("first"), large, []byte("third"))
		}),
		act("sess/reading-starts/hung-up", "messages that had arrived before the handler was set are delivered then, although the peer has closed since", func(s *stage) {
			d := s.open()
			d.onClose("plain")
			d.write(join(frame([]byte("first")), frame([]byte("last"))))
			d.endOfStream()
			d.sync()
			d.onMessage("plain")
			d.delivers([]byte("first"), []byte("last"))
			d.closes(true)
		}),
		act("sess/reading-starts/close-handler-last", "messages are delivered on a session without a close handler, and after one was set", func(s *stage) {
			d := s.open()
			d.onMessage("plain")
			d.write(frame([]byte("one")))
			d.delivers([]byte("one"))
			d.onClose("plain")
			d.lives()
		}),
	}
}

// unreadBefore looks at what lies in the socket after the driver has served another session several times.
func unreadBefore(ctx context.Context, e *Env) *Finding {
	e.unrecorded(restsOnUnread)
	s := e.stage(ctx)
	idle, busy := s.open(), s.open()
	busy.both()
	idle.onClose("plain")
	early := frame(content("early", 1000))
	idle.write(early)
	for range 5 {
		busy.lives()
	}
	if s.f == nil {
		if left, ok := idle.conn.Untaken(); ok && left == 0 {
			s.fail("what was sent lies unread until the message handler is set", "the session had read it", false)
		}
	}
	idle.onMessage("plain")
	idle.delivers(early[4:])
	return s.finish()
}

func twiceCases() []Case {
	again := func(name, title, do, handler string, last func(d *driven)) Case {
		return act("sess/handler-twice/"+name, title, func(s *stage) {
			d := s.open()
			d.both()
			d.refused(command{Do: do, Session: d.name, Handler: handler})
			last(d)
		})
	}
	return []Case{
		again("message", "a second message handler is refused, and the session goes on with the first", "on_message", "plain", func(d *driven) { d.lives() }),
		again("message-keeps-first", "a second message handler, which would close the session, is refused and never runs", "on_message", "close", func(d *driven) { d.lives(); d.lives() }),
		again("close", "a second close handler is refused, and the first runs once", "on_close", "plain", func(d *driven) { d.lives(); d.close(); d.closes(false) }),
		again("message-after-messages", "a second message handler is refused also when messages have been delivered", "on_message", "plain", func(d *driven) {
			d.lives()
			d.refused(command{Do: "on_message", Session: d.name, Handler: "plain"})
			d.lives()
		}),
		again("close-before-peer-closes", "a second close handler is refused, and the first is given the error", "on_close", "plain", func(d *driven) { d.endOfStream(); d.closes(true) }),
	}
}

func failingCases() []Case {
	return []Case{
		act("sess/handler-fails/message", "the session goes on after its message handler has failed: the next message is delivered", func(s *stage) {
			d := s.open()
			d.onClose("plain")
			d.onMessage("fail")
			d.write(frame([]byte("one")))
			d.delivers([]byte("one"))
			d.lives()
		}),
		act("sess/handler-fails/each", "the session goes on although its message handler fails at each of ten messages", func(s *stage) {
			d := s.open()
			d.onClose("plain")
			d.onMessage("fail")
			var stream []byte
			var contents [][]byte
			for i := range 10 {
				contents = append(contents, fmt.Appendf(nil, "no. %d", i))
				stream = append(stream, frame(contents[i])...)
			}
			d.write(stream)
			d.delivers(contents...)
			d.lives()
		}),
		act("sess/handler-fails/then-closes", "after its message handler has failed, the session is closed as ever", func(s *stage) {
			d := s.open()
			d.onClose("plain")
			d.onMessage("fail")
			d.write(frame([]byte("one")))
			d.delivers([]byte("one"))
			d.endOfStream()
			d.closes(true)
			d.hangsUp()
		}),
		besideAnother("sess/handler-fails/other-session", "another session goes on after a message handler has failed", func(d *driven) {
			d.onMessage("fail")
			d.write(frame([]byte("one")))
			d.delivers([]byte("one"))
			d.lives()
		}),
		besideAnother("sess/handler-fails/close-handler", "a close handler that fails at a local close is contained: another session goes on", func(d *driven) {
			d.onMessage("plain")
			d.onClose("fail")
			d.close()
			d.closes(false)
			d.hangsUp()
		}),
		besideAnother("sess/handler-fails/close-handler-peer", "a close handler that fails when the peer has closed is contained: another session goes on", func(d *driven) {
			d.onMessage("plain")
			d.onClose("fail")
			d.endOfStream()
			d.closes(true)
			d.hangsUp()
		}),
		besideAnother("sess/handler-fails/late-close-handler", "a close handler that fails when it is set on a closed session is contained: another session goes on", func(d *driven) {
			d.close()
			d.onClose("fail")
			d.closes(false)
		}),
	}
}

// reentrantCases are handlers that call their own session.
func reentrantCases() []Case {
	inClose := func(name, title, do string, byPeer bool, also ...string) Case {
		return act("sess/reentrant/"+name, title, func(s *stage) {
			d := s.open()
			d.onMessage("plain")
			d.onClose(do, words("farewell"))
			if byPeer {
				d.endOfStream()
			} else {
				d.close()
			}
			d.closes(byPeer)
			d.did(do, do == "close")
			d.hangsUp()
		}, also...)
	}
	return []Case{
		act("sess/reentrant/send-in-message", "send works from within the message handler, for each of five messages", func(s *stage) {
			d := s.open()
			d.onClose("plain")
			d.onMessage("send", words("answered"))
			for range 5 {
				d.expect(frame([]byte("answered")))
				d.write(frame([]byte("question")))
				d.delivers([]byte("question"))
				d.did("send", true)
				d.arrives()
			}
		}),
		act("sess/reentrant/send-in-message-burst", "send works from within the message handler for 100 messages that come at once", func(s *stage) {
			d := s.open()
			d.onMessage("send", words("answered"))
			d.expect(bytes.Repeat(frame([]byte("answered")), 100))
			d.write(bytes.Repeat(frame([]byte("question")), 100))
			for range 100 {
				d.delivers([]byte("question"))
				d.did("send", true)
			}
			d.arrives()
		}),
		act("sess/reentrant/send-1-mib-in-message", "send of 1 MiB works from within the message handler while nobody reads", func(s *stage) {
			d := s.open()
			given := run251(1 << 20)
			d.onMessage("send", given...)
			d.expectMessage(given...)
			d.write(frame([]byte("question")))
			d.delivers([]byte("question"))
			d.did("send", true)
			d.arrives()
		}),
		act("sess/reentrant/close-in-message", "close works from within the message handler, and the close handler runs, without an error", func(s *stage) {
			d := s.open()
			d.onClose("plain")
			d.onMessage("close")
			d.write(frame([]byte("enough")))
			d.delivers([]byte("enough"))
			d.did("close", true)
			d.closes(false)
			d.hangsUp()
		}),
		inClose("close-in-close", "close works from within the close handler after a local close", "close", false),
		inClose("close-in-close-peer", "close works from within the close handler when the peer has closed", "close", true),
		inClose("send-in-close", "send from within the close handler returns, refused, after a local close", "send", false, "sess/send-closed"),
		inClose("send-in-close-peer", "send from within the close handler returns, refused, when the peer has closed", "send", true, "sess/send-closed"),
		act("sess/reentrant/close-in-late-close", "close works from within a close handler that was set on a closed session", func(s *stage) {
			d := s.open()
			d.close()
			d.onClose("close")
			d.closes(false)
			d.did("close", true)
		}),
	}
}
