package faulty

import (
	"errors"
	"io"
	"slices"
	"syscall"
	"time"

	"github.com/oizys-protocol/oizys/spec"
)

// Clients that go wrong when there is no valid reply.
func invalidAnswerFaults() []Fault {
	return slices.Concat(presentedFaults(), passedOverFaults(), leftOpenFaults())
}

func isEmpty(err error) bool { return errors.Is(err, errSize) }

// insteadOfComplaint acts on failures of one kind, and then gives them the given status.
func insteadOfComplaint(kind func(error) bool, act func(c *client, part []byte), status int) func(*clientHooks) {
	return func(do *clientHooks) {
		complain, failed := do.complain, do.status
		do.complain = func(c *client, cause error, part []byte) {
			if kind(cause) {
				act(c, part)
				return
			}
			complain(c, cause, part)
		}
		do.status = func(c *client, cause error) int {
			if kind(cause) {
				return status
			}
			return failed(c, cause)
		}
	}
}

// isReset reports whether err is a reset, which a socket tells once all that came before was read.
func isReset(err error) bool { return errors.Is(err, syscall.ECONNRESET) }

// isCutShort reports whether err is the end of a reply that is not whole.
func isCutShort(err error) bool { return errors.Is(err, errTruncatedContent) || isReset(err) }

// printFull prints as much of what there is of a reply as fills an output's buffer, once or more often.
func printFull(c *client, part []byte) {
	const buffer = 256 << 10
	_, _ = c.Out.Write(part[:len(part)/buffer*buffer])
}

// printPart presents what there is of a reply.
func printPart(c *client, part []byte) { _ = c.do.present(c, part) }

func presentedFaults() []Fault {
	return []Fault{
		{
			Name: "truncated-answer-printed", Class: Truncation,
			Description: "A reply that is cut short is printed as far as it came, with status 0: a loop that ends when read() returns 0, in any language; compare the count with the announced length.",
			Breaks:      []string{"cli/invalid-reply", "close/truncated-content"},
			client:      insteadOfComplaint(func(err error) bool { return errors.Is(err, errTruncatedContent) }, printPart, 0),
		},
		{
			Name: "truncated-answer-printed-in-error", Class: Truncation,
			Description: "What came of a reply that is cut short is printed, and the status is 1: the output is made in a `finally` or a deferred function; print when the reply is whole.",
			Breaks:      []string{"cli/invalid-reply", "close/truncated-content"},
			client:      insteadOfComplaint(func(err error) bool { return errors.Is(err, errTruncatedContent) }, printPart, 1),
		},
		{
			Name: "answer-printed-as-it-comes", Class: Truncation,
			Description: "Each piece of the reply is printed as it comes, and what is cut short has been printed by then: pipe() in Node, io.Copy in Go; print when the reply is whole.",
			Breaks:      []string{"cli/invalid-reply", "close/truncated-content"},
			client: func(do *clientHooks) {
				do.content = nil
				do.await = streamed
				do.present = func(c *client, _ []byte) error {
					_, err := io.WriteString(c.Out, "\n")
					return err
				}
			},
		},
		{
			Name: "reset-taken-for-end", Class: Truncation,
			Description: "A reply that a reset cuts short is printed as far as it came, with status 0, and one that the end of the stream does is not: any error of read() ends the loop, and 0 alone is looked at, `Err(_) => break` in Rust; fail on errors too.",
			Breaks:      []string{"cli/invalid-reply", "close/truncated-content", "close/on-error"},
			client:      insteadOfComplaint(isReset, printPart, 0),
		},
		{
			Name: "answer-printed-beyond-256-kib", Class: Truncation,
			Description: "What does not fit into the output's buffer of 256 KiB is printed as it comes, and of a reply that is cut short so much has been printed by then: bufio without Flush in Go, a BufferedWriter that is dropped in other languages; print when the reply is whole.",
			Breaks:      []string{"cli/invalid-reply", "close/truncated-content"},
			client:      insteadOfComplaint(isCutShort, printFull, 1),
		},
		{
			Name: "truncated-header-is-empty-answer", Class: Truncation,
			Description: "A stream that ends inside a header is printed as a reply without content, with status 0: a helper that returns b'' at the end of the stream, in Python; raise an error.",
			Breaks:      []string{"cli/invalid-reply", "close/truncated-header"},
			client:      insteadOfComplaint(func(err error) bool { return errors.Is(err, errTruncatedHeader) }, printPart, 0),
		},
		{
			Name: "truncated-answer-padded", Class: Truncation,
			Description: "A reply that is cut short is printed with NULs in the place of what is missing: a buffer of the announced length, and no look at how much was read, in C or Node; check the count.",
			Breaks:      []string{"cli/invalid-reply", "close/truncated-content"},
			client: func(do *clientHooks) {
				do.content = func(s *session, n int) ([]byte, error) {
					content, err := readContent(s, n)
					if errors.Is(err, errTruncatedContent) {
						return append(content, make([]byte, n-len(content))...), nil
					}
					return content, err
				}
			},
		},
		{
			Name: "empty-answer-printed", Class: Empty,
			Description: "An empty message is printed as a reply without content: no look at the length, in any language; a message has content.",
			Breaks:      []string{"cli/invalid-reply", "msg/empty"},
			client:      insteadOfComplaint(isEmpty, printPart, 0),
		},
	}
}

