package faulty

import "errors"

// withoutReply acts on errors of one kind instead of complaining, and then returns the given status.
func withoutReply(kind func(error) bool, act func(c *client, part []byte), status int) func(*clientHooks) {
	return func(do *clientHooks) {
		complain, failed := do.complain, do.status
		do.complain = func(c *client, cause error, part []byte) {
			if !kind(cause) {
				complain(c, cause, part)
				return
			}
			act(c, part)
		}
		do.status = func(c *client, cause error) int {
			if kind(cause) {
				return status
			}
			return failed(c, cause)
		}
	}
}

// printPart presents what there is of a reply.
func printPart(c *client, part []byte) { _ = c.do.present(c, part) }

// Clients that take an invalid reply for a valid one.
func invalidReplyFaults() []Fault {
	return []Fault{
		{
			Name: "truncated-answer-printed", Class: Truncation,
			Description: "A reply that is cut short is printed as far as it came, with status 0: a loop that ends when read() returns 0, in any language; compare the count with the announced length.",
			Breaks:      []string{"cli/invalid-reply", "close/truncated-content"},
			client:      withoutReply(func(err error) bool { return errors.Is(err, errTruncatedContent) }, printPart, 0),
		},
	}
}
