// Package bufpool lends byte buffers in a few sizes, so that a session holds memory only while bytes pass through it.
//
// The pools are caches, not state: what is not used is forgotten in the course of two garbage collections.
package bufpool

import "sync"

// Room beyond a power of two in every size, so that a message of a power of two bytes fits together with its header.
const slack = 64

// Sizes that are lent, smallest first. Steps of four bound the copying of a buffer that grows to a third of its end size.
const (
	// Small fits a few short messages.
	Small = 1<<12 + slack
	// Large is what one read or write moves when there is much to move.
	Large = 1<<18 + slack
	// Largest fits the longest message and its header.
	Largest = 1<<24 + slack
)

// The sizes are 2^12, 2^14, … 2^24, each with slack. Up to the first big one they lie in a pool for each processor, which
// is fast; above they lie on shelves, where every processor finds them: to make one anew would cost far more than a lock.
const (
	classes  = 7
	firstBig = 3
)

// Buffer is one lent buffer. The lender of the buffer is its only user until Put.
type Buffer struct {
	// B has the buffer's capacity; its length is the borrower's own affair, and 0 when lent.
	B []byte
	// Next, Messages and Offset are free for the borrower's use, and zero when lent.
	Next     *Buffer
	Messages int
	Offset   int

	class int
}

//nolint:gochecknoglobals // Caches without observable state, shared by all sessions on purpose.
var (
	pools   [firstBig]sync.Pool
	shelves [classes - firstBig]shelf
)

func sizeOf(class int) int { return 1<<(12+2*class) + slack }

// classFor returns the smallest class whose buffers hold n bytes.
func classFor(n int) int {
	for class := range classes {
		if n <= sizeOf(class) {
			return class
		}
	}
	panic("bufpool: no buffer is so large")
}

// Get lends a buffer with a capacity of at least n bytes. It panics when n is above Largest.
func Get(n int) *Buffer {
	class := classFor(n)
	if b := take(class); b != nil {
		return b
	}
	return &Buffer{B: make([]byte, 0, sizeOf(class)), class: class}
}

// Idle lends a buffer of at least n bytes only when one is at hand, and nil otherwise: it never allocates one.
func Idle(n int) *Buffer { return take(classFor(n)) }

func take(class int) *Buffer {
	if class >= firstBig {
		return shelves[class-firstBig].take()
	}
	b, _ := pools[class].Get().(*Buffer)
	return b
}

// Put takes a lent buffer back; the borrower must not use it afterwards.
func Put(b *Buffer) {
	b.B, b.Next, b.Messages, b.Offset = b.B[:0], nil, 0, 0
	if b.class >= firstBig {
		shelves[b.class-firstBig].put(b)
		return
	}
	pools[b.class].Put(b)
}
