package scenario

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/oizys-protocol/oizys/spec"
	"github.com/oizys-protocol/oizys/vectors"
)

// ErrNoVector is wrapped by errors of scenarios that a golden vector cannot say.
var ErrNoVector = errors.New("no vector says it")

// maxVector is the longest wire that is written out in hex.
const maxVector = 1 << 18

// Vector returns the scenario as a golden vector called by its main requirement, a slash and variant. What a vector cannot
// say is left out: that answers are awaited. The error wraps ErrNoVector for an abrupt close, of which nothing must come,
// and for a wire above 256 KiB.
func (s *Scenario) Vector(variant, description string) (*vectors.Vector, error) {
	switch {
	case s.Close == Abrupt:
		return nil, fmt.Errorf("%w: an abrupt close has no outcome", ErrNoVector)
	case s.Size() > maxVector:
		return nil, fmt.Errorf("%w: %d bytes; at most %d are written out", ErrNoVector, s.Size(), maxVector)
	}
	wire := s.AppendWire(nil)
	p := s.Predict(wire)
	rule := s.requirement(p)
	v := &vectors.Vector{
		ID: rule + "/" + variant, Description: description, Requirements: []string{rule}, Kind: vectors.KindStream,
		WireLength: len(wire), WireSHA256: hash(wire), EndOfStream: s.Close == HalfClose,
		Outcome: vectors.Outcome{State: vectors.StateOpen},
	}
	if p.End.Closed() {
		v.Outcome = vectors.Outcome{State: vectors.StateClosed, Error: vectors.ErrorKind(p.End), Offset: p.Valid}
	}
	at := 0
	for i := range s.Frames {
		size := s.Frames[i].Size()
		bytes := wire[at : at+size]
		v.Segments = append(v.Segments, segments(bytes)...)
		if at += size; at <= p.Valid {
			content := bytes[spec.HeaderLen:]
			v.Messages = append(v.Messages, vectors.Message{Parts: parts(content), Length: len(content), SHA256: hash(content)})
		}
	}
	v.Pieces = s.Pieces(len(wire))
	return v, nil
}

// Pieces returns the lengths of the pieces into which the cuts part a wire of so many bytes, nil without cuts.
func (s *Scenario) Pieces(wire int) []int {
	if len(s.Cuts) == 0 {
		return nil
	}
	pieces, last := make([]int, 0, len(s.Cuts)+1), 0
	for _, c := range s.Cuts {
		pieces = append(pieces, c-last)
		last = c
	}
	return append(pieces, wire-last)
}

// requirement returns the ID of the requirement that the scenario mainly shows.
func (s *Scenario) requirement(p Prediction) string {
	switch {
	case p.End.Closed():
		return p.End.Requirement()
	case len(s.Cuts) > 0:
		return "stream/split"
	case len(s.Frames) > 1:
		return "stream/coalesced"
	default:
		return "msg/binary"
	}
}

func segments(frame []byte) []vectors.Segment {
	list := []vectors.Segment{{Field: vectors.FieldReserved, Part: vectors.Part{Unit: frame[:1], Repeat: 1}}}
	if length := frame[1:min(len(frame), spec.HeaderLen)]; len(length) > 0 {
		list = append(list, vectors.Segment{Field: vectors.FieldLength, Part: vectors.Part{Unit: length, Repeat: 1}})
	}
	if len(frame) > spec.HeaderLen {
		for _, p := range parts(frame[spec.HeaderLen:]) {
			list = append(list, vectors.Segment{Field: vectors.FieldContent, Part: p})
		}
	}
	return list
}

// parts returns content as one run of equal bytes, or written out.
func parts(content []byte) []vectors.Part {
	for _, b := range content {
		if b != content[0] {
			return []vectors.Part{{Unit: content, Repeat: 1}}
		}
	}
	return []vectors.Part{{Unit: content[:1], Repeat: len(content)}}
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
