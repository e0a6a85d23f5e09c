package faulty

import (
	"bytes"
	"slices"
)

// Clients that go wrong at a length of the reply, on its way in or out.
func answerSizeFaults() []Fault {
	return slices.Concat(answerLimitFaults(), answerCountFaults(), answerOutputFaults(), answerMixedFaults())
}

func answerLimitFaults() []Fault {
	limit := func(name, description string, refuses func(n int) bool) Fault {
		return Fault{
			Name: name, Class: Boundary, Description: description,
			Breaks: []string{"msg/sizes", "cli/reply"},
			client: ofSession(refused(refuses)),
		}
	}
	return []Fault{
		limit("answer-limit-4-kib",
			"Replies longer than 4,096 bytes are refused: a buffer of fixed size that seemed large; the longest has 16,777,215 bytes.",
			func(n int) bool { return n > 4096 }),
		limit("answer-limit-65535",
			"Replies longer than 65,535 bytes are refused: the limit of other protocols, or of a datagram; the longest has 16,777,215 bytes.",
			func(n int) bool { return n > 0xFFFF }),
		limit("answer-limit-1-mib",
			"Replies longer than 1 MiB are refused: a limit against abuse, from a framework's defaults; the longest has 16,777,215 bytes.",
			func(n int) bool { return n > 1<<20 }),
		limit("answer-limit-8-mib",
			"Replies of 8 MiB and more are refused: a stack or heap limit turned into a check; the longest has 16,777,215 bytes.",
			func(n int) bool { return n >= 1<<23 }),
		limit("answer-longest-refused",
			"The longest reply is refused: >= in place of > against the limit; 16,777,215 bytes are allowed.",
			func(n int) bool { return n >= 1<<24-1 }),
		limit("answer-one-byte-refused",
			"Replies of one byte are refused as empty: <= 1 for what was meant as a terminated string, in C; the shortest has one byte.",
			func(n int) bool { return n <= 1 }),
		limit("answer-multiples-of-256-refused",
			"Replies whose length is a multiple of 256 are refused as empty: only the header's last byte is looked at; check the whole length.",
			func(n int) bool { return n&0xFF == 0 }),
	}
}

func answerCountFaults() []Fault {
	return []Fault{
		{
			Name: "answer-last-byte-unread", Class: Boundary,
			Description: "The last byte of the reply is not read: room for a terminator is taken from the content, as fgets() does in C; read exactly the announced length.",
			Breaks:      []string{"cli/reply", "hdr/length", "msg/sizes"},
			client: func(do *clientHooks) {
				do.content = func(s *session, n int) ([]byte, error) { return readContent(s, n-1) }
			},
		},
		{
			Name: "answer-byte-too-many", Class: Boundary,
			Description: "One byte more than announced is waited for: <= in place of < in the loop in C; read exactly the announced length.",
			Breaks:      []string{"cli/reply", "hdr/length", "msg/sizes"},
			client: func(do *clientHooks) {
				do.content = func(s *session, n int) ([]byte, error) {
					content, err := readContent(s, n+1)
					return content[:min(n, len(content))], err
				}
			},
		},
		{
			Name: "answer-buffer-multiple-waits", Class: Boundary,
			Description: "Replies whose length is a multiple of 4,096 wait for a byte more: a loop that ends with the first short read of a 4 KiB buffer, in C; count the bytes.",
			Breaks:      []string{"msg/sizes", "cli/reply"},
			client: func(do *clientHooks) {
				do.content = func(s *session, n int) ([]byte, error) {
					content, err := readContent(s, n)
					if err == nil && n%4096 == 0 {
						_, err = s.do.read(s, make([]byte, 1))
					}
					return content, err
				}
			},
		},
		{
			Name: "answer-cut-at-1023", Class: Boundary,
			Description: "Of the reply 1,023 bytes are printed: snprintf() into a buffer of 1 KiB in C; print all of it.",
			Breaks:      []string{"cli/reply", "msg/sizes"},
			client:      presentedAs(func(content []byte) []byte { return content[:min(len(content), 1023)] }),
		},
		{
			Name: "answer-whole-buffer-printed", Class: BufferReuse,
			Description: "The whole buffer of 256 bytes is printed, with NULs behind a shorter reply: fwrite(buf, 1, sizeof buf) in C, String(buf) in Node; print as many bytes as were received.",
			Breaks:      []string{"cli/reply"},
			client: presentedAs(func(content []byte) []byte {
				return append(content, make([]byte, max(0, 256-len(content)))...)
			}),
		},
	}
}

