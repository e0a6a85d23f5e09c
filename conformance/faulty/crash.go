package faulty

import (
	"errors"
	"os"
	"runtime/debug"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

func crashFaults() []Fault {
	return append(signalFaults(), exitFaults()...)
}

// onBrokenPipe acts when a reply finds its client gone.
func onBrokenPipe(act func(*session)) func(*hooks) {
	return func(do *hooks) {
		do.write = func(s *session, header, content []byte) error {
			err := writeFrame(s, header, content)
			if errors.Is(err, unix.EPIPE) {
				act(s)
			}
			return err
		}
	}
}

func signalFaults() []Fault {
	return []Fault{
		{
			Name: "sigpipe-death", Class: Crash,
			Description: "Writing a reply to a client that has gone kills the process with SIGPIPE: its default in C and C++; ignore the signal or write with MSG_NOSIGNAL.",
			Breaks:      []string{"srv/stays-up", "srv/serves-again"},
			mutate:      onBrokenPipe(func(*session) { dieOfSIGPIPE() }),
		},
		{
			Name: "large-message-killed", Class: Crash,
			Description: "Content of more than 8 MiB gets the process killed: a memory limit that copies of the content exceed, by the kernel's OOM killer or a container's; copy less.",
			Breaks:      []string{"srv/stays-up", "msg/sizes"},
			mutate: func(do *hooks) {
				do.echo = func(s *session, content []byte) error {
					if len(content) > 8<<20 {
						_ = unix.Kill(os.Getpid(), unix.SIGKILL)
					}
					return s.send(content)
				}
			},
		},
		{
			Name: "empty-aborts", Class: Crash,
			Description: "A message without content aborts the process: assert(length > 0) in C, an index out of range in a thread that nobody guards in Go or Rust; close the session.",
			Breaks:      []string{"srv/stays-up", "msg/empty"},
			mutate:      onFailure(func(err error) bool { return errors.Is(err, errSize) }, func(*session) { abort() }),
		},
		{
			Name: "thirty-third-session-aborts", Class: Crash,
			Description: "The 33rd open session aborts the process: an array of 32 connections and no check of the index in C; accept when one has ended.",
			Breaks:      []string{"srv/stays-up"},
			mutate: eachSession(func(s *session) {
				if len(s.server.open()) > 32 {
					abort()
				}
			}),
		},
		{
			Name: "reset-aborts", Class: Crash,
			Description: "A client that closes without reading its reply aborts the process: ECONNRESET is an exception or an 'error' event that nobody handles, in Node, Python or C++; handle it.",
			Breaks:      []string{"srv/stays-up"},
			mutate:      onFailure(func(err error) bool { return errors.Is(err, unix.ECONNRESET) }, func(*session) { abort() }),
		},
	}
}

func exitFaults() []Fault {
	exit := func(*session) { os.Exit(1) }
	return []Fault{
		{
			Name: "error-exits", Class: Crash,
			Description: "An invalid header ends the process with status 1: die() or exit(EXIT_FAILURE) in a function that reads, in C or Perl; return the error to the session.",
			Breaks:      []string{"srv/stays-up", "srv/serves-again"},
			mutate:      onFailure(isInvalid, exit),
		},
		{
			Name: "truncated-message-exits", Class: Crash,
			Description: "An end of stream inside a message ends the process: an EOFError or struct.error that nobody catches in Python, unwrap() in Rust; close the session.",
			Breaks:      []string{"srv/stays-up", "srv/serves-again"},
			mutate:      onFailure(isTruncated, exit),
		},
		{
			Name: "broken-pipe-exits", Class: Crash,
			Description: "Writing a reply to a client that has gone ends the process with status 1: BrokenPipeError in Python, perror() and exit() in C; close the session.",
			Breaks:      []string{"srv/stays-up", "srv/serves-again"},
			mutate:      onBrokenPipe(exit),
		},
		{
			Name: "invalid-utf8-exits", Class: Crash,
			Description: "Content that is not UTF-8 ends the process: a UnicodeDecodeError that nobody catches in Python, expect() in Rust; keep bytes.",
			Breaks:      []string{"srv/stays-up", "msg/binary"},
			mutate: converted(func(content []byte) []byte {
				if !utf8.Valid(content) {
					os.Exit(1)
				}
				return content
			}),
		},
		{
			Name: "first-session-exits", Class: Crash,
			Description: "The process ends with status 0 when its first session ends: accept() outside of the loop, as in a tutorial in C or Python; loop around it.",
			Breaks:      []string{"srv/stays-up", "srv/serves-again"},
			mutate:      func(do *hooks) { do.done = func(*session) { os.Exit(0) } },
		},
		{
			Name: "session-200-exits", Class: Crash,
			Description: "The process ends with the 200th session: a table of sessions that only grows runs over, or a worker is replaced after so many requests; free what a session used.",
			Breaks:      []string{"srv/stays-up", "srv/serves-again"},
			mutate: eachSession(func(s *session) {
				if s.number == 200 {
					os.Exit(1)
				}
			}),
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

// abort ends the process by SIGABRT, without a core file.
func abort() {
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	debug.SetTraceback("crash")
	panic("assertion failed")
}
