package faulty

import (
	"bytes"
	"slices"
)

func bufferReuseFaults() []Fault {
	return []Fault{
		{
			Name: "stale-tail", Class: BufferReuse,
			Description: "A reply shorter than one before ends in that one's bytes: a reused buffer is sent up to its highest fill in C or Java, buf not buf[:n] in Go; send what was received.",
			Breaks:      []string{"msg/binary"},
			mutate: eachSession(func(s *session) {
				var buf []byte
				s.do.echo = func(s *session, content []byte) error {
					buf = append(buf, make([]byte, max(0, len(content)-len(buf)))...)
					copy(buf, content)
					return s.send(buf)
				}
			}),
		},
		{
			Name: "reply-header-built-once", Class: BufferReuse,
			Description: "Every reply bears the header of a session's first: a header cached as a constant, as all test messages had one length; build it for each message.",
			Breaks:      []string{"hdr/length"},
			mutate: eachSession(func(s *session) {
				var h []byte
				s.do.encode = func(s *session, content []byte) []byte {
					if h == nil {
						h = encode(s, content)
					}
					return slices.Clone(h)
				}
			}),
		},
		{
			Name: "echoes-previous", Class: BufferReuse,
			Description: "From the second on, a message is answered with the content of the one before: two buffers, swapped at the wrong moment, in C or C++; swap before the handler runs.",
			Breaks:      []string{"msg/binary", "stream/order"},
			mutate: eachSession(func(s *session) {
				var previous []byte
				s.do.echo = func(s *session, content []byte) error {
					reply := content
					if previous != nil {
						reply = previous
					}
					previous = content
					return s.send(reply)
				}
			}),
		},
		{
			Name: "content-accumulates", Class: BufferReuse,
			Description: "A reply begins with the content of all messages before it: the buffer is not cleared between messages, += in Python or JavaScript; begin each message with an empty one.",
			Breaks:      []string{"msg/binary", "stream/order"},
			mutate: eachSession(func(s *session) {
				var all []byte
				s.do.echo = func(s *session, content []byte) error {
					if len(all) > 1<<20 {
						all = nil
					}
					all = append(all, content...)
					return s.send(all)
				}
			}),
		},
		{
			Name: "cached-by-length", Class: BufferReuse,
			Description: "A message as long as an earlier one of its session is answered with that one's content: a cache with too weak a key, in any language; do not cache.",
			Breaks:      []string{"msg/binary"},
			mutate: eachSession(func(s *session) {
				cache := map[int][]byte{}
				s.do.echo = func(s *session, content []byte) error {
					if cache[len(content)] == nil {
						cache[len(content)] = content
					}
					return s.send(cache[len(content)])
				}
			}),
		},
		{
			Name: "growth-loses-beginning", Class: BufferReuse,
			Description: "When a message needs a larger buffer than any before, the bytes that had filled the old one are lost: malloc in place of realloc in C; copy what is there.",
			Breaks:      []string{"msg/binary", "msg/sizes"},
			mutate: eachSession(func(s *session) {
				capacity := 4096
				s.do.echo = func(s *session, content []byte) error {
					if len(content) > capacity {
						clear(content[:capacity])
						capacity = len(content)
					}
					return s.send(content)
				}
			}),
		},
		{
			Name: "ring-wrap-corrupts", Class: BufferReuse,
			Description: "One byte in each 64 KiB of a session's content is wrong, counted over all its messages: a ring buffer whose index wraps one too late in C; test more bytes than the ring holds.",
			Breaks:      []string{"msg/binary"},
			mutate: eachSession(func(s *session) {
				var total int
				s.do.echo = func(s *session, content []byte) error {
					content = bytes.Clone(content)
					for at := pieceLen - 1 - total%pieceLen; at < len(content); at += pieceLen {
						content[at] ^= 0xFF
					}
					total += len(content)
					return s.send(content)
				}
			}),
		},
	}
}
