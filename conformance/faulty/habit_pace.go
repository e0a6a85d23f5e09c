package faulty

import (
	"math/rand/v2"
	"sync"
	"time"
)

// bytewise is how much of a message goes byte by byte; the rest goes in pieces, for all 16 MiB to end in time.
const bytewise = 512

// inParts writes a frame in parts of the sizes that next returns; it is told how much is out.
func inParts(next func(out int) int) func(*hooks) {
	return func(do *hooks) {
		do.write = func(s *session, header, content []byte) error {
			frame := append(header, content...)
			for out := 0; out < len(frame); {
				end := min(len(frame), out+next(out))
				if err := writeFrame(s, frame[out:end], nil); err != nil {
					return err
				}
				out = end
			}
			return nil
		}
	}
}

// batched holds replies back until there are as many as most, or the first has waited for delay.
func batched(most int, delay time.Duration) func(*hooks) {
	return eachSession(func(s *session) {
		var waiting []byte
		var replies int
		flush := func() error {
			if replies == 0 {
				return nil
			}
			out := waiting
			waiting, replies = nil, 0
			return writeFrame(s, out, nil)
		}
		locked := func() error {
			s.writing.Lock()
			defer s.writing.Unlock()
			return flush()
		}
		s.do.write = func(s *session, header, content []byte) error {
			waiting = append(append(waiting, header...), content...)
			if replies++; replies == 1 {
				time.AfterFunc(delay, func() { _ = locked() })
			}
			if replies < most {
				return nil
			}
			return flush()
		}
		s.do.close = func(s *session) {
			_ = locked()
			s.conn.Close()
		}
	})
}

// Servers with a pace of their own.
func paceHabits() []Fault {
	return []Fault{
		{
			Name:        "slow-replies",
			Description: "Each reply comes 1 ms late: a slow machine, a slow language, a debugger's build.",
			mutate: converted(func(content []byte) []byte {
				time.Sleep(time.Millisecond)
				return content
			}),
		},
		{
			Name:        "jittery-replies",
			Description: "About every 16th reply comes up to 5 ms late: a garbage collector, a busy machine.",
			mutate: converted(func(content []byte) []byte {
				if rand.N(16) == 0 {
					time.Sleep(rand.N(5 * time.Millisecond))
				}
				return content
			}),
		},
		{
			Name:        "slow-reads",
			Description: "Each read of the socket comes 1 ms late: an event loop with much else to do.",
			mutate: func(do *hooks) {
				do.read = func(s *session, p []byte) (int, error) {
					s.pause(time.Millisecond)
					return readOnce(s, p)
				}
			},
		},
		{
			Name:        "bytewise-reads",
			Description: "Headers and the first 512 bytes of content are read byte by byte: getc without a buffer.",
			mutate: func(do *hooks) {
				do.read = func(s *session, p []byte) (int, error) {
					if len(p) <= bytewise {
						p = p[:1]
					}
					return readOnce(s, p)
				}
			},
		},
		{
			Name:        "bytewise-writes",
			Description: "The first 512 bytes of each reply are written byte by byte, the rest by 4 KiB: putc without a buffer.",
			mutate: inParts(func(out int) int {
				if out < bytewise {
					return 1
				}
				return 4 << 10
			}),
		},
		{
			Name:        "random-writes",
			Description: "Replies are written in parts of random sizes, header and content alike: a stream through filters.",
			mutate:      inParts(func(int) int { return 1 + rand.N(3000) }),
		},
		{
			Name:        "header-and-content-apart",
			Description: "A reply's header and content are two writes with 200 µs between them: as liboizys writes, on a slow machine.",
			mutate: func(do *hooks) {
				do.write = func(s *session, header, content []byte) error {
					if err := writeFrame(s, header, nil); err != nil {
						return err
					}
					time.Sleep(200 * time.Microsecond)
					return writeFrame(s, content, nil)
				}
			},
		},
		{
			Name:        "batched-replies",
			Description: "Replies go out together 20 ms after the first of them: a timer that saves system calls.",
			mutate:      batched(1<<30, 20*time.Millisecond),
		},
		{
			Name:        "replies-by-eights",
			Description: "Replies go out eight at a time, or 3 ms after the first of them: Nagle's algorithm done by hand.",
			mutate:      batched(8, 3*time.Millisecond),
		},
		{
			Name:        "queued-replies",
			Description: "Replies wait in a queue without bounds while reading goes on: a reader and a writer thread, as liboizys's queue.",
			mutate:      eachSession(queueReplies),
		},
	}
}

func queueReplies(s *session) {
	var mu sync.Mutex
	var queue [][]byte
	wake := make(chan struct{}, 1)
	ended, written := make(chan struct{}), make(chan struct{})
	next := func() (content []byte, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if len(queue) > 0 {
			content, ok, queue = queue[0], true, queue[1:]
		}
		return content, ok
	}
	go func() {
		defer close(written)
		for {
			var last bool
			select {
			case <-wake:
			case <-ended:
				last = true
			}
			for content, ok := next(); ok; content, ok = next() {
				_ = s.send(content)
			}
			if last {
				return
			}
		}
	}()
	s.do.echo = func(_ *session, content []byte) error {
		mu.Lock()
		queue = append(queue, content)
		mu.Unlock()
		select {
		case wake <- struct{}{}:
		default:
		}
		return nil
	}
	s.do.close = func(s *session) {
		close(ended)
		<-written
		s.conn.Close()
	}
}
