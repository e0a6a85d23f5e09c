package faulty

import (
	"errors"
	"os"
	"slices"
	"time"
)

// Clients that send other messages than the one, or a part of it.
func requestSendFaults() []Fault {
	return slices.Concat(requestSizeFaults(), requestPieceFaults(), requestMoreFaults(), requestAgainFaults())
}

func requestSizeFaults() []Fault {
	refused := func(name, description string, refuses func(n int) bool) Fault {
		return Fault{
			Name: name, Class: Boundary, Description: description,
			Breaks: []string{"cli/request", "msg/sizes"},
			client: unsent(func(content []byte) bool { return refuses(len(content)) }),
		}
	}
	return []Fault{
		refused("request-one-byte-refused",
			"A message of one byte is refused as empty: <= 1 for a string whose terminator was counted, in C; the shortest message has one byte.",
			func(n int) bool { return n == 1 }),
		refused("request-multiples-of-256-refused",
			"A message whose length is a multiple of 256 is refused as empty: the length is narrowed to a byte before it is checked, in C or Java; check the whole length.",
			func(n int) bool { return n&0xFF == 0 }),
		refused("request-limit-65535",
			"A message longer than 65,535 bytes is refused: the limit of other protocols, or of a 16-bit field; the longest has 16,777,215 bytes.",
			func(n int) bool { return n > 0xFFFF }),
		refused("request-limit-4096-checked-late",
			"A message of exactly 4,096 bytes is refused, by a fixed buffer that has no room for the terminator, and longer ones are not: == in place of >= in C; allocate what is needed.",
			func(n int) bool { return n == 4096 }),
		{
			Name: "request-cut-at-1023", Class: Boundary,
			Description: "The message is cut to 1,023 bytes: strncpy() or snprintf() into a buffer of 1 KiB in C; send the argument from where it is.",
			Breaks:      []string{"cli/request", "msg/sizes"},
			client:      givenAs(func(content []byte) []byte { return content[:min(len(content), 1023)] }),
		},
	}
}

func requestPieceFaults() []Fault {
	piecewise := func(write func(s *session, content []byte) error) func(*clientHooks) {
		return func(do *clientHooks) {
			do.write = func(s *session, header, content []byte) error {
				if err := writeFrame(s, header, nil); err != nil {
					return err
				}
				return write(s, content)
			}
		}
	}
	return []Fault{
		{
			Name: "request-short-write", Class: ShortWrite,
			Description: "Of content above 64 KiB the rest is not sent: what one write() took is not looked at, in C or with send() in Python; write until all is sent.",
			Breaks:      []string{"cli/request", "msg/sizes"},
			client: piecewise(func(s *session, content []byte) error {
				return writeFrame(s, content[:min(len(content), pieceLen)], nil)
			}),
		},
		{
			Name: "request-chunks-rounded-down", Class: ShortWrite,
			Description: "Of content above 4 KiB only whole chunks are sent: n / CHUNK rounds down, and the rest is forgotten, in any language; send the last part too.",
			Breaks:      []string{"cli/request", "msg/sizes"},
			client: piecewise(func(s *session, content []byte) error {
				const chunk = 4096
				if n := len(content); n > chunk {
					content = content[:n/chunk*chunk]
				}
				return writeFrame(s, content, nil)
			}),
		},
		{
			Name: "request-not-flushed", Class: ShortWrite,
			Description: "What does not fill a buffer of 4 KiB is never sent: a BufferedWriter in Java, bufio in Go or makefile() in Python without flush(); flush behind the message.",
			Breaks:      []string{"cli/request"},
			client: func(do *clientHooks) {
				do.write = func(s *session, header, content []byte) error {
					all := append(header, content...)
					return writeFrame(s, all[:len(all)/4096*4096], nil)
				}
			},
		},
		{
			Name: "request-chunks-swapped", Class: Order,
			Description: "The second 32 KiB of content overtake the first: asynchronous writes that are not awaited one after the other, in C# or with threads; await each write.",
			Breaks:      []string{"cli/request", "stream/order", "msg/binary"},
			client: piecewise(func(s *session, content []byte) error {
				const chunk = 32 << 10
				if len(content) < 2*chunk {
					return writeFrame(s, content, nil)
				}
				return writeFrame(s, content[chunk:2*chunk], slices.Concat(content[:chunk], content[2*chunk:]))
			}),
		},
		{
			Name: "request-framed-in-chunks", Class: Layout,
			Description: "Content above 16 KiB is sent as several messages: each chunk of a stream gets a header of its own, in a pipeline of Node or Java; frame the whole message.",
			Breaks:      []string{"cli/request", "hdr/length", "msg/sizes"},
			client: func(do *clientHooks) {
				do.ask = func(c *client, content []byte) error {
					for chunk := range slices.Chunk(content, 16<<10) {
						if err := c.send(chunk); err != nil {
							return err
						}
					}
					return nil
				}
			},
		},
	}
}

