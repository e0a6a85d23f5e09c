package faulty

import (
	"errors"
	"net"
	"slices"
	"time"
)

// Clients that use their session in ways of their own.
func clientSessionHabits() []Fault {
	return slices.Concat(clientPaceHabits(), clientSocketHabits())
}

func clientPaceHabits() []Fault {
	return []Fault{
		{
			Name:        "client-starts-late",
			Description: "The client connects 300 ms after its start: a virtual machine, an interpreter, a cold disk.",
			client:      func(do *clientHooks) { do.start = func(c *client) { c.pause(300 * time.Millisecond) } },
		},
		{
			Name:        "sends-late",
			Description: "The message is sent 100 ms after the client has connected.",
			client: func(do *clientHooks) {
				do.ask = func(c *client, content []byte) error {
					c.pause(100 * time.Millisecond)
					return c.send(content)
				}
			},
		},
		{
			Name:        "sends-bytewise",
			Description: "The message is written byte by byte for its first 100 bytes, and then in pieces of 777.",
			client: func(do *clientHooks) {
				do.write = func(s *session, header, content []byte) error {
					all := append(header, content...)
					head := all[:min(len(all), 100)]
					pieces := slices.Concat(slices.Collect(slices.Chunk(head, 1)), slices.Collect(slices.Chunk(all[len(head):], 777)))
					for _, piece := range pieces {
						if _, err := s.conn.Write(piece); err != nil {
							return err
						}
					}
					return nil
				}
			},
		},
		{
			Name:        "sends-header-apart",
			Description: "Header and content are written by two writes, with 5 ms between them.",
			client: func(do *clientHooks) {
				do.write = func(s *session, header, content []byte) error {
					if _, err := s.conn.Write(header); err != nil {
						return err
					}
					s.pause(5 * time.Millisecond)
					_, err := s.conn.Write(content)
					return err
				}
			},
		},
		{
			Name:        "reads-bytewise",
			Description: "The reply is read byte by byte for its first 1,000 bytes, and then by 4,096.",
			client: func(do *clientHooks) {
				read := 0
				do.read = func(s *session, p []byte) (int, error) {
					most := 1
					if read >= 1000 {
						most = 4096
					}
					n, err := s.conn.Read(p[:min(len(p), most)])
					read += n
					return n, err
				}
			},
		},
	}
}

func clientSocketHabits() []Fault {
	return []Fault{
		{
			Name:        "looks-first",
			Description: "The client connects and closes at once, to see whether the server is there, before its session.",
			client: func(do *clientHooks) {
				do.connect = func(c *client) error {
					if err := c.dial(); err != nil {
						return err
					}
					return errors.Join(c.conn.Close(), c.dial())
				}
			},
		},
		{
			Name:        "half-closes-behind-message",
			Description: "The writing side is shut down behind the message: there is only one.",
			client: func(do *clientHooks) {
				do.ask = func(c *client, content []byte) error { return errors.Join(c.send(content), c.conn.CloseWrite()) }
			},
		},
		{
			Name:        "half-closes-first",
			Description: "At the end the writing side is shut down, and the session closed 50 ms later.",
			client: func(do *clientHooks) {
				do.hangUp = func(c *client, _ error) {
					_ = c.conn.CloseWrite()
					c.pause(50 * time.Millisecond)
					c.conn.Close()
				}
			},
		},
		{
			Name:        "reads-while-it-sends",
			Description: "The reply is received by one thread while another sends the message; the session is closed when both are done.",
			client: func(do *clientHooks) {
				sent := make(chan struct{})
				do.ask = func(c *client, content []byte) error {
					go func() {
						defer close(sent)
						_ = c.send(content)
					}()
					return nil
				}
				do.await = func(c *client) ([]byte, error) {
					reply, err := c.receive()
					if err == nil {
						<-sent
					}
					return reply, err
				}
			},
		},
		{
			Name:        "client-tiny-buffers",
			Description: "The socket's buffers are as small as the system allows.",
			client: func(do *clientHooks) {
				do.connect = func(c *client) error {
					if err := c.dial(); err != nil {
						return err
					}
					return errors.Join(c.conn.SetReadBuffer(1), c.conn.SetWriteBuffer(1))
				}
			},
		},
		{
			Name:        "connects-late-too",
			Description: "The first connection is dropped after 20 ms without a byte, and the session begins with the second: a race of two attempts.",
			client: func(do *clientHooks) {
				do.connect = func(c *client) error {
					first, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: c.Socket, Net: "unix"})
					if err != nil {
						return err
					}
					c.pause(20 * time.Millisecond)
					return errors.Join(first.Close(), c.dial())
				}
			},
		},
		{
			Name:        "client-reserved-ignored",
			Description: "The reserved byte of a reply is not looked at: a SHOULD that is not kept.",
			Warns:       []string{"hdr/reserved-nonzero"},
			client:      ofSession(wrongReserved(func(byte) bool { return true })),
		},
		{
			Name:        "resets-at-end",
			Description: "The session is closed with input unread, so that the server sees a reset.",
			client: func(do *clientHooks) {
				do.hangUp = func(c *client, _ error) {
					_, _ = c.events(20) // what has come behind the reply stays unread
					c.conn.Close()
				}
			},
		},
	}
}
