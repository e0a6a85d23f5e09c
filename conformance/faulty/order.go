package faulty

import (
	"bytes"
	"slices"
	"sync"
	"time"
)

func orderFaults() []Fault {
	return append(countedFaults(), queueFaults()...)
}

// numbered answers each message of a session by its number, which counts from 1.
func numbered(echo func(s *session, number int, content []byte) error) func(*hooks) {
	return eachSession(func(s *session) {
		var number int
		s.do.echo = func(s *session, content []byte) error {
			number++
			return echo(s, number, content)
		}
	})
}

func countedFaults() []Fault {
	return []Fault{
		{
			Name: "first-message-swallowed", Class: Order,
			Description: "A session's first message is not answered: taken for a login or a handshake, as other protocols have it; messages begin with the first byte.",
			Breaks:      []string{"stream/order"},
			mutate: numbered(func(s *session, number int, content []byte) error {
				if number == 1 {
					return nil
				}
				return s.send(content)
			}),
		},
		{
			Name: "first-message-only", Class: Order,
			Description: "Only a session's first message is answered: socket.once('data') in Node, a one-shot completion in C++ that is not armed again; register for every message.",
			Breaks:      []string{"stream/order"},
			mutate: numbered(func(s *session, number int, content []byte) error {
				if number > 1 {
					return nil
				}
				return s.send(content)
			}),
		},
		{
			Name: "every-100th-dropped", Class: Order,
			Description: "Every 100th message of a session is not answered: an index that skips the slot where it wraps, in a ring in C or Java; test more messages than the ring has slots.",
			Breaks:      []string{"stream/order"},
			mutate: numbered(func(s *session, number int, content []byte) error {
				if number%100 == 0 {
					return nil
				}
				return s.send(content)
			}),
		},
		{
			Name: "every-128th-doubled", Class: Order,
			Description: "Every 128th message of a session is answered twice: a slot is not freed when the queue is compacted, in any language; test more messages than the queue holds.",
			Breaks:      []string{"stream/order"},
			mutate: numbered(func(s *session, number int, content []byte) error {
				if number%128 == 0 {
					_ = s.send(content)
				}
				return s.send(content)
			}),
		},
		{
			Name: "repeats-dropped", Class: Order,
			Description: "A message equal to the one before is not answered: a filter for retransmissions, which the socket does not need; deliver every message.",
			Breaks:      []string{"stream/order"},
			mutate: eachSession(func(s *session) {
				var previous []byte
				s.do.echo = func(s *session, content []byte) error {
					if bytes.Equal(content, previous) {
						return nil
					}
					previous = slices.Clone(content)
					return s.send(content)
				}
			}),
		},
		{
			Name: "large-doubled", Class: Order,
			Description: "Replies of 1 MiB and more are sent twice: a retry on a timeout that a slow write triggers, though the write goes on; do not send again what was written.",
			Breaks:      []string{"stream/order"},
			mutate: numbered(func(s *session, _ int, content []byte) error {
				if len(content) >= 1<<20 {
					_ = s.send(content)
				}
				return s.send(content)
			}),
		},
	}
}

func queueFaults() []Fault {
	return []Fault{
		{
			Name: "answered-one-late", Class: Order,
			Description: "A message is answered when the next one arrives: a parser that ends a message where it sees another begin, in any language; it ends with its last byte.",
			Breaks:      []string{"stream/order"},
			mutate: eachSession(func(s *session) {
				var waiting []byte
				s.do.echo = func(s *session, content []byte) (err error) {
					if waiting != nil {
						err = s.send(waiting)
					}
					waiting = content
					return err
				}
			}),
		},
		{
			Name: "burst-reversed", Class: Order,
			Description: "Messages that come together are answered last first: a stack, pop() from a list in Python or JavaScript, in place of a queue; take from the front.",
			Breaks:      []string{"stream/order"},
			mutate: withInbox(func(s *session, in *inbox) error {
				all, err := in.burst(s)
				slices.Reverse(all)
				return s.echoAll(all, err)
			}),
		},
		{
			Name: "burst-dealt-to-workers", Class: Order,
			Description: "Messages that come together are dealt to two workers, whose answers come one worker after the other: a thread pool without an order in Java or C++; one session, one worker.",
			Breaks:      []string{"stream/order"},
			mutate: withInbox(func(s *session, in *inbox) error {
				all, err := in.burst(s)
				var even, odd [][]byte
				for i, content := range all {
					if i%2 == 0 {
						even = append(even, content)
					} else {
						odd = append(odd, content)
					}
				}
				return s.echoAll(append(even, odd...), err)
			}),
		},
		{
			Name: "burst-over-64-dropped", Class: Order,
			Description: "Of messages that come together those behind the 64th are not answered: a bounded queue whose refusal nobody looks at, offer() in Java, put_nowait in Python; stop reading while it is full.",
			Breaks:      []string{"stream/order", "stream/coalesced"},
			mutate: withInbox(func(s *session, in *inbox) error {
				all, err := in.burst(s)
				return s.echoAll(all[:min(len(all), 64)], err)
			}),
		},
		{
			Name: "small-overtakes-large", Class: Order,
			Description: "Replies of 64 KiB and more are sent by a thread of their own, and small ones overtake them: a goroutine for each large message in Go; send in the order of arrival.",
			Breaks:      []string{"stream/order"},
			mutate: eachSession(func(s *session) {
				var late sync.WaitGroup
				s.do.echo = func(s *session, content []byte) error {
					if len(content) < pieceLen {
						return s.send(content)
					}
					late.Go(func() {
						s.pause(5 * time.Millisecond)
						_ = s.send(content)
					})
					return nil
				}
				s.do.close = func(s *session) {
					late.Wait()
					s.conn.Close()
				}
			}),
		},
	}
}
