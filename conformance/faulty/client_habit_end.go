package faulty

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// Clients that begin and end in ways of their own, or ask more of a message than the protocol does.
func clientEndHabits() []Fault {
	return []Fault{
		{
			Name:        "lingers-200-ms",
			Description: "The process ends 200 ms after its session.",
			client:      func(do *clientHooks) { do.end = func(c *client, _ error) { c.pause(200 * time.Millisecond) } },
		},
		{
			Name:        "prints-before-it-closes",
			Description: "The reply is printed, and 20 ms later the session closed.",
			client: func(do *clientHooks) {
				do.hangUp = func(c *client, cause error) {
					if cause != nil {
						c.conn.Close()
					}
				}
				do.end = func(c *client, cause error) {
					if c.conn != nil && cause == nil {
						c.pause(20 * time.Millisecond)
						c.conn.Close()
					}
				}
			},
		},
		{
			Name:        "never-closes",
			Description: "The session is closed by the end of the process.",
			client:      func(do *clientHooks) { do.hangUp = func(*client, error) {} },
		},
		{
			Name:        "client-ignores-sigterm",
			Description: "SIGTERM does nothing.",
			client:      func(do *clientHooks) { do.start = func(*client) { signal.Ignore(syscall.SIGTERM) } },
		},
		{
			Name:        "fails-with-77",
			Description: "The status is 77 when there is no reply.",
			client: func(do *clientHooks) {
				do.status = func(_ *client, cause error) int {
					if cause != nil {
						return 77
					}
					return 0
				}
			},
		},
		{
			Name:        "aborts-on-failure",
			Description: "The process ends by SIGABRT when there is no valid reply; the session is closed by that.",
			client: func(do *clientHooks) {
				do.complain = func(c *client, _ error, _ []byte) {
					if c.conn != nil {
						abort()
					}
				}
			},
		},
		{
			Name:        "client-behind-wrapper",
			Description: "The process that is started runs another that does the work, waits for it, and ends with its status.",
			client:      func(do *clientHooks) { do.start = wrapped },
		},
		{
			Name:        "refuses-options",
			Description: "A message that begins with a dash or an at sign is refused as an option or a file's name, and nothing is sent.",
			client: unsent(func(content []byte) bool {
				return strings.HasPrefix(string(content), "-") || strings.HasPrefix(string(content), "@")
			}),
		},
	}
}

// wrapped starts this program again and, in the first process, ends with its status.
func wrapped(c *client) {
	if role() == "wrapped" {
		return
	}
	worker, err := child(c.server.ctx, "wrapped")
	if err == nil {
		worker.Stdout, worker.Stderr = os.Stdout, os.Stderr
		err = worker.Run()
	}
	var exited *exec.ExitError
	switch {
	case err == nil:
		os.Exit(0)
	case errors.As(err, &exited):
		os.Exit(exited.ExitCode())
	default:
		os.Exit(1)
	}
}
