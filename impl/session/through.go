package session

import (
	"context"
	"time"

	"github.com/oizys-protocol/oizys/impl/wire"
)

// writeThrough writes a message from the caller's memory, and returns when all of it is written or ctx has ended; then
// the rest is queued. It is called with mu locked and an empty queue, and unlocks it.
func (s *Session) writeThrough(ctx context.Context, content []byte) int {
	size := wire.HeaderLen + len(content)
	s.startWriting()
	s.pace.wrote()
	s.queue.messages++
	s.queue.bytes += size
	queued := s.queue.messages
	s.mu.Unlock()

	settled := s.interruptWrites(ctx)
	written, err := s.writeMessage(content)
	interrupted := settled()

	s.mu.Lock()
	s.queue.messages--
	s.queue.bytes -= size
	switch {
	case err == nil:
	case !interrupted && !(written > 0 && s.lingersOn(err)):
		s.writeFailed(err)
	case written >= wire.HeaderLen:
		s.queue.putRest(content[written-wire.HeaderLen:])
	default:
		var h [wire.HeaderLen]byte
		_, _ = wire.AppendHeader(h[:0], len(content))
		s.queue.putRest(append(h[written:], content...))
	}
	s.signalRoom()
	if s.queue.head == nil {
		s.stopWriting()
		return queued
	}
	s.mu.Unlock()
	go s.writeFunc()
	return queued
}

// interruptWrites makes writing fail when ctx ends, until the returned function is called, which reports whether it did.
func (s *Session) interruptWrites(ctx context.Context) func() bool {
	if ctx.Done() == nil {
		return func() bool { return false }
	}
	fired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = s.conn.SetWriteDeadline(longAgo)
		close(fired)
	})
	return func() bool {
		if stop() {
			return false
		}
		<-fired
		_ = s.conn.SetWriteDeadline(time.Time{})
		if s.isClosed() {
			_ = s.extendLinger()
		}
		return true
	}
}

// writeMessage writes a header and content, and returns how many bytes of both were written.
func (s *Session) writeMessage(content []byte) (int, error) {
	s.head, _ = wire.AppendHeader(s.head[:0], len(content))
	if s.raw == nil {
		// Not by net.Buffers, which for connections of other kinds trusts that no write is short.
		n, err := s.writeBytes(s.head)
		if err != nil {
			return n, err
		}
		more, err := s.writeBytes(content)
		return n + more, err
	}
	first := min(len(content), writePiece)
	s.vec = [2][]byte{s.head, content[:first]}
	s.buffers = s.vec[:]
	n, err := s.buffers.WriteTo(s.conn)
	s.vec = [2][]byte{}
	if err != nil {
		return int(n), err
	}
	more, err := s.writeBytes(content[first:])
	return int(n) + more, err
}
