package faulty

import (
	"errors"

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
