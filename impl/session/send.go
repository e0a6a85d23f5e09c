package session

import (
	"context"

	"github.com/oizys-protocol/oizys/impl/wire"
)

// Send queues a message and returns at once, with the number of messages that are queued then, its own included. Whether
// the message was sent, or arrived, cannot be observed. Content is copied: it may be changed as soon as Send returns.
// Messages that one goroutine sends keep their order.
//
// It returns [wire.ErrEmpty], [wire.ErrTooLong], [ErrClosed] or [ErrQueueFull], and 0, having queued nothing.
func (s *Session) Send(content []byte) (int, error) {
	if err := wire.CheckLen(len(content)); err != nil {
		return 0, err
	}
	s.mu.Lock()
	if limit := s.opts.MaxQueued; limit > 0 && s.queue.bytes+wire.HeaderLen+len(content) > limit {
		s.flushIdle()
		if s.queue.bytes+wire.HeaderLen+len(content) > limit && !s.isClosed() {
			s.mu.Unlock()
			return 0, ErrQueueFull
		}
	}
	if s.isClosed() {
		s.mu.Unlock()
		return 0, ErrClosed
	}
	return s.enqueue(content), nil
}

// SendWait is Send for who would rather wait than queue without end: it waits while the bytes queued, this message
// included, are more than Options.MaxQueued allows. When it is the one to write what is queued, the message follows from
// content itself: that saves a copy, and SendWait returns when it is written.
//
// In a message handler it keeps the session from reading while it waits, and so in the end the peer from sending. Two
// peers that both do that, with more on its way than fits, stop each other.
//
// It returns the errors of Send but never ErrQueueFull, and the context's error when ctx ends before there is room; in
// both cases nothing was queued. Once a part of a message is written the rest must follow: if ctx ends then, the rest is
// queued, beyond the bound, and SendWait returns without an error.
func (s *Session) SendWait(ctx context.Context, content []byte) (int, error) {
	if err := wire.CheckLen(len(content)); err != nil {
		return 0, err
	}
	s.mu.Lock()
	if !s.hasRoom(len(content)) && !s.mayWriteThrough() {
		if err := s.awaitRoom(ctx, len(content)); err != nil {
			s.mu.Unlock()
			return 0, err
		}
	}
	if s.isClosed() {
		s.mu.Unlock()
		return 0, ErrClosed
	}
	if !s.fits(len(content)) && s.mayWriteThrough() {
		return s.writeThrough(ctx, content)
	}
	return s.enqueue(content), nil
}

// mayWriteThrough reports whether the caller may write what is queued, which is at most one buffer, and a message behind.
func (s *Session) mayWriteThrough() bool {
	return !s.writing && s.broken == nil && s.queue.head == s.queue.tail
}

func (s *Session) fits(n int) bool { return s.queue.bytes+wire.HeaderLen+n <= s.highWater() }

func (s *Session) highWater() int {
	if s.opts.MaxQueued > 0 {
		return s.opts.MaxQueued
	}
	return defaultHighWater
}

func (s *Session) hasRoom(n int) bool {
	return s.queue.bytes == 0 || s.fits(n)
}

// awaitRoom is called, and returns, with mu locked.
func (s *Session) awaitRoom(ctx context.Context, n int) error {
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.room.Broadcast()
		})
		defer stop()
	}
	s.flushIdle()
	s.waiting++
	defer func() { s.waiting-- }()
	for !s.hasRoom(n) && !s.isClosed() {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.room.Wait()
	}
	return nil
}

// enqueue queues a message and sees to its going out. It is called with mu locked, and unlocks it.
func (s *Session) enqueue(content []byte) int {
	if s.broken != nil {
		// The peer reads no more; what it sent before is still being delivered.
		s.mu.Unlock()
		return 1
	}
	s.queue.push(content)
	queued := s.queue.messages
	switch {
	case s.writing:
		s.mu.Unlock()
	case s.raw == nil:
		s.startWriting()
		s.mu.Unlock()
		go s.writeFunc()
	case s.pace.isUrgent(&s.queue):
		s.startWriting()
		s.writeNow()
	default:
		s.needFlusher()
		s.mu.Unlock()
	}
	return queued
}
