package session

import (
	"errors"
	"io"
	"net"
	"os"

	"github.com/oizys-protocol/oizys/impl/wire"
)

// read is the reader's goroutine. It lives from the setting of the message handler to the session's closing.
func (s *Session) read(handler func([]byte)) {
	defer s.leave()
	var dec wire.Decoder
	src := s.source(&dec)
	returned := false
	defer func() {
		if !returned {
			s.endDelivery()
			s.shut(ErrHandlerExit, false)
		}
	}()
	for {
		err := src()
		s.grantWrite()
		if broken, open := s.deliverAll(&dec, handler); !open {
			break
		} else if broken != nil {
			err = broken
		}
		s.flushBurst()
		if err != nil {
			s.shut(s.readCause(err, &dec), s.opts.Linger < 0)
			break
		}
	}
	dec.Reset()
	returned = true
}

// source returns a function that waits for input and puts it into dec.
func (s *Session) source(dec *wire.Decoder) func() error {
	if s.raw != nil {
		return s.raw.reader(dec)
	}
	return connReader(s.conn, dec)
}

// connReader returns a function that reads from a connection of which nothing more is known.
func connReader(conn net.Conn, dec *wire.Decoder) func() error {
	return func() error {
		if errors.Is(dec.End(), io.EOF) {
			dec.Reset() // Waits with a small buffer, however large the last one was.
		}
		n, err := conn.Read(dec.Space())
		dec.Fill(n)
		return err
	}
}

// deliverAll gives every whole message to the handler. It returns the error by which the stream breaks the protocol, and
// whether the session is still open.
func (s *Session) deliverAll(dec *wire.Decoder, handler func([]byte)) (broken error, open bool) {
	for {
		content, err := dec.Next()
		if content == nil {
			return err, true
		}
		if !s.phase.CompareAndSwap(0, delivering) {
			return nil, false
		}
		s.call(handler, content)
		if !s.endDelivery() {
			return nil, false
		}
	}
}

func (s *Session) call(handler func([]byte), content []byte) {
	defer s.contain()
	handler(content)
}

// endDelivery reports whether the session is still open. If it was closed while the handler ran, the close handler was
// left for now.
func (s *Session) endDelivery() bool {
	if s.phase.CompareAndSwap(delivering, 0) {
		return true
	}
	if s.phase.And(^uint32(delivering))&delivering != 0 {
		s.runOnClose()
	}
	return false
}

// readCause says why the session closes when reading ended with err.
func (s *Session) readCause(err error, dec *wire.Decoder) error {
	if errors.Is(err, io.EOF) {
		return dec.End()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil && errors.Is(err, os.ErrDeadlineExceeded) {
		return s.broken
	}
	return err
}
