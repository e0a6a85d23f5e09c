package suite

import (
	"context"
	"fmt"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/spec"
	"github.com/oizys-protocol/oizys/vectors"
)

// parts are a golden message's content, as a driver is given it.
func parts(m vectors.Message) []part {
	all := make([]part, len(m.Parts))
	for i, p := range m.Parts {
		all[i] = literal(p.Unit)
		all[i].Count = p.Repeat
	}
	return all
}

// refusals makes a case of every golden content that must be refused: the next message is the first on the wire.
func refusals(set *vectors.Set) []Case {
	var cases []Case
	for _, v := range set.All() {
		if v.Kind != vectors.KindRefusal {
			continue
		}
		c := act(v.ID, v.Description, func(s *stage) {
			d := s.open()
			d.both()
			d.refused(command{Do: "send", Session: d.name, Content: parts(v.Messages[0])})
			d.send(words("the first message"))
			d.arrives()
			d.lives()
		})
		c.Requirements = ofDriver(v.Requirements)
		cases = append(cases, c)
	}
	return append(cases,
		act("sess/send-empty/between", "empty content between two messages is refused, and the two follow each other", func(s *stage) {
			d := s.open()
			d.send(words("before"))
			d.refused(command{Do: "send", Session: d.name})
			d.send(words("behind"))
			d.arrives()
		}, "msg/empty-unsent"),
		act("sess/send-empty/again", "empty content is refused each time, not only the first", func(s *stage) {
			d := s.open()
			for range 3 {
				d.refused(command{Do: "send", Session: d.name})
			}
			d.send(words("after all"))
			d.arrives()
		}, "msg/empty-unsent"),
	)
}

// sendCases are messages of telling lengths, each alone on its session, which is read meanwhile.
func sendCases() []Case {
	var cases []Case
	lengths := []int{1, 2, 3, 127, 128, 255, 256, 257, 511, 4096, 32767, 32768, 65279, 65535, 65536, 65537, 66051, 1 << 20, 8388607, 8388608, spec.MaxContentLen - 1, spec.MaxContentLen}
	for _, n := range lengths {
		id := fmt.Sprintf("msg/sizes/sent-%d", n)
		if n == spec.MaxContentLen {
			id = fmt.Sprintf("msg/sizes/sent-longest-%d", n)
		}
		c := act(id, fmt.Sprintf("a message of %s is sent whole, with the right header", count(n, "byte")), func(s *stage) {
			given := run251(n)
			d := s.open()
			d.reads()
			d.send(given...)
			d.send(words("behind"))
			d.arrives()
		}, "hdr/length", "hdr/reserved-zero")
		c.Bytes = 3 * n
		cases = append(cases, c)
	}
	binary := act("msg/binary/sent", "every byte value is sent unmodified", func(s *stage) {
		all := make([]byte, 256)
		for i := range all {
			all[i] = byte(255 - i)
		}
		d := s.open()
		d.send(literal(all))
		d.send(words("\r\n"), part{Hex: "00"}, words("\x1a\xff"))
		d.arrives()
	})
	quiet := act("stream/unsolicited/sent-nothing", "a session that is told to send nothing sends nothing, from its opening to its close", func(s *stage) {
		d := s.open()
		d.both()
		d.write(frame([]byte("heard")))
		d.delivers([]byte("heard"))
		d.close()
		d.hangsUp()
	})
	return append(cases, binary, quiet)
}

// run251 is content of n bytes in which the byte at offset i is i modulo 251.
func run251(n int) []part {
	period := make([]byte, 251)
	for i := range period {
		period[i] = byte(i)
	}
	var given []part
	if times := n / len(period); times > 0 {
		given = append(given, part{Hex: literal(period).Hex, Count: times})
	}
	if rest := n % len(period); rest > 0 {
		given = append(given, literal(period[:rest]))
	}
	return given
}

// queueCases are many messages, and messages that nobody reads.
func queueCases() []Case {
	return []Case{
		act("sess/send-queues/order", "1,000 messages of different lengths arrive in the order in which they were sent", func(s *stage) {
			s.open().sendMany(1000, func(i int) []byte { return appendContent(nil, fmt.Sprintf("no. %d", i), 1+i*37%400) })
		}, "stream/order"),
		act("sess/send-queues/unread-10000", "10,000 messages are taken while nobody reads, and none is lost", func(s *stage) {
			s.open().sendMany(10_000, func(i int) []byte { return fmt.Appendf(nil, "message %05d, one of ten thousand that wait", i) })
		}, "stream/order"),
		act("sess/send-queues/unread-large", "4 messages of 1 MiB are taken while nobody reads: send returns", func(s *stage) {
			d := s.open()
			given := run251(1 << 20)
			for range 4 {
				d.send(given...)
			}
			d.arrives()
		}),
		act("sess/send-queues/receives-meanwhile", "messages are delivered while 2 MiB of sent ones lie unread", func(s *stage) {
			d := s.open()
			d.both()
			given := run251(2 << 20)
			d.send(given...)
			d.write(frame([]byte("one")))
			d.write(frame([]byte("two")))
			d.delivers([]byte("one"), []byte("two"))
			d.arrives()
		}, "stream/duplex"),
		act("sess/send-queues/before-handlers", "messages are sent on a session without handlers", func(s *stage) {
			d := s.open()
			d.send(words("no handlers"))
			d.arrives()
		}),
		act("sess/send-queues/behind-delivery", "messages in both directions by turns, 50 times", func(s *stage) {
			d := s.open()
			d.both()
			for range 50 {
				d.lives()
			}
		}, "stream/duplex"),
		{
			ID: "sess/send-queues/closed-behind", Title: "what becomes of 100 messages that were queued when the session was closed: recorded",
			Requirements: []string{"sess/send-queues"}, Run: closedBehind,
		},
	}
}

