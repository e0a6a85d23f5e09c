package session

import "time"

// When a message is written: at once if that is cheap for whom it concerns, and otherwise together with others, because a
// system call costs as much as the rest of sending a hundred small messages.
//
//   - At once, when input has come since the last write: an answer does not wait.
//   - At once, when the last write is a while ago: what is sent rarely does not wait.
//   - At once, when much is queued.
//   - When the handlers have seen all input that had come.
//   - Otherwise by the flusher, a goroutine: it writes as soon as it is scheduled, which is when the sender pauses or
//     another thread is free; but if that happens too often, because the sender does not pause, only every flushPause.
const (
	flushBytes  = 3 << 16               // This much is written at once.
	checkBytes  = 1 << 12               // The clock is looked at whenever this much more is queued.
	writePause  = 20 * time.Microsecond // After this long without a write the next is made at once.
	flushPause  = time.Millisecond
	eagerWrites = 8 // What the flusher may write at once in one flushPause.
)

// pace says when to write. Its zero value is ready to use; it is guarded by Session.mu.
type pace struct {
	answering bool // Input has come since the last write.
	checked   int  // The queued bytes when the clock was looked at last.
	last      time.Time
	writes    int // Counts writes, to see whether there was one.

	eager      int // Writes of the flusher in the window.
	windowFrom time.Time
}

// isUrgent reports whether what is queued must be written at once.
func (p *pace) isUrgent(q *queue) bool {
	if p.answering || q.bytes >= flushBytes {
		return true
	}
	if q.messages > 1 && q.bytes < p.checked+checkBytes {
		return false
	}
	p.checked = q.bytes
	return time.Since(p.last) >= writePause
}

// wrote notes that a write is being made.
func (p *pace) wrote() {
	p.answering = false
	p.checked = 0
	p.writes++
	p.last = time.Now()
}

// rest notes that a write is over: a pause begins only now.
func (p *pace) rest() { p.last = time.Now() }

// mayFlush reports whether the flusher may write at once.
func (p *pace) mayFlush() bool {
	now := time.Now()
	if now.Sub(p.windowFrom) >= flushPause {
		p.windowFrom, p.eager = now, 0
	}
	p.eager++
	return p.eager <= eagerWrites
}

// grantWrite notes that input has come.
func (s *Session) grantWrite() {
	s.mu.Lock()
	s.pace.answering = true
	s.mu.Unlock()
}

// flushBurst writes what handlers have sent, before the reader waits for more input.
func (s *Session) flushBurst() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flushIdle()
}

// needFlusher is called with mu locked.
func (s *Session) needFlusher() {
	if s.flusher {
		return
	}
	s.flusher = true
	s.parties++
	go s.flushFunc()
}

// flush is the flusher's goroutine. If it may not write at once, it stays until a pause in which nothing was written.
func (s *Session) flush() {
	defer s.leave()
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.pace.writes - 1
	if s.pace.mayFlush() {
		s.flushIdle()
		seen = s.pace.writes
	}
	for !s.isClosed() && (s.isStranded() || s.pace.writes != seen) {
		seen = s.pace.writes
		s.mu.Unlock()
		time.Sleep(flushPause)
		s.mu.Lock()
		if s.pace.writes == seen {
			s.flushIdle()
		}
	}
	s.flusher = false
}

// isStranded reports whether something is queued that nobody writes. It is called with mu locked.
func (s *Session) isStranded() bool { return s.queue.head != nil && !s.writing }

// flushIdle is called, and returns, with mu locked.
func (s *Session) flushIdle() {
	if s.isStranded() {
		s.startWriting()
		s.writeNow()
		s.mu.Lock()
	}
}
