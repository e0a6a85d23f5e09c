// Package scenario is the engine for trying very many streams on a peer: what is done to it as data, what must come of it
// by the model, and a player that does it over a socket some ten thousand times a second and judges by cause.
//
// Begin with [Scenario], [Generator], which makes the i-th of a seed, and [Player]. A scenario can be written in one line
// ([Scenario.String], [Parse]), made a golden vector ([Scenario.Vector]) and made smaller ([Minimise]). Starting peers and
// deciding what to try next are out of scope.
package scenario

import (
	"errors"
	"fmt"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/spec"
)

// Close is what is done behind the last byte.
type Close uint8

// The ways to end, a closed vocabulary.
const (
	// Hold keeps the connection open: only the peer can close it. Behind an error it must; else it must have answered.
	Hold Close = iota
	// HalfClose shuts down the writing side: the peer must close, and may answer what was whole before.
	HalfClose
	// Abrupt closes at once, without reading. Nothing is judged but that the peer goes on serving others.
	Abrupt
)

// Frame is one message on the wire, valid or not.
type Frame struct {
	// Reserved is the header's first byte; 0x00 in a valid frame.
	Reserved byte
	// Length is what the header announces, 0 to spec.MaxContentLen; 0 is an error.
	Length int
	// Missing is how many of the frame's last bytes are never sent, less than all of them: a truncated frame.
	Missing int
	// Await has the answers to everything before the frame awaited before the frame is sent.
	Await bool
	// Content says which bytes the content is made of; Seed tells two of a kind apart.
	Content Content
	Seed    uint32
	// Bytes is the content of a frame whose Content is Literal. Shorter than the content it is repeated; it must not be
	// empty then.
	Bytes []byte
}

// Size returns how many bytes of the frame are sent.
func (f *Frame) Size() int { return spec.HeaderLen + f.Length - f.Missing }

// Valid reports whether the frame is a whole and valid message.
func (f *Frame) Valid() bool {
	return f.Reserved == spec.Reserved && f.Length >= spec.MinContentLen && f.Missing == 0
}

// Scenario is what is done to a peer on one connection. The zero value connects, sends nothing and holds the connection,
// which shows nothing; a useful one has frames or an end.
type Scenario struct {
	Frames []Frame
	// Cuts are the offsets in the wire, rising, at which one write ends and the next begins.
	Cuts []int
	// Paced says that each write waits until the peer was seen to have read the one before, so that the cuts are what
	// it reads. Else they follow each other at once.
	Paced bool
	Close Close
}

// Reset makes s the empty scenario and keeps its memory.
func (s *Scenario) Reset() { *s = Scenario{Frames: s.Frames[:0], Cuts: s.Cuts[:0]} }

// Clone returns a copy that shares no memory with s.
func (s *Scenario) Clone() *Scenario {
	c := *s
	c.Frames = append([]Frame(nil), s.Frames...)
	c.Cuts = append([]int(nil), s.Cuts...)
	for i := range c.Frames {
		c.Frames[i].Bytes = append([]byte(nil), c.Frames[i].Bytes...)
	}
	return &c
}

// Size returns the number of bytes that the scenario sends.
func (s *Scenario) Size() int {
	n := 0
	for i := range s.Frames {
		n += s.Frames[i].Size()
	}
	return n
}

// AppendWire appends the bytes that the scenario sends to dst and returns the longer slice. The scenario must be valid.
func (s *Scenario) AppendWire(dst []byte) []byte {
	for i := range s.Frames {
		dst = s.Frames[i].appendWire(dst)
	}
	return dst
}

// Prediction is what the model says of a scenario.
type Prediction struct {
	// Valid is how many bytes of the wire are whole, valid messages: an echo server's answer is a prefix of these, and
	// all of them when the end is Open.
	Valid int
	// End is the state in which the session must be left: for a scenario that holds it is open, or closed by an error.
	End model.End
}

// Predict says by the model what must come of the scenario, whose wire AppendWire has made. It allocates nothing.
func (s *Scenario) Predict(wire []byte) Prediction {
	valid, end := model.Prefix(wire, s.Close != Hold)
	return Prediction{Valid: valid, End: end}
}

// ErrInvalid is wrapped by the errors of Check and of what reads scenarios.
var ErrInvalid = errors.New("invalid scenario")

// MaxFrames and MaxSize bound what a scenario may hold, against slips in files that are read.
const (
	MaxFrames = 1 << 16
	MaxSize   = 1 << 26
)

// Check says what is wrong with a scenario that was not made by a [Generator]. The error wraps ErrInvalid.
func (s *Scenario) Check() error {
	size := 0
	if len(s.Frames) > MaxFrames {
		return fmt.Errorf("%w: %d frames; at most %d", ErrInvalid, len(s.Frames), MaxFrames)
	}
	for i := range s.Frames {
		f := &s.Frames[i]
		if err := f.check(i == len(s.Frames)-1); err != nil {
			return fmt.Errorf("%w: frame %d: %s", ErrInvalid, i+1, err)
		}
		if size += f.Size(); size > MaxSize {
			return fmt.Errorf("%w: more than %d bytes", ErrInvalid, MaxSize)
		}
	}
	last := 0
	for _, c := range s.Cuts {
		if c <= last || c >= size {
			return fmt.Errorf("%w: a cut at %d; cuts rise, and lie inside the %d bytes", ErrInvalid, c, size)
		}
		last = c
	}
	switch {
	case s.Close > Abrupt:
		return fmt.Errorf("%w: no way to close has number %d", ErrInvalid, s.Close)
	case s.Close == Hold && s.unfinished():
		return fmt.Errorf("%w: a connection that is held ends inside a message, so that nothing has to come of it; finish the message, or close", ErrInvalid)
	}
	return nil
}

// unfinished reports whether the wire ends inside a message that has no error.
func (s *Scenario) unfinished() bool {
	for i := range s.Frames {
		if f := &s.Frames[i]; !f.Valid() {
			headerWhole := f.Size() >= spec.HeaderLen
			return !headerWhole || f.Reserved == spec.Reserved && f.Length > 0
		}
	}
	return false
}

func (f *Frame) check(last bool) error {
	switch {
	case f.Length < 0 || f.Length > spec.MaxContentLen:
		return fmt.Errorf("no header announces %d bytes; 0 to %d", f.Length, spec.MaxContentLen)
	case f.Missing < 0 || f.Size() < 1:
		return fmt.Errorf("%d bytes are left out of %d; at least one is sent", f.Missing, spec.HeaderLen+f.Length)
	case f.Missing > 0 && !last:
		return errors.New("only the last frame can be truncated")
	case f.Content >= contents:
		return fmt.Errorf("no content has number %d", f.Content)
	case f.Content == Literal && f.Length > 0 && len(f.Bytes) == 0:
		return errors.New("literal content without bytes")
	}
	return nil
}
