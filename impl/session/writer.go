package session

import (
	"errors"
	"io"
	"os"
	"time"

	"github.com/oizys-protocol/oizys/impl/internal/bufpool"
)

// startWriting takes the writing side. It is called with mu locked.
func (s *Session) startWriting() {
	s.writing = true
	s.parties++
}

// writeNow writes what is queued without blocking, and gives the writing side up; what the socket does not take is left
// to the writer's goroutine. It is called with mu locked, and unlocks it.
func (s *Session) writeNow() {
	s.pace.wrote()
	for todo := s.queue.bytes; todo > 0; {
		b := s.queue.take()
		if b == nil {
			break // Abort has dropped the rest.
		}
		s.mu.Unlock()
		b.Offset += s.raw.tryWrite(b.B[b.Offset:])
		s.mu.Lock()
		if b.Offset < len(b.B) {
			s.queue.putBack(b)
			s.mu.Unlock()
			go s.writeFunc() // If there was an error, it meets it again.
			return
		}
		todo -= len(b.B)
		s.settle(b)
	}
	s.pace.rest()
	s.stopWriting()
}

// write is the writer's goroutine: it lives while something is queued.
func (s *Session) write() {
	s.mu.Lock()
	for b := s.queue.take(); b != nil; b = s.queue.take() {
		s.pace.wrote()
		s.mu.Unlock()
		err := s.writeOut(b)
		s.mu.Lock()
		s.settle(b)
		if err != nil {
			s.writeFailed(err)
		}
	}
	s.stopWriting()
}

// writeOut writes what is left of a buffer. A lingering session gives up only when a write brings no progress at all.
func (s *Session) writeOut(b *bufpool.Buffer) error {
	for {
		n, err := s.writeBytes(b.B[b.Offset:])
		b.Offset += n
		if n == 0 || !s.lingersOn(err) {
			return err
		}
	}
}

// lingersOn reports whether writing failed with err because a closed session has lingered for long.
func (s *Session) lingersOn(err error) bool {
	return s.isClosed() && errors.Is(err, os.ErrDeadlineExceeded)
}

// settle is called with mu locked.
func (s *Session) settle(b *bufpool.Buffer) {
	s.queue.settle(b)
	s.signalRoom()
}

func (s *Session) signalRoom() {
	if s.waiting > 0 && s.queue.bytes <= s.highWater()/2 {
		s.room.Broadcast()
	}
}

// What is written between two looks at whether the session lingers.
const writePiece = 1 << 18

// writeBytes returns how many bytes were written.
func (s *Session) writeBytes(p []byte) (int, error) {
	written := 0
	for written < len(p) {
		if s.isClosed() {
			if err := s.extendLinger(); err != nil {
				return written, err
			}
		}
		n, err := s.conn.Write(p[written:min(len(p), written+writePiece)])
		written += n
		if err != nil {
			return written, err
		}
		if n <= 0 {
			return written, io.ErrShortWrite
		}
	}
	return written, nil
}

// goneLinger is how long a session is read on at most when its peer takes nothing any more.
const goneLinger = 5 * time.Second

// writeFailed is called, and returns, with mu locked. Nothing can be sent any more, but if the peer has closed, what it
// had sent before is still there to be read: then the reader goes on, and closes the session at the end of the stream.
func (s *Session) writeFailed(err error) {
	s.queue.drop()
	s.room.Broadcast()
	if s.isClosed() {
		return
	}
	if s.hasOnMsg && isGone(err) && s.conn.SetReadDeadline(time.Now().Add(min(s.linger, goneLinger))) == nil {
		s.broken = err
		return
	}
	s.mu.Unlock()
	s.shut(err, true)
	s.mu.Lock()
}

// stopWriting gives the writing side up, and leaves what came in meanwhile to others. It is called with mu locked, and
// unlocks it.
func (s *Session) stopWriting() {
	last := s.isClosed()
	if s.queue.head != nil {
		if last {
			s.mu.Unlock()
			go s.writeFunc()
			return
		}
		s.needFlusher()
	}
	s.writing = false
	s.mu.Unlock()
	if last {
		_ = s.conn.Close()
	}
	s.leave()
}
