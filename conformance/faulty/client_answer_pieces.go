package faulty

import (
	"errors"
	"io"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/oizys-protocol/oizys/spec"
)

// Clients that take one read for one message, or lose their way between two.
func answerPieceFaults() []Fault {
	return slices.Concat(oneReadFaults(), betweenFaults(), behindFaults())
}

func oneReadFaults() []Fault {
	return []Fault{
		{
			Name: "answer-header-in-one-read", Class: Segmentation,
			Description: "A reply whose header comes in pieces is taken for a cut one: read(fd, header, 4) must return 4, in C or with recv(4) in Python; read until there are four bytes.",
			Breaks:      []string{"stream/split", "cli/reply"},
			client: func(do *clientHooks) {
				do.header = func(s *session) (h header, err error) {
					n, err := s.do.read(s, h[:])
					if err == nil && n < len(h) {
						err = errTruncatedHeader
					}
					return h, err
				}
			},
		},
		{
			Name: "answer-content-in-one-read", Class: Segmentation,
			Description: "Of a reply that comes in pieces the first is printed: one recv(n) for all content, in Python or C; read until all of it is there.",
			Breaks:      []string{"stream/split", "cli/reply", "msg/sizes", "cli/invalid-reply"},
			client: func(do *clientHooks) {
				do.content = func(s *session, n int) ([]byte, error) {
					content := make([]byte, n)
					got, err := s.do.read(s, content)
					if err == io.EOF {
						err = errTruncatedContent
					}
					return content[:got], err
				}
			},
		},
		{
			Name: "answer-in-one-read", Class: Segmentation,
			Description: "A reply that does not come in one read of 64 KiB is taken for a cut one: recv(65536) and no loop, as a 'data' event of Node suggests; read until all of it is there.",
			Breaks:      []string{"stream/split", "msg/sizes", "cli/reply"},
			client: func(do *clientHooks) {
				do.await = func(c *client) ([]byte, error) {
					buf := make([]byte, pieceLen)
					got, err := c.do.read(c.session, buf)
					switch {
					case err != nil:
						return nil, err
					case got < spec.HeaderLen:
						return nil, errTruncatedHeader
					}
					n, err := c.check(header(buf[:spec.HeaderLen]))
					switch {
					case err != nil:
						return nil, err
					case got < spec.HeaderLen+n:
						return buf[spec.HeaderLen:got], errTruncatedContent
					}
					return buf[spec.HeaderLen : spec.HeaderLen+n], nil
				}
			},
		},
		{
			Name: "answer-pieces-overwrite", Class: BufferReuse,
			Description: "The pieces of a reply overwrite each other: the loop adds to the count and not to the pointer, in C; write each piece behind the last.",
			Breaks:      []string{"stream/split", "cli/reply", "msg/sizes"},
			client: func(do *clientHooks) {
				do.content = func(s *session, n int) ([]byte, error) {
					content := make([]byte, n)
					for got := 0; got < n; {
						m, err := s.do.read(s, content[:n-got])
						if got += m; err != nil {
							return content[:got], truncated(err)
						}
					}
					return content, nil
				}
			},
		},
	}
}

// truncated makes an end of stream one inside content.
func truncated(err error) error {
	if err == io.EOF {
		return errTruncatedContent
	}
	return err
}

func betweenFaults() []Fault {
	return []Fault{
		{
			Name: "would-block-is-failure", Class: Segmentation,
			Description: "A reply that makes a break is given up: EAGAIN of a socket that does not block is an error like any other, in C; wait until there is more.",
			Breaks:      []string{"stream/split", "cli/reply", "msg/sizes"},
			client: func(do *clientHooks) {
				do.content = func(s *session, n int) ([]byte, error) {
					read := s.do.read
					s.do.read = readAtOnce
					defer func() { s.do.read = read }()
					return readContent(s, n)
				}
			},
		},
		{
			Name: "gives-up-after-200-ms", Class: Idle,
			Description: "A reply that does not begin within 200 ms is given up: a timeout from a test, SO_RCVTIMEO or settimeout(0.2); wait for as long as the session is open.",
			Breaks:      []string{"cli/reply"},
			client: func(do *clientHooks) {
				do.header = waiting(200*time.Millisecond, func(*session) error { return errors.New("timed out") })
			},
		},
		{
			Name: "early-answer-discarded", Class: Concurrency,
			Description: "What has come before the message is sent is thrown away: the input is flushed first, 800 ms after the start, as with a serial line; the two directions are independent.",
			Breaks:      []string{"stream/duplex", "cli/reply"},
			client: func(do *clientHooks) {
				do.ask = func(c *client, content []byte) error {
					c.pause(800 * time.Millisecond)
					_, _ = readAtOnce(c.session, make([]byte, pieceLen))
					return c.send(content)
				}
			},
		},
		{
			Name: "hang-up-before-data", Class: Close,
			Description: "A reply behind which the server closes is not read: an event loop looks at POLLRDHUP or 'end' first, 50 ms later, and drops what lies there; read up to the end of the stream.",
			Breaks:      []string{"cli/reply", "close/end-of-stream"},
			client: func(do *clientHooks) {
				do.await = func(c *client) ([]byte, error) {
					if err := c.awaitInput(); err != nil {
						return nil, err
					}
					c.pause(50 * time.Millisecond)
					if events, err := c.events(0); err != nil || events&(unix.POLLRDHUP|unix.POLLHUP) != 0 {
						return nil, errors.Join(io.EOF, err)
					}
					return c.receive()
				}
			},
		},
	}
}

