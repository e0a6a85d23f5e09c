package faulty

import "fmt"

// Clients that print in ways of their own.
func clientOutputHabits() []Fault {
	return []Fault{
		{
			Name:        "answer-between-words",
			Description: "The reply is printed behind a prompt and in front of a remark, in colour.",
			client: func(do *clientHooks) {
				do.present = func(c *client, reply []byte) error {
					_, err := fmt.Fprintf(c.Out, "\x1b[32mserver says> %s\x1b[0m (that was all)\n", reply)
					return err
				}
			},
		},
	}
}
