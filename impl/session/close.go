package session

import (
	"runtime/debug"
	"time"
)

// shut closes the session for a cause, unless it is closed already; with drop it also gives up what is queued.
func (s *Session) shut(cause error, drop bool) {
	s.mu.Lock()
	if drop {
		s.queue.drop()
	}
	if s.isClosed() {
		abort := drop && s.writing
		s.mu.Unlock()
		if abort {
			_ = s.conn.Close() // Interrupts the writer, which then finds nothing queued.
		}
		return
	}
	s.parties++
	defer s.leave()
	before := s.phase.Or(closed)
	s.cause = cause
	stranded := s.isStranded()
	if stranded {
		s.startWriting()
	}
	flushing := s.writing && !drop
	s.room.Broadcast()
	s.mu.Unlock()

	if flushing && s.extendLinger() == nil {
		_ = s.conn.SetReadDeadline(longAgo) // Ends the reader; the writer closes the connection.
	} else {
		_ = s.conn.Close()
	}
	if stranded {
		go s.writeFunc()
	}
	if before&delivering == 0 {
		s.runOnClose()
	}
}

// A deadline that has passed.
var longAgo = time.Unix(1, 0)

func (s *Session) extendLinger() error { return s.conn.SetWriteDeadline(time.Now().Add(s.linger)) }

// runOnClose calls the close handler, if one is set. Only one caller gets here: who closed the session while no message
// handler ran, or who ran it.
func (s *Session) runOnClose() {
	s.mu.Lock()
	handler, cause := s.onClose, s.cause
	s.onClose = nil
	s.mu.Unlock()
	if handler != nil {
		s.runClose(handler, cause)
	}
}

func (s *Session) runClose(handler func(error), cause error) {
	defer s.contain()
	handler(cause)
}

// contain ends a panic of a handler that runs under it.
func (s *Session) contain() {
	if value := recover(); value != nil {
		s.logPanic(value, debug.Stack())
	}
}

// leave ends one party's work for the session.
func (s *Session) leave() {
	s.mu.Lock()
	s.parties--
	over := s.parties == 0 && s.isClosed()
	s.mu.Unlock()
	if over {
		close(s.done)
	}
}