// sendMany has the driver send n messages without waiting for its replies, and wants them on the wire when all are queued.
func (d *driven) sendMany(n int, content func(i int) []byte) {
	last := 0
	for i := range n {
		b := content(i)
		d.expect(frame(b))
		last = d.tell(command{Do: "send", Session: d.name, Content: []part{literal(b)}})
	}
	d.reply(last, "send")
	d.allOK("send")
	d.arrives()
}

// allOK wants every command so far to have succeeded.
func (s *stage) allOK(do string) {
	for id := 1; s.f == nil && id <= s.talk.heard; id++ {
		if r := s.talk.replies[id]; !*r.OK {
			s.fail(do+" succeeds", fmt.Sprintf("command %d was refused: %s", id, quoted([]byte(*r.Error))), false)
		}
	}
}

func closedBehind(ctx context.Context, e *Env) *Finding {
	s := e.stage(ctx)
	d := s.open()
	d.onClose("plain")
	content := content("left behind", 10_000)
	for range 100 {
		d.send(literal(content))
	}
	d.close()
	d.closes(false)
	if s.f != nil {
		return s.f
	}
	d.conn.Read()
	state, _ := d.conn.AwaitEnd(ctx)
	if len(state.Stray) > 0 {
		s.fail("of the queued messages as many as the session still sends, whole", "there came "+sample(state.Stray), false)
	}
	came := int(state.Matched) / len(frame(content))
	return s.recorded(fmt.Sprintf("%d of 100 messages that were queued came whole after a local close; the source promises none", came), map[string]float64{"messages": float64(came)})
}

func countCases() []Case {
	return []Case{
		{
			ID: "sess/send-count/first", Title: "the first message on an idle session counts itself", Requirements: []string{"sess/send-count"},
			Run: func(ctx context.Context, e *Env) *Finding {
				s := e.stage(ctx)
				d := s.open()
				r := d.send(words("first"))
				if s.f == nil && r.Queued == nil {
					return skipped("the driver's replies to send have no count of queued messages")
				}
				if s.f == nil && *r.Queued != 1 {
					s.warn("1 message queued", fmt.Sprintf("send returned %d", *r.Queued))
				}
				d.arrives()
				return s.finish()
			},
		},
		{
			ID: "sess/send-count/unread", Title: "while nobody reads, the count grows with each message that the socket has no room for", Requirements: []string{"sess/send-count"},
			Run: countUnread,
		},
	}
}

func (s *stage) warn(expected, actual string) {
	s.fail(expected, actual, false)
	s.f.Verdict = report.Warn
}

// countUnread sends more than a socket holds. What was not taken by the socket is queued still.
func countUnread(ctx context.Context, e *Env) *Finding {
	const messages, size = 40, 64 << 10
	e.unrecorded(restsOnUnread)
	s := e.stage(ctx)
	d := s.open()
	given := run251(size)
	var r line
	for range messages {
		r = d.send(given...)
	}
	if s.f != nil {
		return s.f
	}
	if r.Queued == nil {
		return skipped("the driver's replies to send have no count of queued messages")
	}
	lying, ok := d.conn.Unread()
	if !ok {
		return skipped("the system does not tell what lies unread in a socket")
	}
	least := messages - lying/(size+spec.HeaderLen) - 1 // the one that is being written may be counted or not
	if *r.Queued < least || *r.Queued > messages {
		s.warn(fmt.Sprintf("%d to %d messages queued: %s lie in the socket", least, messages, count(lying, "byte")), fmt.Sprintf("send returned %d", *r.Queued))
	}
	d.arrives()
	return s.finish()
}

func closedSendCases() []Case {
	refused := func(name, title string, end func(d *driven)) Case {
		return act("sess/send-closed/"+name, title, func(s *stage) {
			d := s.open()
			d.both()
			end(d)
			d.refused(command{Do: "send", Session: d.name, Content: []part{words("too late")}})
			d.hangsUp()
		})
	}
	return []Case{
		refused("local", "after a local close, send is refused", func(d *driven) { d.close(); d.closes(false) }),
		refused("end-of-stream", "after the peer's end of stream, send is refused", func(d *driven) { d.endOfStream(); d.closes(true) }),
		refused("error", "after an invalid header, send is refused", func(d *driven) { d.write(rawFrame(0, 0, nil)); d.closes(true) }),
		refused("twice", "after a local close, send is refused each time", func(d *driven) {
			d.close()
			d.closes(false)
			d.refused(command{Do: "send", Session: d.name, Content: []part{words("too late")}})
		}),
	}
}