// readAtOnce reads what is there, and fails with EAGAIN where nothing is.
func readAtOnce(s *session, p []byte) (n int, err error) {
	raw, err := s.conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { n, _, failed = unix.Recvfrom(int(fd), p, unix.MSG_DONTWAIT) })
	switch {
	case err != nil || failed != nil:
		return 0, errors.Join(err, failed)
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

// events polls the session's socket for input, for at most so many milliseconds; less than 0 means for ever.
func (c *client) events(timeout int) (events int16, err error) {
	raw, err := c.conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	polled := raw.Control(func(fd uintptr) {
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN | unix.POLLRDHUP}}
		for {
			if _, err = unix.Poll(poll, timeout); !errors.Is(err, unix.EINTR) {
				break
			}
		}
		events = poll[0].Revents
	})
	return events, errors.Join(err, polled)
}

// awaitInput waits until there is something to read, or the end of the stream.
func (c *client) awaitInput() error {
	_, err := c.events(-1)
	return err
}

// Clients that mix the reply with what stands behind it.
func behindFaults() []Fault {
	return []Fault{
		{
			Name: "answer-with-rest-of-read", Class: Segmentation,
			Description: "Everything that came with the reply is printed: the buffer from the header to its end, whatever the length says, in any language; print the announced length.",
			Breaks:      []string{"stream/coalesced", "cli/reply"},
			client: func(do *clientHooks) {
				do.await = func(c *client) ([]byte, error) {
					reply, err := c.receive()
					if err != nil {
						return reply, err
					}
					rest := make([]byte, pieceLen)
					n, _ := readAtOnce(c.session, rest)
					return append(reply, rest[:n]...), nil
				}
			},
		},
		{
			Name: "answer-merged-with-next", Class: Segmentation,
			Description: "The content of all messages that have come is printed as one reply: a queue that is emptied into one buffer; print the first.",
			Breaks:      []string{"stream/coalesced", "cli/reply"},
			client: func(do *clientHooks) {
				do.await = func(c *client) ([]byte, error) {
					return c.receiveWaiting(func(all, next []byte) []byte { return append(all, next...) })
				}
			},
		},
		{
			Name: "answer-is-last-message", Class: Order,
			Description: "Of several messages the last is printed: a variable that each message overwrites, read when the event loop comes round; print the first.",
			Breaks:      []string{"stream/coalesced", "stream/order", "cli/reply"},
			client: func(do *clientHooks) {
				do.await = func(c *client) ([]byte, error) {
					return c.receiveWaiting(func(_, next []byte) []byte { return next })
				}
			},
		},
		{
			Name: "second-message-awaited", Class: Order,
			Description: "The first message is taken for a greeting, and the second is printed as the reply: a client of a protocol with a banner; the first message is the reply.",
			Breaks:      []string{"cli/reply"},
			client: func(do *clientHooks) {
				do.await = func(c *client) ([]byte, error) {
					if reply, err := c.receive(); err != nil {
						return reply, err
					}
					return c.receive()
				}
			},
		},
	}
}

// receiveWaiting receives the reply and whatever messages have come with it.
func (c *client) receiveWaiting(join func(all, next []byte) []byte) ([]byte, error) {
	reply, err := c.receive()
	for err == nil {
		events, failed := c.events(0)
		if failed != nil || events&unix.POLLIN == 0 {
			break
		}
		next, failed := c.receive()
		if failed != nil {
			break
		}
		reply = join(reply, next)
	}
	return reply, err
}
