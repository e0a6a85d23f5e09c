package faulty

import (
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/oizys-protocol/oizys/spec"
)

// linger gives others the processor for a little while, and makes a race likely.
func linger() {
	for begin := time.Now(); time.Since(begin) < 50*time.Microsecond; {
		runtime.Gosched()
	}
}

func concurrencyFaults() []Fault {
	return []Fault{
		{
			Name: "headers-before-contents", Class: Concurrency,
			Description: "Replies to messages that come together interleave, all headers first: header and content are two writes of several threads, without a lock around both; write each reply as one.",
			Breaks:      []string{"hdr/length", "stream/order", "msg/binary"},
			mutate: withInbox(func(s *session, in *inbox) error {
				all, invalid := in.burst(s)
				var headers []byte
				for _, content := range all {
					headers = append(headers, s.do.encode(s, content)...)
				}
				err := s.do.write(s, headers, slices.Concat(all...))
				return errors.Join(err, invalid)
			}),
		},
		{
			Name: "reply-header-shared", Class: Concurrency,
			Description: "All sessions build replies' headers in one place, so that one gets another's length when they overlap: static char hdr[4] in C; put it on the stack.",
			Breaks:      []string{"srv/isolation", "hdr/length"},
			mutate: func(do *hooks) {
				var mu sync.Mutex
				var shared header
				do.write = func(s *session, h, content []byte) error {
					mu.Lock()
					copy(shared[:], h)
					mu.Unlock()
					linger()
					mu.Lock()
					copy(h, shared[:spec.HeaderLen])
					mu.Unlock()
					return writeFrame(s, h, content)
				}
			},
		},
		{
			Name: "busy-lock-drops", Class: Concurrency,
			Description: "A message that arrives while another session's is answered is dropped: tryLock() in Java, TryLock in Go, EBUSY in C, without an else; wait for the lock.",
			Breaks:      []string{"stream/order", "srv/isolation"},
			mutate: func(do *hooks) {
				var mu sync.Mutex
				do.echo = func(s *session, content []byte) error {
					if !mu.TryLock() {
						return nil
					}
					defer mu.Unlock()
					linger()
					return s.send(content)
				}
			},
		},
		{
			Name: "incomplete-message-blocks-others", Class: Concurrency,
			Description: "While one session's message is incomplete, no other session is answered: a blocking read in a select() loop in C or Python; read what is there, and come back.",
			Breaks:      []string{"srv/isolation"},
			mutate: func(do *hooks) {
				turn := make(chan struct{}, 1)
				do.step = func(s *session) error {
					var mine bool
					s.do.read = func(s *session, p []byte) (int, error) {
						n, err := readOnce(s, p)
						if !mine {
							turn <- struct{}{}
							mine = true
						}
						return n, err
					}
					content, err := s.receive()
					<-turn
					if err != nil {
						return err
					}
					return s.do.echo(s, content)
				}
			},
		},
		{
			Name: "unread-reply-closes-others", Class: Concurrency,
			Description: "While one client does not read its reply, the others wait 200 ms for the lock around send and are then closed: one lock with a time limit for all sessions, in C++, Python or Java; a lock for each session, and queue what its socket does not take.",
			Breaks:      []string{"srv/isolation"},
			mutate: func(do *hooks) {
				busy := make(lock, 1)
				do.write = func(s *session, header, content []byte) error {
					limit := time.NewTimer(200 * time.Millisecond)
					defer limit.Stop()
					select {
					case busy <- struct{}{}:
						defer busy.release()
						return writeFrame(s, header, content)
					case <-limit.C:
						return errors.New("the lock around send is held for too long")
					}
				}
			},
		},
	}
}