// askMore sends further messages around the one.
func askMore(before, behind []byte) func(*clientHooks) {
	return func(do *clientHooks) {
		do.ask = func(c *client, content []byte) error {
			for _, message := range [][]byte{before, content, behind} {
				if len(message) == 0 {
					continue
				}
				if err := c.send(message); err != nil {
					return err
				}
			}
			return nil
		}
	}
}

func requestMoreFaults() []Fault {
	behindAnswer := func(message string) func(*clientHooks) {
		return func(do *clientHooks) {
			do.await = func(c *client) ([]byte, error) {
				reply, err := c.receive()
				if err == nil {
					_ = c.send([]byte(message))
				}
				return reply, err
			}
		}
	}
	return []Fault{
		{
			Name: "request-greeting-first", Class: Unsolicited,
			Description: "A greeting goes out in front of the message: the hello of another protocol; there is no handshake.",
			Breaks:      []string{"cli/request", "stream/unsolicited"},
			client:      askMore([]byte("HELLO 1.0"), nil),
		},
		{
			Name: "request-end-marker", Class: Unsolicited,
			Description: "A message that says END follows the message: the end of input sent as a word; closing says it.",
			Breaks:      []string{"cli/request", "stream/unsolicited"},
			client:      askMore(nil, []byte("END")),
		},
		{
			Name: "answer-acknowledged", Class: Unsolicited,
			Description: "The reply is answered with OK: reliability added on top of a stream that has it; there is no acknowledgement.",
			Breaks:      []string{"stream/unsolicited", "cli/request"},
			client:      behindAnswer("OK"),
		},
		{
			Name: "invalid-answer-reported", Class: Unsolicited,
			Description: "What is wrong with the reply is sent to the server before the session is closed: an error frame of another protocol; close, the protocol has no error message.",
			Breaks:      []string{"cli/request", "stream/unsolicited"},
			client: func(do *clientHooks) {
				do.hangUp = func(c *client, cause error) {
					if isInvalid(cause) {
						_ = c.send([]byte("ERROR " + cause.Error()))
					}
					c.conn.Close()
				}
			},
		},
		{
			Name: "keep-alive-while-waiting", Class: Unsolicited,
			Description: "A message goes out every 100 ms while the reply is waited for: a ping, from a framework's defaults; there is no keep-alive.",
			Breaks:      []string{"stream/unsolicited", "cli/request"},
			client: func(do *clientHooks) {
				do.header = waiting(100*time.Millisecond, func(s *session) error { return s.send([]byte("ping")) })
			},
		},
	}
}

// waiting acts each time that no reply began for d.
func waiting(d time.Duration, act func(*session) error) func(*session) (header, error) {
	var do hooks
	whenIdle(d, act)(&do)
	return do.header
}

func requestAgainFaults() []Fault {
	return []Fault{
		{
			Name: "request-sent-twice", Class: Order,
			Description: "The message is sent twice in a row: a write in the constructor and another in run(), or a retry that does not ask whether the first went out; send it once.",
			Breaks:      []string{"cli/request", "stream/unsolicited"},
			client: func(do *clientHooks) {
				do.ask = func(c *client, content []byte) error { return errors.Join(c.send(content), c.send(content)) }
			},
		},
		{
			Name: "request-repeated-when-slow", Class: Idle,
			Description: "The message is sent again when no reply has begun after 150 ms: a retry made for datagrams; a stream loses nothing, wait.",
			Breaks:      []string{"stream/unsolicited", "cli/request"},
			client: func(do *clientHooks) {
				do.ask = func(c *client, content []byte) error {
					c.session.do.header = waiting(150*time.Millisecond, func(s *session) error { return s.send(content) })
					return c.send(content)
				}
			},
		},
		{
			Name: "sends-again-after-reset", Class: Close,
			Description: "When the connection is reset, the message is sent once more on a new one, as the server was restarted just now: retries on ECONNRESET and EPIPE that HTTP clients have; what the server did with the first is not known, report the failure.",
			Breaks:      []string{"cli/request"},
			client: func(do *clientHooks) {
				do.await = func(c *client) ([]byte, error) {
					reply, err := c.receive()
					if !isReset(err) {
						return reply, err
					}
					c.conn.Close()
					if err := errors.Join(c.dial(), c.send(c.Message)); err != nil {
						return nil, err
					}
					return c.receive()
				}
			},
		},
		{
			Name: "request-repeated-on-new-session", Class: Close,
			Description: "When the session fails, the message is sent again on a new one: a retry of a connection pool, safe only for what may be done twice; report the failure.",
			Breaks:      []string{"cli/request"},
			client: func(do *clientHooks) {
				do.await = func(c *client) ([]byte, error) {
					reply, err := c.receive()
					if err == nil || errors.Is(err, os.ErrClosed) {
						return reply, err
					}
					c.conn.Close()
					if err := c.dial(); err != nil {
						return nil, err
					}
					if err := c.send(c.Message); err != nil {
						return nil, err
					}
					_ = c.conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
					return c.receive()
				}
			},
		},
	}
}
