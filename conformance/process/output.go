package process

import (
	"fmt"
	"io"
	"sync"
)

const (
	keepHead = 8 << 10
	keepTail = 24 << 10
)

// Output keeps the beginning and the end of a stream. It may be used concurrently.
type Output struct {
	mu      sync.Mutex
	head    []byte
	tail    []byte
	dropped int64
	also    *Capture // gets everything, too
	once    sync.Once
	ended   chan struct{}
}

func (o *Output) done() chan struct{} {
	o.once.Do(func() { o.ended = make(chan struct{}) })
	return o.ended
}

// drain reads r to its end, so that its writer is never held up.
func (o *Output) drain(r io.Reader) {
	_, _ = io.Copy(o, r) // the end of a pipe and its closing are one to us
	close(o.done())
}

// Total returns how many bytes came, kept or not.
func (o *Output) Total() int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return int64(len(o.head)+len(o.tail)) + o.dropped
}

// Ended is closed when everybody who could write to the stream has closed it.
func (o *Output) Ended() <-chan struct{} { return o.done() }

func (o *Output) tap(c *Capture) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.also = c
}

// Write adds to the stream; it never fails.
func (o *Output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := len(b)
	if o.also != nil {
		o.also.add(b)
	}
	take := min(keepHead-len(o.head), len(b))
	o.head = append(o.head, b[:take]...)
	o.tail = append(o.tail, b[take:]...)
	if over := len(o.tail) - keepTail; over > keepTail {
		o.dropped += int64(over)
		o.tail = append(o.tail[:0], o.tail[over:]...)
	}
	return n, nil
}

// String returns what was kept, with a line that says how much is missing in the middle.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	tail, dropped := o.tail, o.dropped
	if over := len(tail) - keepTail; over > 0 {
		tail, dropped = tail[over:], dropped+int64(over)
	}
	if dropped == 0 {
		return string(o.head) + string(tail)
	}
	return fmt.Sprintf("%s\n[%d bytes left out]\n%s", o.head, dropped, tail)
}
