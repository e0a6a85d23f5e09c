package faulty

import (
	"io"
	"slices"

	"github.com/oizys-protocol/oizys/spec"
)

// pieceLen is the size of the buffer of one read, where a peer reads what there is.
const pieceLen = 64 << 10

// inbox is the other usual way to receive: one read takes what there is, then as many messages as lie in it are taken
// out. Correct by itself; faults misuse it.
type inbox struct {
	buf   []byte // received and not yet taken
	taken int    // messages so far
}

// withInbox makes each session receive through an inbox of its own.
func withInbox(step func(*session, *inbox) error) func(*hooks) {
	return eachSession(func(s *session) {
		in := &inbox{}
		s.do.step = func(s *session) error { return step(s, in) }
	})
}

// fill does one read.
func (in *inbox) fill(s *session) error {
	piece := make([]byte, pieceLen)
	n, err := s.do.read(s, piece)
	in.buf = append(in.buf, piece[:n]...)
	switch {
	case err != io.EOF || len(in.buf) == 0:
		return err
	case len(in.buf) < spec.HeaderLen:
		return errTruncatedHeader
	default:
		return errTruncatedContent
	}
}

// take returns the next message; ok is false when not all of it is there.
func (in *inbox) take(s *session) (content []byte, ok bool, err error) {
	if len(in.buf) < spec.HeaderLen {
		return nil, false, nil
	}
	n, err := s.check(header(in.buf))
	if err != nil || len(in.buf) < spec.HeaderLen+n {
		return nil, false, err
	}
	content = slices.Clone(in.buf[spec.HeaderLen : spec.HeaderLen+n])
	in.buf = in.buf[spec.HeaderLen+n:]
	in.taken++
	return content, true, nil
}

// next returns the next message and reads as often as that needs.
func (in *inbox) next(s *session) ([]byte, error) {
	for {
		content, ok, err := in.take(s)
		if ok || err != nil {
			return content, err
		}
		if err := in.fill(s); err != nil {
			return nil, err
		}
	}
}

// echoNext is the step of a server that receives through the inbox.
func (in *inbox) echoNext(s *session) error {
	content, err := in.next(s)
	if err != nil {
		return err
	}
	return s.do.echo(s, content)
}

// whole returns the messages that are there, at most limit of them, without reading; err is about what follows them.
func (in *inbox) whole(s *session, limit int) (all [][]byte, err error) {
	for len(all) < limit {
		content, ok, err := in.take(s)
		if !ok {
			return all, err
		}
		all = append(all, content)
	}
	return all, nil
}

// burst returns the messages that came together, at least one unless there is an error; err is about what follows them.
func (in *inbox) burst(s *session) ([][]byte, error) {
	first, err := in.next(s)
	if err != nil {
		return nil, err
	}
	rest, err := in.whole(s, pieceLen)
	return append([][]byte{first}, rest...), err
}

// echoAll answers the messages in order, and returns after if nothing went wrong on the way.
func (s *session) echoAll(all [][]byte, after error) error {
	for _, content := range all {
		if err := s.do.echo(s, content); err != nil {
			return err
		}
	}
	return after
}

// eachPiece reads n bytes of content and hands them to use as they come, with their place in the content. The piece is
// valid only until use returns.
func eachPiece(s *session, n int, use func(at int, piece []byte)) error {
	buf := make([]byte, min(n, pieceLen))
	for at := 0; at < n; {
		got, err := s.do.read(s, buf[:min(len(buf), n-at)])
		use(at, buf[:got])
		at += got
		switch {
		case err == io.EOF && at < n:
			return errTruncatedContent
		case err != nil && at < n:
			return err
		}
	}
	return nil
}
