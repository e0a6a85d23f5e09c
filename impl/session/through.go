package session

import (
	"context"
	"time"

	"github.com/oizys-protocol/oizys/impl/internal/bufpool"
	"github.com/oizys-protocol/oizys/impl/wire"
)

// writeThrough writes what is queued and then a message from the caller's memory, and returns when all of it is written
// or ctx has ended. The rest of a message that has begun is queued then; for one that has not, it returns the context's
// error. It is called with mu locked, when mayWriteThrough, and unlocks it.
func (s *Session) writeThrough(ctx context.Context, content []byte) (int, error) {
	size := wire.HeaderLen + len(content)
	s.startWriting()
	s.pace.wrote()
	before := s.queue.take()
	s.queue.messages++
	s.queue.bytes += size
	queued := s.queue.messages
	s.mu.Unlock()

	settled := s.interruptWrites(ctx)
	written, err := s.writeMessage(before, content)
	interrupted := settled()

	s.mu.Lock()
	s.queue.messages--
	s.queue.bytes -= size
	ofMessage := written
	if before != nil {
		ofMessage -= len(before.B) - before.Offset
		before.Offset += min(written, len(before.B)-before.Offset)
	}
	failed := err != nil && !interrupted && !(written > 0 && s.lingersOn(err))
	refused := interrupted && ofMessage < 0
	if err != nil && !failed && !refused {
		s.queue.putRest(content, max(ofMessage, 0))
	}
	switch {
	case before == nil:
	case failed || before.Offset == len(before.B):
		s.queue.settle(before)
	default:
		s.queue.putBack(before)
	}
	if failed {
		s.writeFailed(err)
	}
	s.pace.rest()
	s.signalRoom()
	if s.queue.head == nil {
		s.stopWriting()
	} else {
		s.mu.Unlock()
		go s.writeFunc()
	}
	if refused {
		return 0, ctx.Err()
	}
	return queued, nil
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

// writeMessage writes what is left of a buffer, if there is one, a header and content. It returns how many bytes of all
// that were written.
func (s *Session) writeMessage(before *bufpool.Buffer, content []byte) (int, error) {
	s.head, _ = wire.AppendHeader(s.head[:0], len(content))
	if s.raw == nil {
		// Not by net.Buffers, which for connections of other kinds trusts that no write is short. Here nothing is queued
		// that nobody writes, and so there is no buffer.
		n, err := s.writeBytes(s.head)
		if err != nil {
			return n, err
		}
		more, err := s.writeBytes(content)
		return n + more, err
	}
	s.buffers = s.vec[:0]
	if before != nil {
		s.buffers = append(s.buffers, before.B[before.Offset:])
	}
	first := min(len(content), writePiece)
	s.buffers = append(s.buffers, s.head, content[:first])
	n, err := s.buffers.WriteTo(s.conn)
	s.vec = [3][]byte{}
	if err != nil {
		return int(n), err
	}
	more, err := s.writeBytes(content[first:])
	return int(n) + more, err
}
