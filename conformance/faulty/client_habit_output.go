package faulty

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// presenting changes how the reply is printed.
func presenting(present func(c *client, reply []byte) error) func(*clientHooks) {
	return func(do *clientHooks) { do.present = present }
}

// Clients that print in ways of their own.
func clientOutputHabits() []Fault {
	return slices.Concat(presentationHabits(), remarkHabits())
}

func presentationHabits() []Fault {
	return []Fault{
		{
			Name:        "answer-between-words",
			Description: "The reply is printed behind a prompt and in front of a remark, in colour.",
			client: presenting(func(c *client, reply []byte) error {
				_, err := fmt.Fprintf(c.Out, "\x1b[32mserver says> %s\x1b[0m (that was all)\n", reply)
				return err
			}),
		},
		{
			Name:        "answer-bare",
			Description: "Nothing is printed but the reply, not even a line end.",
			client: presenting(func(c *client, reply []byte) error {
				_, err := c.Out.Write(reply)
				return err
			}),
		},
		{
			Name:        "answer-ends-its-line",
			Description: "A line end is printed behind a reply that does not end in one.",
			client: presenting(func(c *client, reply []byte) error {
				if reply[len(reply)-1] != '\n' {
					reply = append(reply, '\n')
				}
				_, err := c.Out.Write(reply)
				return err
			}),
		},
		{
			Name:        "answer-on-stderr",
			Description: "The reply is printed on the standard error, and so are complaints.",
			client: presenting(func(c *client, reply []byte) error {
				_, err := c.Err.Write(append(reply, '\n'))
				return err
			}),
		},
		{
			Name:        "answer-with-count",
			Description: "In front of the reply stands how long it is, behind it how long it took: other words each time.",
			client: presenting(func(c *client, reply []byte) error {
				_, err := fmt.Fprintf(c.Out, "%d bytes: %s\n(%v)\n", len(reply), reply, time.Now().Nanosecond())
				return err
			}),
		},
		{
			Name:        "answer-ended-by-nul",
			Description: "A NUL is printed behind the reply, for a reader that splits at NULs.",
			client: presenting(func(c *client, reply []byte) error {
				_, err := c.Out.Write(append(reply, 0))
				return err
			}),
		},
		{
			Name:        "answer-in-pieces",
			Description: "The reply is printed in many small writes, with a rest after each of the first few.",
			client: presenting(func(c *client, reply []byte) error {
				pieces := 0
				for piece := range slices.Chunk(append(reply, '\n'), 1000) {
					if _, err := c.Out.Write(piece); err != nil {
						return err
					}
					if pieces++; pieces < 10 {
						c.pause(2 * time.Millisecond)
					}
				}
				return nil
			}),
		},
	}
}

func remarkHabits() []Fault {
	return []Fault{
		{
			Name:        "banner-first",
			Description: "Name, version and the message that is sent are printed before the session begins.",
			client: func(do *clientHooks) {
				do.start = func(c *client) { fmt.Fprintf(c.Out, "oizys client 1.4.2\nsending: %s\n", c.Message) }
			},
		},
		{
			Name:        "debugs-on-stderr",
			Description: "The standard error gets 1 MiB of alarming text at the start, and the bytes of the reply as they stand on the wire.",
			client: func(do *clientHooks) {
				do.start = func(c *client) {
					_, _ = io.WriteString(c.Err, strings.Repeat("\x1b[31mFATAL: panic: ERROR 0xdead\x1b[0m\x00\xff ", 1<<20/32))
				}
				do.present = func(c *client, reply []byte) error {
					fmt.Fprintf(c.Err, "got %s%s\n", c.last, reply)
					_, err := c.Out.Write(append(reply, '\n'))
					return err
				}
			},
		},
		{
			Name:        "quotes-what-is-invalid",
			Description: "The complaint about an invalid reply quotes what came of it, on the standard error.",
			client: func(do *clientHooks) {
				do.complain = func(c *client, cause error, part []byte) {
					fmt.Fprintf(c.Err, "invalid reply, %v: header % x, content %q, as it came: %s\n", cause, c.last, part, part)
				}
			},
		},
		{
			Name:        "complains-on-stdout",
			Description: "What went wrong is printed on the standard output.",
			client: func(do *clientHooks) {
				do.complain = func(c *client, cause error, _ []byte) { fmt.Fprintf(c.Out, "sorry, no reply: %v\n", cause) }
			},
		},
		{
			Name:        "fails-silently",
			Description: "Nothing is printed when there is no reply, and the status is 0 all the same.",
			client: func(do *clientHooks) {
				do.complain = func(*client, error, []byte) {}
				do.status = func(*client, error) int { return 0 }
			},
		},
	}
}
