package peer

import (
	"context"
	"fmt"
	"io"

	"github.com/oizys-protocol/oizys/impl/session"
	"github.com/oizys-protocol/oizys/impl/wire"
)

// RunClient connects to the Unix socket at path, sends one message, and writes the content of the reply to out, unchanged
// and followed by a line end.
//
// It writes nothing and returns an error when the message may not be sent ([wire.ErrEmpty], [wire.ErrTooLong]; without
// connecting), when no connection is made, when the session closes before a whole reply came (with its cause), or when
// ctx ends.
func RunClient(ctx context.Context, path string, message []byte, out io.Writer) error {
	if err := wire.CheckLen(len(message)); err != nil {
		return err
	}
	s, err := session.Dial(ctx, path, session.Options{})
	if err != nil {
		return err
	}
	reply, err := ask(ctx, s, message)
	s.Abort()
	<-s.Done()
	if err != nil {
		return err
	}
	_, err = out.Write(append(reply, '\n'))
	return err
}

func ask(ctx context.Context, s *session.Session, message []byte) ([]byte, error) {
	replies, ended := make(chan []byte, 1), make(chan error, 1)
	if err := s.OnClose(func(cause error) { ended <- cause }); err != nil {
		return nil, err
	}
	if err := s.OnMessage(func(content []byte) {
		replies <- append([]byte(nil), content...)
		s.Close()
	}); err != nil {
		return nil, err
	}
	if _, err := s.Send(message); err != nil && s.Err() == nil {
		return nil, err
	}
	select {
	case cause := <-ended:
		select {
		case reply := <-replies:
			return reply, nil
		default:
			return nil, fmt.Errorf("the session ended without a reply: %w", cause)
		}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