func answerOutputFaults() []Fault {
	printed := func(keep func(n int) int) func(*clientHooks) {
		return func(do *clientHooks) {
			do.present = func(c *client, reply []byte) error {
				out := append(reply, '\n')
				_, err := c.Out.Write(out[:keep(len(out))])
				return err
			}
		}
	}
	return []Fault{
		{
			Name: "output-cut-at-64-kib", Class: ShortWrite,
			Description: "The output ends after 64 KiB: process.exit() before the pipe has taken the rest in Node, one write() in C; wait until all is written.",
			Breaks:      []string{"cli/reply", "msg/sizes"},
			client:      printed(func(n int) int { return min(n, pieceLen) }),
		},
		{
			Name: "output-not-flushed", Class: ShortWrite,
			Description: "What does not fill the output's buffer of 4 KiB is not printed: _exit() in C, os._exit() in Python, or bufio without Flush in Go; flush before the end.",
			Breaks:      []string{"cli/reply"},
			client:      printed(func(n int) int { return n / 4096 * 4096 }),
		},
		{
			Name: "output-last-chunk-lost", Class: ShortWrite,
			Description: "Of a reply above 8 KiB only whole chunks are printed: n / CHUNK rounds down, and the rest is forgotten, in any language; print the last part too.",
			Breaks:      []string{"cli/reply", "msg/sizes"},
			client: printed(func(n int) int {
				if n > 8192 {
					n = n / 8192 * 8192
				}
				return n
			}),
		},
	}
}

// Clients that print something else in the place of the reply, or with it.
func answerMixedFaults() []Fault {
	presentedBy := func(make func(c *client, reply []byte) []byte) func(*clientHooks) {
		return func(do *clientHooks) {
			present := do.present
			do.present = func(c *client, reply []byte) error { return present(c, make(c, reply)) }
		}
	}
	return []Fault{
		{
			Name: "answer-printed-with-header", Class: Layout,
			Description: "The reply's header is printed in front of its content: the whole buffer goes to the output; print what stands behind the header.",
			Breaks:      []string{"cli/reply"},
			client:      presentedBy(func(c *client, reply []byte) []byte { return append(slices.Clone(c.last[:]), reply...) }),
		},
		{
			Name: "answer-with-tail-of-request", Class: BufferReuse,
			Description: "A reply that is shorter than the message is printed with the message's tail: one buffer for both and strlen() for the length in C; use the length that was received.",
			Breaks:      []string{"cli/reply"},
			client: presentedBy(func(c *client, reply []byte) []byte {
				return append(reply, c.Message[min(len(reply), len(c.Message)):]...)
			}),
		},
		{
			Name: "answer-is-request", Class: BufferReuse,
			Description: "The message is printed in the place of the reply: an echo is expected, and the wrong variable printed; print what was received.",
			Breaks:      []string{"cli/reply"},
			client:      presentedBy(func(c *client, _ []byte) []byte { return c.Message }),
		},
		{
			Name: "answer-must-be-echo", Class: Order,
			Description: "A reply that differs from the message is refused: a client that tests its own server; any reply is one.",
			Breaks:      []string{"cli/reply"},
			client: func(do *clientHooks) {
				do.await = func(c *client) ([]byte, error) {
					reply, err := c.receive()
					if err == nil && !bytes.Equal(reply, c.Message) {
						err = errRefused
					}
					return reply, err
				}
			},
		},
	}
}
