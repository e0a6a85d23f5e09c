package faulty

import (
	"bytes"
	"errors"
	"io"
	"time"

	"github.com/oizys-protocol/oizys/spec"
)

func segmentationFaults() []Fault {
	return append(append(splitHeaderFaults(), splitContentFaults()...), coalescedFaults()...)
}

func splitHeaderFaults() []Fault {
	return []Fault{
		{
			Name: "split-header-lost", Class: Segmentation,
			Description: "Bytes of a header that comes in pieces are lost: one read() for 4 bytes, and anything less is thrown away in C or Python; read until all 4 are there.",
			Breaks:      []string{"stream/split"},
			mutate: func(do *hooks) {
				do.header = func(s *session) (h header, err error) {
					for n := 0; n < len(h); {
						if n, err = s.do.read(s, h[:]); err != nil {
							return h, err
						}
					}
					return h, nil
				}
			},
		},
		{
			Name: "split-header-closes", Class: Segmentation,
			Description: "A header that comes in pieces closes the session: a read() of less than 4 bytes is treated as an error in C; read until all 4 are there or the stream ends.",
			Breaks:      []string{"stream/split"},
			mutate: func(do *hooks) {
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
			Name: "split-header-filled-up", Class: Segmentation,
			Description: "A header that comes in pieces is used with the bytes of the one before in place of those that are missing: read()'s result is not looked at, the struct is reused, in C; read until all 4 are there.",
			Breaks:      []string{"stream/split"},
			mutate: eachSession(func(s *session) {
				var h header
				s.do.header = func(s *session) (header, error) {
					_, err := s.do.read(s, h[:])
					return h, err
				}
			}),
		},
		{
			Name: "header-alone-closes", Class: Segmentation,
			Description: "A header whose content has not come yet closes the session: EAGAIN on a non-blocking socket is taken for an error in C or C++; wait until it is readable.",
			Breaks:      []string{"stream/split"},
			mutate: func(do *hooks) {
				do.content = func(s *session, n int) ([]byte, error) {
					if !s.pending() {
						return nil, errors.New("resource temporarily unavailable")
					}
					return readContent(s, n)
				}
			},
		},
		{
			Name: "slow-message-closes", Class: Segmentation,
			Description: "A message whose pieces are more than 100 ms apart closes the session: a receive timeout meant for dead peers, settimeout in Python, SO_RCVTIMEO in C; time limits are not in the protocol.",
			Breaks:      []string{"stream/split", "stream/idle"},
			mutate: func(do *hooks) {
				do.step = func(s *session) error {
					defer s.conn.SetReadDeadline(time.Time{})
					return receiveAndEcho(s)
				}
				do.read = func(s *session, p []byte) (int, error) {
					n, err := readOnce(s, p)
					_ = s.conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
					return n, err
				}
			},
		},
	}
}

func splitContentFaults() []Fault {
	return []Fault{
		{
			Name: "content-one-read", Class: Segmentation,
			Description: "What one read() of the content returns is taken for all of it: recv(fd, buf, n) in C, sock.recv(n) in Python; read until n bytes are there.",
			Breaks:      []string{"stream/split", "msg/sizes"},
			mutate: func(do *hooks) {
				do.content = func(s *session, n int) ([]byte, error) {
					content := make([]byte, n)
					n, err := s.do.read(s, content)
					return content[:n], err
				}
			},
		},
		{
			Name: "content-one-read-zero-filled", Class: Segmentation,
			Description: "One read() fills what it can of the content, and the rest stays zero: make([]byte, n) and one conn.Read in Go, InputStream.read in Java; use io.ReadFull, readFully.",
			Breaks:      []string{"stream/split", "msg/binary"},
			mutate: func(do *hooks) {
				do.content = func(s *session, n int) ([]byte, error) {
					content := make([]byte, n)
					_, err := s.do.read(s, content)
					return content, err
				}
			},
		},
		{
			Name: "content-two-reads", Class: Segmentation,
			Description: "A short read() of the content is followed by one more, and what is still missing is left out: an if where a while belongs, in any language; read until n bytes are there.",
			Breaks:      []string{"stream/split", "msg/sizes"},
			mutate: func(do *hooks) {
				do.content = func(s *session, n int) ([]byte, error) {
					content := make([]byte, n)
					got, err := s.do.read(s, content)
					if err == nil && got < n {
						n, err = s.do.read(s, content[got:])
						got += n
					}
					return content[:got], err
				}
			},
		},
		{
			Name: "content-piece-as-message", Class: Segmentation,
			Description: "Each piece of content is echoed as a message of its own: the handler hangs on the 'data' event in Node, which knows no messages; collect the announced length.",
			Breaks:      []string{"stream/split", "close/truncated-content"},
			mutate: func(do *hooks) {
				do.content = func(s *session, n int) (last []byte, err error) {
					err = eachPiece(s, n, func(at int, piece []byte) {
						if last = bytes.Clone(piece); at+len(piece) < n && len(piece) > 0 {
							_ = s.send(piece)
						}
					})
					return last, err
				}
			},
		},
		{
			Name: "content-read-too-far", Class: Segmentation,
			Description: "Reading content takes the next message's first bytes with it and loses them: every read() asks for a whole buffer in C or Java; ask for what is missing.",
			Breaks:      []string{"stream/coalesced"},
			mutate: func(do *hooks) {
				do.content = func(s *session, n int) (content []byte, err error) {
					buf := make([]byte, pieceLen)
					for len(content) < n {
						got, err := s.do.read(s, buf)
						content = append(content, buf[:got]...)
						if err == io.EOF {
							err = errTruncatedContent
						}
						if err != nil {
							return content, err
						}
					}
					return content[:n], nil
				}
			},
		},
	}
}

func coalescedFaults() []Fault {
	return []Fault{
		{
			Name: "coalesced-rest-lost", Class: Segmentation,
			Description: "Of several messages that come together only the first is answered: the buffer is cleared for the next read() once a message is out, in Python, Node or C; keep what lies behind it.",
			Breaks:      []string{"stream/coalesced"},
			mutate: withInbox(func(s *session, in *inbox) error {
				content, err := in.next(s)
				if in.buf = nil; err != nil {
					return err
				}
				return s.do.echo(s, content)
			}),
		},
		{
			Name: "coalesced-merged", Class: Segmentation,
			Description: "What comes together with a message's end is delivered as part of it, header and all: data.slice(4) in Node, which forgets the length; cut at the announced length.",
			Breaks:      []string{"stream/coalesced"},
			mutate: withInbox(func(s *session, in *inbox) error {
				content, err := in.next(s)
				if err != nil {
					return err
				}
				content = append(content, in.buf...)
				in.buf = nil
				return s.do.echo(s, content)
			}),
		},
		{
			Name: "coalesced-stalls", Class: Segmentation,
			Description: "Of several messages that come together each but the first waits for more to arrive: one message per readable event, with edge-triggered epoll in C or C++; go on until the buffer holds no whole message.",
			Breaks:      []string{"stream/coalesced"},
			mutate: withInbox(func(s *session, in *inbox) error {
				if err := in.fill(s); err != nil {
					return err
				}
				one, err := in.whole(s, 1)
				return s.echoAll(one, err)
			}),
		},
		{
			Name: "coalesced-stalls-after-16", Class: Segmentation,
			Description: "Of many messages that come together those behind the 16th wait for more to arrive: a budget per readable event, after which nobody comes back; schedule the rest.",
			Breaks:      []string{"stream/coalesced"},
			mutate: withInbox(func(s *session, in *inbox) error {
				if err := in.fill(s); err != nil {
					return err
				}
				some, err := in.whole(s, 16)
				return s.echoAll(some, err)
			}),
		},
		{
			Name: "incomplete-rest-lost", Class: Segmentation,
			Description: "A message that is not whole when a read() ends is thrown away: the parser starts anew with each buffer, in Node or Python; keep the rest for the next one.",
			Breaks:      []string{"stream/split"},
			mutate: withInbox(func(s *session, in *inbox) error {
				if err := in.fill(s); err != nil {
					return err
				}
				all, err := in.whole(s, pieceLen)
				in.buf = nil
				return s.echoAll(all, err)
			}),
		},
		{
			Name: "incomplete-header-lost", Class: Segmentation,
			Description: "Less than a header at the end of a read() is thrown away, while incomplete content is kept: the parser's first test returns without keeping the bytes; keep them.",
			Breaks:      []string{"stream/split"},
			mutate: withInbox(func(s *session, in *inbox) error {
				if err := in.fill(s); err != nil {
					return err
				}
				all, err := in.whole(s, pieceLen)
				if len(in.buf) < spec.HeaderLen {
					in.buf = nil
				}
				return s.echoAll(all, err)
			}),
		},
		{
			Name: "first-burst-lost", Class: Segmentation,
			Description: "What comes together with a session's first message is lost: the connection changes hands with an empty buffer, as after an HTTP upgrade in Node; hand the rest over.",
			Breaks:      []string{"stream/coalesced"},
			mutate: withInbox(func(s *session, in *inbox) error {
				content, err := in.next(s)
				if in.taken == 1 {
					in.buf = nil
				}
				if err != nil {
					return err
				}
				return s.do.echo(s, content)
			}),
		},
	}
}
