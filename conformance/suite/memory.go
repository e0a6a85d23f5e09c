package suite

import (
	"slices"
	"sync"
)

// arena is the memory of the long streams of a run. Memory that a process touches for the first time costs far more than
// the bytes that are written to it, and a stream of 16 MiB is followed by another: so they take turns, from the
// beginning of one block, of which only as much is ever touched as was lent at one time.
var arena struct {
	sync.Mutex
	block []byte
	lent  []stretch // in the order in which they lie
}

// stretch is a part of the block.
type stretch struct{ from, to int }

const (
	arenaSize   = 48 << 20  // what cases that run beside each other take together, and the one that takes the most
	leastLent   = 128 << 10 // shorter buffers are the garbage collector's
	arenaStride = 4 << 10
)

// buffer returns an empty slice with room for n bytes, which is the case's until the env is closed.
func (e *Env) buffer(n int) []byte {
	if n < leastLent {
		return make([]byte, 0, n)
	}
	s, b := lend(n)
	if b == nil {
		return make([]byte, 0, n)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lent = append(e.lent, s)
	return b
}

// lend finds the first gap of n bytes. Where there is none, the slice is nil.
func lend(n int) (stretch, []byte) {
	arena.Lock()
	defer arena.Unlock()
	if arena.block == nil {
		arena.block = make([]byte, arenaSize)
	}
	s, i := stretch{0, n}, 0
	for ; i < len(arena.lent) && s.to > arena.lent[i].from; i++ {
		s.from = (arena.lent[i].to + arenaStride - 1) / arenaStride * arenaStride
		s.to = s.from + n
	}
	if s.to > len(arena.block) {
		return s, nil
	}
	arena.lent = slices.Insert(arena.lent, i, s)
	return s, arena.block[s.from:s.from:s.to]
}

// giveBack ends the use of what was lent.
func giveBack(lent []stretch) {
	arena.Lock()
	defer arena.Unlock()
	arena.lent = slices.DeleteFunc(arena.lent, func(s stretch) bool { return slices.Contains(lent, s) })
}
