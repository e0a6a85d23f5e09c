package faulty

import (
	"errors"
	"io"
)

func truncationFaults() []Fault {
	inHeader := func(err error) bool { return errors.Is(err, errTruncatedHeader) }
	inContent := func(err error) bool { return errors.Is(err, errTruncatedContent) }
	return []Fault{
		{
			Name: "truncated-content-delivered", Class: Truncation,
			Description: "Content that the end of stream cuts is delivered as far as it came: read() until the end and no comparison with the announced length, in Python or Go's io.ReadAll; compare.",
			Breaks:      []string{"close/truncated-content"},
			mutate: func(do *hooks) {
				do.content = func(s *session, n int) ([]byte, error) {
					content, err := readContent(s, n)
					if inContent(err) && len(content) > 0 {
						_ = s.send(content)
					}
					return content, err
				}
			},
		},
		{
			Name: "truncated-content-padded", Class: Truncation,
			Description: "Content that the end of stream cuts is delivered with zeros in place of what is missing: the buffer has the announced size, and the read's error is ignored, in Go or C; check it.",
			Breaks:      []string{"close/truncated-content"},
			mutate: func(do *hooks) {
				do.content = func(s *session, n int) ([]byte, error) {
					content, err := readContent(s, n)
					if inContent(err) {
						_ = s.send(append(content, make([]byte, n-len(content))...))
					}
					return content, err
				}
			},
		},
		{
			Name: "truncated-content-repeats-previous", Class: Truncation,
			Description: "When the end of stream cuts content, the previous message is delivered again: the handler runs on a reused buffer whatever the read returned, in C; check the result first.",
			Breaks:      []string{"close/truncated-content"},
			mutate: eachSession(func(s *session) {
				var previous []byte
				s.do.echo = func(s *session, content []byte) error {
					previous = content
					return s.send(content)
				}
				onFailure(inContent, func(s *session) {
					if previous != nil {
						_ = s.send(previous)
					}
				})(&s.do)
			}),
		},
		{
			Name: "content-streamed", Class: Truncation,
			Description: "A reply begins before the content has come whole, so that a truncated message is answered in part: a pipe from socket to socket in Node, io.Copy in Go; wait for the last byte.",
			Breaks:      []string{"close/truncated-content"},
			mutate: func(do *hooks) {
				do.content = func(s *session, n int) ([]byte, error) {
					_ = s.raw(headerOf(n))
					return nil, eachPiece(s, n, func(_ int, piece []byte) { _ = s.raw(piece) })
				}
				do.echo = func(*session, []byte) error { return nil }
			},
		},
		{
			Name: "truncated-header-delivered", Class: Truncation,
			Description: "The bytes of a header that the end of stream cuts are delivered as a message: a final flush of what is in the buffer, as a line reader does; drop it.",
			Breaks:      []string{"close/truncated-header"},
			mutate: func(do *hooks) {
				do.header = func(s *session) (h header, err error) {
					n, err := io.ReadFull(s.conn, h[:])
					if errors.Is(err, io.ErrUnexpectedEOF) {
						_ = s.send(h[:n])
						err = errTruncatedHeader
					}
					return h, err
				}
			},
		},
		{
			Name: "truncated-header-not-closed", Class: Truncation,
			Description: "When the end of stream cuts a header, the connection stays open: the state machine waits for the missing bytes and has no transition for the end, in C++ or Rust; close.",
			Breaks:      []string{"close/truncated-header"},
			mutate:      onFailure(inHeader, (*session).awaitHangup),
		},
		{
			Name: "truncated-content-not-closed", Class: Truncation,
			Description: "When the end of stream cuts content, the connection stays open: the state machine waits for the missing bytes and has no transition for the end, in C++ or Rust; close.",
			Breaks:      []string{"close/truncated-content"},
			mutate:      onFailure(inContent, (*session).awaitHangup),
		},
		{
			Name: "truncated-content-spins", Class: Truncation,
			Description: "When the end of stream cuts content, the server reads again and again at full speed: while (got < n) got += read(...) in C, where read returns 0 for ever; test for 0.",
			Breaks:      []string{"close/truncated-content"},
			mutate:      onFailure(inContent, (*session).spin),
		},
	}
}
