package session

import (
	"github.com/oizys-protocol/oizys/impl/internal/bufpool"
	"github.com/oizys-protocol/oizys/impl/wire"
)

// queue holds encoded messages in a list of borrowed buffers, each of which goes out in one write.
type queue struct {
	head, tail *bufpool.Buffer
	messages   int // Including those that the writer has taken and not yet written.
	bytes      int
	busy       bool // One buffer was not enough when there was a first one last.
}

// push adds a message; the caller has checked its length.
func (q *queue) push(content []byte) {
	n := wire.HeaderLen + len(content)
	if q.tail == nil || cap(q.tail.B)-len(q.tail.B) < n {
		q.grow(n)
	}
	q.tail.B, _ = wire.Append(q.tail.B, content)
	q.tail.Messages++
	q.messages++
	q.bytes += n
}

func (q *queue) grow(n int) {
	// The first buffer is small if little more came before the last one was written. A buffer that fits one long message
	// exactly would go out alone.
	least := bufpool.Small
	if q.tail != nil || q.busy || n > bufpool.Large/8 {
		least = bufpool.Large
	}
	q.busy = q.tail != nil
	b := bufpool.Get(max(n, least))
	if q.tail == nil {
		q.head = b
	} else {
		q.tail.Next = b
	}
	q.tail = b
}

// take removes the first buffer, or returns nil. What is in it still counts until it is settled.
func (q *queue) take() *bufpool.Buffer {
	b := q.head
	if b == nil {
		return nil
	}
	q.head = b.Next
	if q.head == nil {
		q.tail = nil
	}
	return b
}

// putBack undoes take, for a buffer of which b.Offset bytes have been written.
func (q *queue) putBack(b *bufpool.Buffer) {
	b.Next = q.head
	q.head = b
	if q.tail == nil {
		q.tail = b
	}
}

// putRest puts a message of which so many bytes are written, header included, before everything else.
func (q *queue) putRest(content []byte, written int) {
	b := bufpool.Get(wire.HeaderLen + len(content))
	b.B, _ = wire.Append(b.B, content)
	b.Offset, b.Messages = written, 1
	q.messages++
	q.bytes += len(b.B)
	q.putBack(b)
}

// settle ends the counting of a buffer that was taken, and gives it back.
func (q *queue) settle(b *bufpool.Buffer) {
	q.messages -= b.Messages
	q.bytes -= len(b.B)
	bufpool.Put(b)
}

// drop forgets everything that has not been taken.
func (q *queue) drop() {
	for b := q.take(); b != nil; b = q.take() {
		q.settle(b)
	}
}
