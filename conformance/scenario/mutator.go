package scenario

import (
	"slices"

	"github.com/oizys-protocol/oizys/spec"
)

// Mutator changes scenarios a little, for those who know which ones are worth it. What it makes depends on its seed and on
// all that it has made before. It is for one goroutine at a time.
type Mutator struct{ g Generator }

// NewMutator returns a mutator; maxLength is as for [Generator].
func NewMutator(seed uint64, maxLength int) *Mutator {
	m := &Mutator{Generator{MaxLength: maxLength}}
	m.g.begin(seed, 0)
	return m
}

// IntN returns a number from 0 to n-1 by the mutator's chance.
func (m *Mutator) IntN(n int) int { return m.g.rand.IntN(n) }

const (
	mostChanges    = 8       // at once; each further one has half the chance of the one before
	mutableContent = 4 << 10 // bytes of content up to which it is written out and changed
	mutableFrames  = 64      // frames to which one more is added
	changeTries    = 4
)

// Mutate makes one change in s, or a few. Frames may come from other, which is left alone. The result passes Check, if s
// does, and shares no memory with other.
func (m *Mutator) Mutate(s, other *Scenario) {
	for n := 1; n == 1 || n <= mostChanges && m.g.oneIn(2); n++ {
		for range changeTries {
			c := s.Clone()
			m.change(c, other)
			m.mend(c)
			if c.Check() == nil {
				*s = *c
				break
			}
		}
	}
}

// change changes one thing; what it makes may be invalid.
func (m *Mutator) change(s, other *Scenario) {
	if len(s.Frames) == 0 {
		m.insert(s)
		return
	}
	i := m.g.rand.IntN(len(s.Frames))
	f := &s.Frames[i]
	switch r := m.g.rand.IntN(32); {
	case r < 14:
		m.content(f)
	case r < 16:
		f.Length = m.g.length(true)
	case r < 19:
		m.insert(s)
	case r < 21:
		s.Frames = slices.Insert(s.Frames, i, s.Clone().Frames[i])
	case r < 23:
		s.Frames = slices.Delete(s.Frames, i, i+1)
	case r < 25: // how another one goes on
		if n := len(other.Frames); n > 0 {
			s.Frames = append(s.Frames[:i], other.Clone().Frames[m.g.rand.IntN(n):]...)
		}
	case r < 26:
		k := m.g.rand.IntN(len(s.Frames))
		s.Frames[i], s.Frames[k] = s.Frames[k], s.Frames[i]
	case r < 27:
		f.Reserved = m.g.reserved()
	case r < 28:
		f.Missing = m.g.rand.IntN(f.Length + spec.HeaderLen)
	case r < 29:
		f.Await = !f.Await && i > 0
	case r < 30:
		s.Close = Close(m.g.rand.IntN(int(Abrupt) + 1))
	default:
		s.Cuts = s.Cuts[:0]
		m.g.cut(s)
	}
}

const (
	stepFrames = 8  // of a scenario, the last ones,
	stepBytes  = 16 // and of each the first ones
)

// Steps returns how many single changes [Scenario.Step] makes.
func (s *Scenario) Steps() int {
	n := 0
	for _, f := range s.Frames[max(len(s.Frames)-stepFrames, 0):] {
		n += f.steps()
	}
	return n
}

func (f *Frame) steps() int {
	if !f.Valid() || f.Length > mutableContent {
		return 0
	}
	return min(f.Length, stepBytes) << 8
}

// Step makes the n-th of the changes of a single byte of content: in the last 8 frames, from the last one on, each of the
// first 16 bytes is given every value. It is false, and s as it was, when there are not so many.
func (s *Scenario) Step(n int) bool {
	for i := len(s.Frames) - 1; i >= max(len(s.Frames)-stepFrames, 0); i-- {
		f := &s.Frames[i]
		if n < f.steps() {
			f.whole()[n>>8] = byte(n)
			return true
		}
		n -= f.steps()
	}
	return false
}

// whole writes the content of a valid frame out, and returns all of it.
func (f *Frame) whole() []byte {
	if f.Content != Literal || len(f.Bytes) != f.Length {
		f.Bytes, f.Content, f.Seed = f.appendContent(nil, f.Length), Literal, 0
	}
	return f.Bytes
}

// insert adds a frame of any kind, anywhere.
func (m *Mutator) insert(s *Scenario) {
	if len(s.Frames) < mutableFrames {
		f := Frame{Content: m.g.content(), Seed: m.g.rand.Uint32(), Length: m.g.length(m.g.oneIn(2))}
		s.Frames = slices.Insert(s.Frames, m.g.rand.IntN(len(s.Frames)+1), f)
	}
}

// content changes what a frame holds: a byte mostly, at the beginning as often as anywhere else.
func (m *Mutator) content(f *Frame) {
	if f.Missing > 0 || f.Length == 0 || f.Length > mutableContent {
		f.Content, f.Seed = m.g.content(), m.g.rand.Uint32()
		return
	}
	b, at := f.whole(), m.g.rand.IntN(f.Length)
	if m.g.oneIn(2) {
		at = m.g.rand.IntN(min(f.Length, 8))
	}
	switch r := m.g.rand.IntN(16); {
	case r < 9:
		b[at] = byte(m.g.rand.Uint32())
	case r < 11:
		b[at] ^= 1 << m.g.rand.IntN(8)
	case r < 12:
		b[at] += byte(m.g.rand.IntN(9) - 4)
	case r < 13:
		copy(b[at:], tokens[m.g.rand.IntN(len(tokens))])
	case r < 14:
		b = slices.Insert(b, at, byte(m.g.rand.Uint32()))
	case r < 15 && len(b) > 1:
		b = slices.Delete(b, at, at+1)
	default:
		b = b[:at+1]
	}
	f.Bytes, f.Length = b, len(b)
}

// mend makes changes fit each other: only the last frame is cut short, and then not held.
func (m *Mutator) mend(s *Scenario) {
	last := len(s.Frames) - 1
	for i := range s.Frames {
		f := &s.Frames[i]
		if i < last {
			f.Missing = 0
		}
		f.Missing = min(f.Missing, spec.HeaderLen+f.Length-1)
		f.Await = f.Await && i > 0
	}
	if s.Close == Hold && (last < 0 || s.unfinished()) {
		s.Close = HalfClose
	}
	size := s.Size()
	s.Cuts = slices.DeleteFunc(s.Cuts, func(at int) bool { return at >= size })
}
