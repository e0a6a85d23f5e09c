package faulty

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

func shortWriteFaults() []Fault {
	return []Fault{
		{
			Name: "short-write-ends", Class: ShortWrite,
			Description: "What one write() does not take of a reply is never sent: write()'s result is not looked at on a non-blocking socket in C, sock.send in Python; write until all is out.",
			Breaks:      []string{"msg/sizes", "stream/order"},
			mutate: func(do *hooks) {
				do.write = func(s *session, header, content []byte) error {
					_, err := s.writeSome(append(header, content...))
					return err
				}
			},
		},
		{
			Name: "short-write-starts-over", Class: ShortWrite,
			Description: "After a short write() the reply is sent again from its first byte: the offset is not added to the pointer in the retry loop in C; go on behind what is out.",
			Breaks:      []string{"msg/sizes", "stream/order", "msg/binary"},
			mutate: func(do *hooks) {
				do.write = func(s *session, header, content []byte) error {
					reply := append(header, content...)
					if n, err := s.writeSome(reply); err != nil || n == len(reply) {
						return err
					}
					return writeFrame(s, reply, nil)
				}
			},
		},
		{
			Name: "short-write-chunks-skipped", Class: ShortWrite,
			Description: "A reply goes out in chunks of 64 KiB, and what a write() does not take of one is skipped: the loop adds the chunk's size, not the result, in C; add what was written.",
			Breaks:      []string{"msg/sizes", "msg/binary"},
			mutate: func(do *hooks) {
				do.write = func(s *session, header, content []byte) error {
					reply := append(header, content...)
					for len(reply) > 0 {
						chunk := reply[:min(len(reply), pieceLen)]
						if _, err := s.writeSome(chunk); err != nil {
							return err
						}
						reply = reply[len(chunk):]
					}
					return nil
				}
			},
		},
		{
			Name: "full-socket-drops-reply", Class: ShortWrite,
			Description: "A reply that finds the socket full is dropped: EAGAIN is logged and forgotten in C, write() returning false misread in Node; queue the reply and wait.",
			Breaks:      []string{"stream/duplex", "stream/order"},
			mutate: func(do *hooks) {
				do.write = func(s *session, header, content []byte) error {
					reply := append(header, content...)
					n, err := s.writeOnce(reply)
					if errors.Is(err, unix.EAGAIN) {
						return nil
					}
					if err != nil {
						return err
					}
					return writeFrame(s, reply[n:], nil)
				}
			},
		},
		{
			Name: "full-socket-closes", Class: ShortWrite,
			Description: "A reply that does not fit into the socket at once closes the session: EAGAIN or a short count is taken for an error on a non-blocking socket in C or Rust; wait until it is writable.",
			Breaks:      []string{"stream/duplex", "msg/sizes"},
			mutate: func(do *hooks) {
				do.write = func(s *session, header, content []byte) error {
					reply := append(header, content...)
					n, err := s.writeOnce(reply)
					if err == nil && n < len(reply) {
						err = unix.EAGAIN
					}
					return err
				}
			},
		},
		{
			Name: "slow-reader-closed", Class: ShortWrite,
			Description: "A reply of which the socket takes nothing for 500 ms closes the session: a deadline for writes, as Go's SetWriteDeadline, Python's settimeout or Node's setTimeout; wait for as long as it takes, or queue.",
			Breaks:      []string{"stream/duplex", "stream/order"},
			mutate:      writesWithin(500*time.Millisecond, func(err error) error { return err }),
		},
		{
			Name: "slow-reader-loses-rest", Class: ShortWrite,
			Description: "What the socket does not take of a reply within 300 ms is never sent: a short count of send() under SO_SNDTIMEO is not looked at in C; go on with the rest.",
			Breaks:      []string{"stream/duplex", "stream/order", "hdr/length"},
			mutate:      writesWithin(300*time.Millisecond, func(error) error { return nil }),
		},
		{
			Name: "reply-cut-at-64-kib", Class: ShortWrite,
			Description: "A reply ends after 65,536 bytes, though its header announces all: one write() of a bounded buffer, stdio's or a proxy's, in C; write until all is out.",
			Breaks:      []string{"msg/sizes"},
			mutate: func(do *hooks) {
				do.write = func(s *session, header, content []byte) error {
					return writeFrame(s, header, content[:min(len(content), pieceLen-len(header))])
				}
			},
		},
	}
}

// writesWithin gives each write that makes no progress so long, and asks late what the session does then.
func writesWithin(limit time.Duration, late func(error) error) func(*hooks) {
	return func(do *hooks) {
		do.write = func(s *session, header, content []byte) error {
			for reply := append(header, content...); len(reply) > 0; {
				_ = s.conn.SetWriteDeadline(time.Now().Add(limit)) // a closed connection's write fails
				n, err := s.conn.Write(reply[:min(len(reply), pieceLen)])
				reply = reply[n:]
				switch {
				case errors.Is(err, os.ErrDeadlineExceeded) && n == 0:
					return late(err)
				case err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
					return err
				}
			}
			return nil
		}
	}
}
