package faulty

import (
	"errors"
	"io"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// Clients whose session or process begins, waits or ends wrongly.
func clientSessionFaults() []Fault {
	return slices.Concat(clientCloseFaults(), clientHangFaults(), clientCrashFaults(), clientStatusFaults())
}

func clientCloseFaults() []Fault {
	return []Fault{
		{
			Name: "closes-before-answer", Class: Close,
			Description: "The session is closed behind the message, and the reply not waited for: shutdown(SHUT_RDWR) to flush, or `with` that ends too early in Python; close behind the reply.",
			Breaks:      []string{"cli/reply"},
			client: func(do *clientHooks) {
				do.ask = func(c *client, content []byte) error {
					if err := c.send(content); err != nil {
						return err
					}
					return errors.Join(c.conn.CloseWrite(), c.conn.CloseRead())
				}
			},
		},
		{
			Name: "answer-on-new-session", Class: StateSharing,
			Description: "The reply is waited for on a second session: a pool gives out another connection for the read than for the write; keep the one.",
			Breaks:      []string{"cli/reply"},
			client: func(do *clientHooks) {
				do.await = func(c *client) ([]byte, error) {
					first := c.conn
					defer first.Close()
					if err := c.dial(); err != nil {
						return nil, err
					}
					return c.receive()
				}
			},
		},
	}
}

func clientHangFaults() []Fault {
	return []Fault{
		{
			Name: "waits-for-greeting", Class: Hang,
			Description: "Nothing is sent before the server has said something: a client of a protocol with a banner; there is no greeting.",
			Breaks:      []string{"cli/request"},
			client: func(do *clientHooks) {
				do.ask = func(c *client, content []byte) error {
					if _, err := c.receive(); err != nil {
						return err
					}
					return c.send(content)
				}
			},
		},
		{
			Name: "sends-at-end-of-input", Class: Hang,
			Description: "The message is sent when the server has closed its side: cat and netcat in a pipe the wrong way round; send at once.",
			Breaks:      []string{"cli/request"},
			client: func(do *clientHooks) {
				do.ask = func(c *client, content []byte) error {
					_, _ = io.Copy(io.Discard, c.conn)
					return c.send(content)
				}
			},
		},
		{
			Name: "answer-at-end-of-stream", Class: Hang,
			Description: "The reply is printed when the server closes, which it does not: read() without a length in Python, readToEnd in Rust, the 'end' event in Node; the header says where the reply ends.",
			Breaks:      []string{"cli/reply"},
			client: func(do *clientHooks) {
				do.await = func(c *client) ([]byte, error) {
					reply, err := c.receive()
					if err == nil {
						_, _ = io.Copy(io.Discard, c.conn)
					}
					return reply, err
				}
			},
		},
		{
			Name: "never-ends", Class: Hang,
			Description: "The reply is printed, and then the next message is waited for: a loop over messages, or a thread that is not told to stop; end behind the reply.",
			Breaks:      []string{"cli/ends"},
			client: func(do *clientHooks) {
				do.hangUp = func(c *client, cause error) {
					if cause != nil {
						c.conn.Close()
					}
				}
				do.end = func(c *client, cause error) {
					if cause == nil {
						c.pause(forEver)
					}
				}
			},
		},
		{
			Name: "never-ends-after-failure", Class: Hang,
			Description: "The session is closed after an error, and the process stays: a timer or thread that nobody stops, in Node or Java; stop what runs.",
			Breaks:      []string{"cli/ends"},
			client: func(do *clientHooks) {
				do.end = func(c *client, cause error) {
					if cause != nil && c.conn != nil {
						c.pause(forEver)
					}
				}
			},
		},
		{
			Name: "ends-late", Class: Hang,
			Description: "The process ends 20 s after its session: a connection pool or a thread pool keeps it alive until it has idled, in Java or Node; shut the pool down.",
			Breaks:      []string{"cli/ends"},
			client: func(do *clientHooks) {
				do.end = func(c *client, _ error) {
					if c.conn != nil {
						c.pause(20 * time.Second)
					}
				}
			},
		},
		{
			Name: "spins-while-waiting", Class: Hang,
			Description: "The socket is asked again and again while the reply is waited for: a socket that does not block, and no poll(), in C or Python; wait in read() or poll().",
			Breaks:      []string{"cli/ends"},
			client: func(do *clientHooks) {
				do.read = func(s *session, p []byte) (int, error) {
					for {
						if n, err := readAtOnce(s, p); !errors.Is(err, unix.EAGAIN) {
							return n, err
						}
					}
				}
			},
		},
	}
}

func clientCrashFaults() []Fault {
	return []Fault{
		{
			Name: "large-answer-aborts", Class: Crash,
			Description: "A reply above 1 MiB ends the process by a signal: a variable-length array on the stack in C, an allocation that fails; take memory from the heap, as content comes.",
			Breaks:      []string{"cli/reply", "msg/sizes"},
			client: ofSession(func(do *hooks) {
				do.size = func(s *session, n int) error {
					if n > 1<<20 {
						abort()
					}
					return refuseEmpty(s, n)
				}
			}),
		},
		{
			Name: "aborts-at-end", Class: Crash,
			Description: "The process ends by a signal after the reply was printed: memory freed twice, a thread that is not joined in C++; end in order.",
			Breaks:      []string{"cli/reply"},
			client: func(do *clientHooks) {
				do.end = func(_ *client, cause error) {
					if cause == nil {
						abort()
					}
				}
			},
		},
		{
			Name: "answer-inside-character-panics", Class: Crash,
			Description: "A reply that begins inside a character ends the process: text is cut at a byte that is no boundary, a panic in Rust; keep bytes.",
			Breaks:      []string{"cli/reply", "msg/binary"},
			client: func(do *clientHooks) {
				do.present = func(c *client, reply []byte) error {
					if reply[0]&0xC0 == 0x80 {
						abort()
					}
					_, err := c.Out.Write(append(reply, '\n'))
					return err
				}
			},
		},
	}
}

func clientStatusFaults() []Fault {
	return []Fault{
		{
			Name: "status-counts-bytes", Class: ExitStatus,
			Description: "The exit status is how many bytes were received: `return n` from main() in C; return 0.",
			Breaks:      []string{"cli/reply"},
			client: func(do *clientHooks) {
				length, status := 0, do.status
				present := do.present
				do.present = func(c *client, reply []byte) error {
					length = len(reply)
					return present(c, reply)
				}
				do.status = func(c *client, cause error) int {
					if cause != nil {
						return status(c, cause)
					}
					return length & 0xFF
				}
			},
		},
		{
			Name: "status-of-server-end", Class: ExitStatus,
			Description: "The status is 1 unless the server closes first: the end of the stream is read behind the reply, without waiting, and its absence is an error; the reply is enough.",
			Breaks:      []string{"cli/reply"},
			client: func(do *clientHooks) {
				do.hangUp = func(c *client, cause error) {
					if events, err := c.events(0); cause == nil && (err != nil || events&unix.POLLRDHUP == 0) {
						c.do.status = func(*client, error) int { return 1 }
					}
					c.conn.Close()
				}
			},
		},
		{
			Name: "status-of-unsent-farewell", Class: ExitStatus,
			Description: "The status is 1 when the server has closed behind its reply: the session is shut down in order, and that this comes too late is an error; ignore errors of closing.",
			Breaks:      []string{"cli/reply"},
			client: func(do *clientHooks) {
				do.hangUp = func(c *client, cause error) {
					c.pause(50 * time.Millisecond)
					if events, _ := c.events(0); cause == nil && events&unix.POLLHUP != 0 {
						fallible := c.do.status
						c.do.status = func(c *client, _ error) int { return fallible(c, os.ErrClosed) }
					}
					c.conn.Close()
				}
			},
		},
	}
}
