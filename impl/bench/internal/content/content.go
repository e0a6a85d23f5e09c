// Package content makes the content of the messages that are measured, and checks what arrives.
//
// Begin with [New]. Sender and receiver each make the same [Pattern]; a message is a window of it that moves with the
// message's number, so that making one costs nothing and a lost, repeated or exchanged message shows in the bytes. A
// [Tally] counts messages and looks at each in a few places. Comparing every byte is out of scope: it would cost more than
// what is measured.
package content

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"math/rand/v2"
)

const (
	// windows is how many different messages there are of one size: few, so that a short message's bytes are in the
	// processor's cache for every contender alike.
	windows = 1 << 12
	// stride is odd, so that a window comes again only after all the others.
	stride = 37
	// Block is what the length of a stream's period is a multiple of, in bytes.
	Block = 1 << 18
	// A message or stream is checked in one place, and in one more for each of so many bytes.
	placeEvery = 1 << 18
)

// What a receiver finds wrong; compare with [errors.Is].
var (
	ErrLength  = errors.New("wrong length")
	ErrContent = errors.New("wrong content")
	ErrCount   = errors.New("more messages than expected")
)

// Pattern is the bytes that all messages are cut from: the same in every process. It must not be changed.
type Pattern []byte

// New returns the pattern for messages of up to longest bytes.
func New(longest int) Pattern {
	p := make(Pattern, roundUp(longest)+windows+8)
	var seed [32]byte
	copy(seed[:], "oizys")
	_, _ = rand.NewChaCha8(seed).Read(p) // Never fails.
	return p
}

func roundUp(n int) int { return (n + Block - 1) / Block * Block }

// Message returns the content of message i, counted from 0. It is not to be changed.
func (p Pattern) Message(i, size int) []byte {
	from := i * stride & (windows - 1)
	return p[from : from+size : from+size]
}

// Period returns what a stream without messages repeats: as many bytes as one message of the given size has, in whole
// blocks, so that its memory is as warm or cold as the message's.
func (p Pattern) Period(size int) []byte { return p[:roundUp(size)] }

// A Tally counts the messages of one run and checks them. It is not safe for concurrent use.
type Tally struct {
	pattern Pattern
	size    int
	count   int
	seen    int
	places  places
}

// NewTally returns the tally of a run of count messages of size bytes.
func NewTally(p Pattern, size, count int) Tally {
	return Tally{pattern: p, size: size, count: count, places: newPlaces()}
}

// Take takes the next message. It returns [ErrCount], [ErrLength] or [ErrContent] when it is not the one expected.
func (t *Tally) Take(content []byte) error {
	if t.seen == t.count {
		return fmt.Errorf("message %d: %w", t.seen, ErrCount)
	}
	if len(content) != t.size {
		return fmt.Errorf("message %d: %w: %d bytes, not %d", t.seen, ErrLength, len(content), t.size)
	}
	if !t.places.agree(content, t.pattern.Message(t.seen, t.size)) {
		return fmt.Errorf("message %d: %w", t.seen, ErrContent)
	}
	t.seen++
	return nil
}

// Seen returns how many messages were taken.
func (t *Tally) Seen() int { return t.seen }

// Done reports whether all messages of the run have been taken.
func (t *Tally) Done() bool { return t.seen == t.count }

// A Stream checks a stream that repeats a period. It is not safe for concurrent use.
type Stream struct {
	period []byte
	at     int // in the period
	places places
}

// NewStream returns the check of a stream for messages of the given size.
func NewStream(p Pattern, size int) Stream {
	return Stream{period: p.Period(size), places: newPlaces()}
}

// Take takes the next bytes of the stream, and returns [ErrContent] when they are not the ones expected.
func (s *Stream) Take(piece []byte) error {
	for len(piece) > 0 {
		n := min(len(piece), len(s.period)-s.at)
		if !s.places.agree(piece[:n], s.period[s.at:s.at+n]) {
			return ErrContent
		}
		piece = piece[n:]
		s.at = (s.at + n) % len(s.period)
	}
	return nil
}

// places chooses where to look; the state of a xorshift generator.
type places uint64

func newPlaces() places { return places(rand.Uint64() | 1) }

// agree compares two contents of one length, eight bytes at a time, in places chosen at random. It always looks at the
// last ones too: what is cut short or moved shows there.
func (s *places) agree(got, want []byte) bool {
	if len(got) < 8 {
		return string(got) == string(want)
	}
	last := len(got) - 8
	for range 1 + len(got)/placeEvery {
		x := *s
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		*s = x
		at, _ := bits.Mul64(uint64(x), uint64(last+1))
		if binary.NativeEndian.Uint64(got[at:]) != binary.NativeEndian.Uint64(want[at:]) {
			return false
		}
	}
	return binary.NativeEndian.Uint64(got[last:]) == binary.NativeEndian.Uint64(want[last:])
}