// streamed prints the reply while it is received.
func streamed(c *client) ([]byte, error) {
	n, err := c.receiveHeader()
	for buf := make([]byte, pieceLen); n > 0 && err == nil; {
		var got int
		got, err = c.do.read(c.session, buf[:min(n, len(buf))])
		if _, failed := c.Out.Write(buf[:got]); failed != nil {
			return nil, failed
		}
		if n -= got; n > 0 {
			err = truncated(err)
		}
	}
	return nil, err
}

func passedOverFaults() []Fault {
	return []Fault{
		{
			Name: "empty-answer-passed-over", Class: Empty,
			Description: "An empty message is passed over, and the next taken for the reply: a loop `while (!content)`, or the keep-alive of another protocol; close the session.",
			Breaks:      []string{"msg/empty", "close/on-error", "close/nothing-after"},
			client: func(do *clientHooks) {
				do.await = func(c *client) ([]byte, error) {
					for {
						if reply, err := c.receive(); !isEmpty(err) {
							return reply, err
						}
					}
				}
			},
		},
		{
			Name: "answer-reserved-unchecked", Class: Reserved,
			Description: "A reply with any reserved byte is printed: the byte is skipped, header[1:] in Python; a receiver should close the session unless it is 0x00.",
			Breaks:      []string{"hdr/reserved-nonzero"},
			client:      ofSession(wrongReserved(func(byte) bool { return true })),
		},
		{
			Name: "answer-reserved-signed-check", Class: Reserved,
			Description: "A reply with a reserved byte of 0x80 or more is printed: a signed byte tested for > 0 in Java or C; test for != 0.",
			Breaks:      []string{"hdr/reserved-nonzero"},
			client:      ofSession(wrongReserved(func(b byte) bool { return int8(b) <= 0 })),
		},
		{
			Name: "answer-reserved-checked-behind-content", Class: Reserved,
			Description: "A reply with a wrong reserved byte is refused when its content has come, and waited for until then: one function reads a message and another checks it; check the header before the content is read.",
			Breaks:      []string{"hdr/reserved-nonzero"},
			client:      ofSession(checkedBehindContent),
		},
		{
			Name: "answer-reserved-in-length", Class: Reserved,
			Description: "The reserved byte is the upper byte of a 32-bit length, so that a wrong one announces 16 MiB and more: readUInt32BE in Node; check the byte and mask it.",
			Breaks:      []string{"hdr/reserved-nonzero"},
			client: func(do *clientHooks) {
				do.reserved = func(*session, header) error { return nil }
				do.length = func(_ *session, h header) int { return int(h[0])<<24 | bigEndian(nil, h) }
			},
		},
		{
			Name: "answer-reserved-passed-over", Class: Reserved,
			Description: "A reply with a wrong reserved byte is passed over, and the next taken for it: unknown types are ignored, as other protocols ask for; close the session.",
			Breaks:      []string{"hdr/reserved-nonzero"},
			client: func(do *clientHooks) {
				do.reserved = func(*session, header) error { return nil }
				do.await = func(c *client) ([]byte, error) {
					for {
						if reply, err := c.receive(); err != nil || c.last[0] == spec.Reserved {
							return reply, err
						}
					}
				}
			},
		},
	}
}

