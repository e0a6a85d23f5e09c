package bufpool

import (
	"runtime"
	"sync"
)

// shelf is a stack of idle buffers. At each garbage collection it forgets those that were not needed between the last
// two.
type shelf struct {
	mu      sync.Mutex
	idle    []*Buffer // The last one put is the first one taken, so that the lowest are those that are never needed.
	least   int       // The fewest that have lain here since the last collection,
	before  int       // and between the two collections before.
	watched bool      // The next collection is being waited for.
}

func (s *shelf) take() *Buffer {
	s.mu.Lock()
	defer s.mu.Unlock()
	top := len(s.idle) - 1
	if top < 0 {
		return nil
	}
	b := s.idle[top]
	s.idle[top] = nil
	s.idle = s.idle[:top]
	s.least = min(s.least, top)
	return b
}

func (s *shelf) put(b *Buffer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, b)
	if !s.watched {
		s.watched = true
		watch(s)
	}
}

// watch lets the shelf be cleared at the next collection, which is noticed by what it collects.
func watch(s *shelf) {
	runtime.AddCleanup(&struct{ _ *byte }{}, (*shelf).clear, s)
}

// clear forgets what has not been needed for two collections.
func (s *shelf) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	unneeded := min(s.least, s.before, len(s.idle))
	s.idle = append(s.idle[:0:0], s.idle[unneeded:]...)
	s.least, s.before = len(s.idle), s.least-unneeded
	if s.watched = len(s.idle) > 0; s.watched {
		watch(s)
	}
}
