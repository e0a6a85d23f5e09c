package faulty

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

// chatty writes much at the start and something for each message.
func chatty(out func(*server) io.Writer, line string) func(*hooks) {
	return func(do *hooks) {
		var mu sync.Mutex
		say := func(srv *server, times int) {
			mu.Lock()
			defer mu.Unlock()
			_, _ = io.WriteString(out(srv), strings.Repeat(line, times))
		}
		do.start = func(srv *server) error {
			say(srv, 1<<20/len(line))
			return nil
		}
		do.echo = func(s *session, content []byte) error {
			say(s.server, 10)
			return s.send(content)
		}
	}
}

// Servers that print in ways of their own.
func outputHabits() []Fault {
	return []Fault{
		{
			Name:        "silent",
			Description: "Nothing is printed, not even that the server is ready.",
			mutate: atStart(func(srv *server) error {
				srv.out = io.Discard
				return nil
			}),
		},
		{
			Name:        "noisy-stdout",
			Description: "The standard output gets 1 MiB of lines at the start and ten more for each message.",
			mutate: chatty(func(srv *server) io.Writer { return srv.out },
				"DEBUG handling a frame, state=READY, next=READY, nothing unusual to report here\n"),
		},
		{
			Name:        "noisy-stderr",
			Description: "The standard error gets 1 MiB of alarming text at the start and more for each message, with control characters and without line ends.",
			mutate: chatty(func(*server) io.Writer { return os.Stderr },
				fmt.Sprintf("\x1b[31mFATAL: panic: ERROR 0x%08x\x1b[0m\x00\xff \x07 ]]> <b> | `FAIL`", 0xdead)),
		},
	}
}