// forEver is longer than anyone waits.
const forEver = 24 * time.Hour

// waitsAfter has the client wait with closing the session after failures of one kind.
func waitsAfter(kind func(error) bool, d time.Duration) func(*clientHooks) {
	return func(do *clientHooks) {
		do.hangUp = func(c *client, cause error) {
			if cause != nil && kind(cause) {
				c.pause(d)
			}
			c.conn.Close()
		}
	}
}

func leftOpenFaults() []Fault {
	anyFailure := func(error) bool { return true }
	allEnds := []string{"close/on-error", "msg/empty", "close/truncated-header", "close/truncated-content", "close/end-of-stream", "hdr/reserved-nonzero", "cli/ends"}
	return []Fault{
		{
			Name: "failed-session-left-open", Class: Close,
			Description: "After an error the session stays open: the thread that reads returns, and the main one waits for a result, in Java, C# or Python; close, and wake who waits.",
			Breaks:      allEnds,
			client:      waitsAfter(anyFailure, forEver),
		},
		{
			Name: "failed-session-closed-late", Class: Close,
			Description: "After an error the session is closed 20 s later: a retry or a lingering timer of a pool comes first; close at once.",
			Breaks:      allEnds,
			client:      waitsAfter(anyFailure, 20*time.Second),
		},
		{
			Name: "failed-session-half-closed", Class: Close,
			Description: "After an error only the writing side is shut down, and the process waits for the server's end: shutdown(SHUT_WR) taken for close() in C, end() in Node; close the session, destroy().",
			Breaks:      allEnds,
			client: func(do *clientHooks) {
				do.hangUp = func(c *client, cause error) {
					if cause != nil {
						_ = c.conn.CloseWrite()
						c.pause(forEver)
					}
					c.conn.Close()
				}
			},
		},
		{
			Name: "empty-answer-left-open", Class: Empty,
			Description: "After an empty message the session stays open: a read of 0 bytes that returns at once is taken for \"nothing yet\", in any language; check the length first.",
			Breaks:      []string{"msg/empty", "close/on-error"},
			client:      waitsAfter(isEmpty, forEver),
		},
		{
			Name: "truncated-content-left-open", Class: Truncation,
			Description: "A stream that ends inside content is waited on for ever: read() that returns 0 repeats the loop `while (got < n)`, in C or Python; 0 is the end.",
			Breaks:      []string{"close/truncated-content", "close/on-error"},
			client:      waitsAfter(func(err error) bool { return errors.Is(err, errTruncatedContent) }, forEver),
		},
		{
			Name: "truncated-header-left-open", Class: Truncation,
			Description: "A stream that ends inside a header is waited on for ever: a parser that needs four bytes is not told of the end, an 'end' event without a handler in Node; close the session.",
			Breaks:      []string{"close/truncated-header", "close/on-error"},
			client:      waitsAfter(func(err error) bool { return errors.Is(err, errTruncatedHeader) }, forEver),
		},
		{
			Name: "end-of-stream-left-open", Class: Close,
			Description: "When the server shuts down its side without a reply, the session stays open: allowHalfOpen in Node, no look at a read of 0 bytes in C; close the session.",
			Breaks:      []string{"close/end-of-stream", "close/on-error", "cli/ends"},
			client:      waitsAfter(func(err error) bool { return err == io.EOF }, forEver),
		},
	}
}
