package faulty

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"time"

	"github.com/oizys-protocol/oizys/spec"
)

func unsolicitedFaults() []Fault {
	return append(sessionTalkFaults(), replyTrailerFaults()...)
}

// raw sends bytes that are no message.
func (s *session) raw(p []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	return writeFrame(s, p, nil)
}

func sessionTalkFaults() []Fault {
	return []Fault{
		{
			Name: "greeting-line", Class: Unsolicited,
			Description: "A session begins with the line '220 ready' from the server: as in SMTP or FTP; the client's message comes first, and nothing is sent unasked.",
			Breaks:      []string{"stream/unsolicited"},
			mutate:      eachSession(func(s *session) { _ = s.raw([]byte("220 ready\r\n")) }),
		},
		{
			Name: "greeting-message", Class: Unsolicited,
			Description: "A session begins with a message 'welcome' from the server: a chat example copied; nothing is sent unasked.",
			Breaks:      []string{"stream/unsolicited"},
			mutate:      eachSession(func(s *session) { _ = s.send([]byte("welcome")) }),
		},
		{
			Name: "joining-announced", Class: Unsolicited,
			Description: "Each open session is told by a message when another begins: a chat example copied; sessions know nothing of each other.",
			Breaks:      []string{"stream/unsolicited", "srv/isolation"},
			mutate: eachSession(func(s *session) {
				for _, other := range s.server.open() {
					if other != s {
						_ = other.send([]byte("someone joined"))
					}
				}
			}),
		},
		{
			Name: "farewell-message", Class: Unsolicited,
			Description: "At the end of stream the server sends a message 'bye': a courtesy in a destructor or a finally block; close without a word.",
			Breaks:      []string{"stream/unsolicited", "close/end-of-stream"},
			mutate: onFailure(func(err error) bool { return err == io.EOF }, func(s *session) {
				_ = s.send([]byte("bye"))
			}),
		},
		{
			Name: "error-message", Class: Unsolicited,
			Description: "An invalid header is answered with a message that names the error, and then the session is closed: as in HTTP; close without a word.",
			Breaks:      []string{"stream/unsolicited", "msg/empty"},
			mutate:      onFailure(isInvalid, func(s *session) { _ = s.send([]byte("error: bad message")) }),
		},
		{
			Name: "keep-alive-empty", Class: Unsolicited,
			Description: "After 300 ms without traffic the server sends a message without content: a heartbeat as other protocols have it; the session needs none.",
			Breaks:      []string{"stream/unsolicited", "stream/idle"},
			mutate:      whenIdle(300*time.Millisecond, func(s *session) error { return s.send(nil) }),
		},
		{
			Name: "keep-alive-message", Class: Unsolicited,
			Description: "After 300 ms without traffic the server sends a message 'ping': a heartbeat built on messages; the session needs none.",
			Breaks:      []string{"stream/unsolicited", "stream/idle"},
			mutate:      whenIdle(300*time.Millisecond, func(s *session) error { return s.send([]byte("ping")) }),
		},
	}
}

// trailed sends bytes behind each reply that its length does not count.
func trailed(trailer func(content []byte) []byte) func(*hooks) {
	return func(do *hooks) {
		do.write = func(s *session, header, content []byte) error {
			return writeFrame(s, header, append(content[:len(content):len(content)], trailer(content)...))
		}
	}
}

func replyTrailerFaults() []Fault {
	return []Fault{
		{
			Name: "acknowledgement-message", Class: Unsolicited,
			Description: "Each message is answered by a message 'OK' besides the reply: an acknowledgement that the protocol does not have; send the reply alone.",
			Breaks:      []string{"stream/unsolicited", "stream/order"},
			mutate: func(do *hooks) {
				do.echo = func(s *session, content []byte) error {
					if err := s.send(content); err != nil {
						return err
					}
					return s.send([]byte("OK"))
				}
			},
		},
		{
			Name: "acknowledgement-byte", Class: Unsolicited,
			Description: "Each message is answered by a byte 0x06 before the reply: ACK, as serial protocols have it; send the reply alone.",
			Breaks:      []string{"stream/unsolicited"},
			mutate: func(do *hooks) {
				do.echo = func(s *session, content []byte) error {
					if err := s.raw([]byte{0x06}); err != nil {
						return err
					}
					return s.send(content)
				}
			},
		},
		{
			Name: "newline-behind-reply", Class: Unsolicited,
			Description: "A line feed that is not counted follows each reply: println in Java, print in Python, puts in C; write exactly the frame.",
			Breaks:      []string{"stream/unsolicited"},
			mutate:      trailed(func([]byte) []byte { return []byte{'\n'} }),
		},
		{
			Name: "nul-behind-reply", Class: Unsolicited,
			Description: "A NUL that is not counted follows each reply: a terminated string is written with sizeof in C; write exactly the frame.",
			Breaks:      []string{"stream/unsolicited"},
			mutate:      trailed(func([]byte) []byte { return []byte{0} }),
		},
		{
			Name: "padding-behind-reply", Class: Unsolicited,
			Description: "Replies are padded with NULs to a multiple of 4 bytes, which shows with other lengths: the habit of XDR and of aligned structs in C; write exactly the frame.",
			Breaks:      []string{"stream/unsolicited"},
			mutate:      trailed(func(content []byte) []byte { return make([]byte, -len(content)&3) }),
		},
		{
			Name: "checksum-behind-reply", Class: Unsolicited,
			Description: "Four bytes of CRC-32 that are not counted follow each reply: framing code taken from a serial line; write exactly the frame.",
			Breaks:      []string{"stream/unsolicited"},
			mutate: trailed(func(content []byte) []byte {
				return binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(content))
			}),
		},
		{
			Name: "end-marker-behind-reply", Class: Unsolicited,
			Description: "A message without content follows each reply: an end marker, as chunked HTTP has it; write exactly the frame.",
			Breaks:      []string{"stream/unsolicited", "msg/binary"},
			mutate:      trailed(func([]byte) []byte { return make([]byte, spec.HeaderLen) }),
		},
	}
}
