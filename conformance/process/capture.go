package process

import (
	"errors"
	"io"
	"os"
	"sync"
	"syscall"
	"time"
)

// Capture keeps the beginning of one stream, whole up to its limit in bytes, for those who look for something in it. It may
// be used concurrently.
type Capture struct {
	mu      sync.Mutex
	limit   int
	kept    []byte
	total   int64
	also    *Capture      // gets everything, too
	changed chan struct{} // closed and replaced whenever more was kept
	ended   chan struct{}
	over    bool // it has ended, and watch was told if it was set
	watch   func(total int64, ended bool)
}

func newCapture(limit int) *Capture {
	return &Capture{limit: limit, changed: make(chan struct{}), ended: make(chan struct{})}
}

// captureBuffers hold what a pipe holds.
var captureBuffers = sync.Pool{New: func() any { b := make([]byte, 64<<10); return &b }}

// drain reads r to its end, so that its writer is never held up.
func (c *Capture) drain(r io.Reader) {
	defer c.end()
	buf := captureBuffers.Get().(*[]byte)
	defer captureBuffers.Put(buf)
	for {
		n, err := r.Read(*buf)
		c.add((*buf)[:n])
		if err != nil {
			return // the end of a pipe and its closing are one to us
		}
	}
}

// end notes that nothing more comes.
func (c *Capture) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return
	}
	if c.over = true; c.watch != nil {
		c.watch(c.total, true)
	}
	close(c.ended)
}

// watched has the watcher told of what came so far, and of what comes.
func (c *Capture) watched(watch func(total int64, ended bool)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watch = watch
	if c.total > 0 {
		watch(c.total, false)
	}
	if c.over {
		watch(c.total, true)
	}
}

// growWhole is the length from which a stream is given all the room that it may take: those who capture a long stream
// expect one.
const growWhole = 256 << 10

func (c *Capture) add(b []byte) {
	if len(b) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total += int64(len(b))
	if c.watch != nil {
		c.watch(c.total, false)
	}
	if c.also != nil {
		c.also.add(b)
	}
	if room := c.limit - len(c.kept); room > 0 {
		b = b[:min(room, len(b))]
		if need := len(c.kept) + len(b); need > cap(c.kept) && need > growWhole {
			c.kept = append(make([]byte, 0, c.limit), c.kept...)
		}
		c.kept = append(c.kept, b...)
		close(c.changed)
		c.changed = make(chan struct{})
	}
}

func (c *Capture) tap(also *Capture) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.also = also
}

// Bytes returns what was kept so far. It must not be modified; what is kept later does not change it.
func (c *Capture) Bytes() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept[:len(c.kept):len(c.kept)]
}

// Total returns how many bytes came, kept or not.
func (c *Capture) Total() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.total
}

// Changed is closed when more is kept than now; when the limit is reached, never.
func (c *Capture) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

// Ended is closed when everybody who could write to the stream has closed it.
func (c *Capture) Ended() <-chan struct{} { return c.ended }

// String returns the beginning and the end of what was kept, as [Output] does.
func (c *Capture) String() string {
	o := &Output{}
	kept, total := c.Bytes(), c.Total()
	_, _ = o.Write(kept) // never fails
	o.dropped += total - int64(len(kept))
	return o.String()
}

// TooLong reports whether a program could not be started because its command line is longer than the system allows.
func TooLong(err error) bool { return errors.Is(err, syscall.E2BIG) }

// Stdout returns the program's captured standard output, nil unless its command asked for that.
func (p *Process) Stdout() *Capture { return p.stdout }

// Stderr returns the program's captured standard error, nil unless its command asked for that.
func (p *Process) Stderr() *Capture { return p.stderr }

// openPipes makes the pipes for the program's output: one for both streams or, captured, one for each.
func (p *Process) openPipes() error {
	n := 1
	if p.command.Capture > 0 {
		n = 2
		p.stdout, p.stderr = newCapture(p.command.Capture), newCapture(p.command.Capture)
	} else {
		p.output = &Output{}
	}
	var err error
	p.pipes, err = newPipes(n)
	return err
}

// drain begins to read what the program prints.
func (p *Process) drain() {
	if p.output != nil {
		go p.output.drain(p.pipes.read[0])
		return
	}
	go p.stdout.drain(p.pipes.read[0])
	go p.stderr.drain(p.pipes.read[1])
}

// AwaitOutput waits until what an ended program had printed has come through. Where a process that it left behind holds
// its output open, it waits until nothing has come for as long as limit.
func (p *Process) AwaitOutput(limit time.Duration) {
	if p.output != nil {
		settle(p.output, p.pipes.read[0], limit)
		return
	}
	var pipes [2]*os.File // an imitation has none
	if !p.imitated {
		pipes = [2]*os.File(p.pipes.read)
	}
	var both sync.WaitGroup
	both.Go(func() { settle(p.stdout, pipes[0], limit) })
	settle(p.stderr, pipes[1], limit)
	both.Wait()
}

// pipes are the runner's ends of a program's output, and what they go to.
type pipes struct {
	read  []*os.File
	write []*os.File
}

func newPipes(n int) (*pipes, error) {
	p := &pipes{}
	for range n {
		r, w, err := os.Pipe()
		if err != nil {
			p.closeWriters()
			p.closeReaders()
			return nil, err
		}
		p.read, p.write = append(p.read, r), append(p.write, w)
	}
	return p, nil
}

func (p *pipes) closeWriters() { closeAll(p.write) }
func (p *pipes) closeReaders() { closeAll(p.read) }

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}
