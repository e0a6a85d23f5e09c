package scenario

import "iter"

// Space is a set of short streams that is walked through whole: every stream over an alphabet, every way to cut it, held
// open and ended there. Ending a stream everywhere is truncating the longer ones everywhere.
type Space struct {
	// Alphabet are the bytes that streams are made of; no Alphabet is 0x00, 0x01, 0x02 and 0x80: the reserved byte right
	// and wrong, lengths of nothing, of one, of two and of many.
	Alphabet []byte
	// Longest is the length of the longest streams, in bytes; all shorter ones but the empty one come before.
	Longest int
	// Uncut leaves out the cuts.
	Uncut bool
	// Paced waits at each cut until the peer has read the piece before.
	Paced bool
}

// All yields every scenario of the space, the shortest first, with its number, from 0. The scenario is reused: clone what
// is kept. A stream that is open at its end has a sentinel behind it, one more message, whose answer proves it; one that
// ends inside a message is only shown ended, since nothing has to come of it until then.
func (sp Space) All() iter.Seq2[uint64, *Scenario] {
	alphabet := sp.Alphabet
	if len(alphabet) == 0 {
		alphabet = []byte{0x00, 0x01, 0x02, 0x80}
	}
	return func(yield func(uint64, *Scenario) bool) {
		var s Scenario
		index := uint64(0)
		for n := 1; n <= sp.Longest; n++ {
			for stream := range streams(alphabet, n) {
				for _, end := range []Close{Hold, HalfClose} {
					s.SetWire(stream, end)
					if s.Close == Hold && s.unfinished() {
						continue
					}
					if !sp.cuts(&s, n, &index, yield) {
						return
					}
				}
			}
		}
	}
}

// cuts yields s in every way to cut its first n bytes.
func (sp Space) cuts(s *Scenario, n int, index *uint64, yield func(uint64, *Scenario) bool) bool {
	if s.Close == Hold && s.valid() {
		s.Frames = append(s.Frames, Frame{Length: 8, Content: Text, Await: true})
	}
	s.Paced = sp.Paced
	ways := 1 << (n - 1)
	if sp.Uncut {
		ways = 1
	}
	for way := range ways {
		s.Cuts = s.Cuts[:0]
		for at := 1; at < n; at++ {
			if way>>(at-1)&1 == 1 {
				s.Cuts = append(s.Cuts, at)
			}
		}
		if !yield(*index, s) {
			return false
		}
		*index++
	}
	return true
}

func (s *Scenario) valid() bool {
	for i := range s.Frames {
		if !s.Frames[i].Valid() {
			return false
		}
	}
	return true
}

// streams yields every stream of n bytes over the alphabet; the slice is reused.
func streams(alphabet []byte, n int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		stream, digits := make([]byte, n), make([]int, n)
		for {
			for i, d := range digits {
				stream[i] = alphabet[d]
			}
			if !yield(stream) {
				return
			}
			i := n - 1
			for ; i >= 0; i-- {
				if digits[i]++; digits[i] < len(alphabet) {
					break
				}
				digits[i] = 0
			}
			if i < 0 {
				return
			}
		}
	}
}
