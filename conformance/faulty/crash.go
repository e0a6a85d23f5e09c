package faulty

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

func crashFaults() []Fault {
	return []Fault{
		{
			Name: "sigpipe-death", Class: Crash,
			Description: "Writing a reply to a client that has gone kills the process with SIGPIPE: its default in C, C++ and Rust's C parts; ignore the signal or write with MSG_NOSIGNAL.",
			Breaks:      []string{"srv/stays-up", "srv/serves-again"},
			mutate: func(do *hooks) {
				do.write = func(s *session, header, content []byte) error {
					err := writeFrame(s, header, content)
					if errors.Is(err, unix.EPIPE) {
						dieOfSIGPIPE()
					}
					return err
				}
			},
		},
	}
}

// dieOfSIGPIPE ends the process by the signal itself: the runtime raises it for a standard output that nobody reads.
func dieOfSIGPIPE() {
	var pipe [2]int
	if unix.Pipe(pipe[:]) == nil && unix.Close(pipe[0]) == nil && unix.Dup2(pipe[1], 1) == nil {
		_, _ = os.Stdout.Write([]byte{0})
	}
	os.Exit(1)
}
