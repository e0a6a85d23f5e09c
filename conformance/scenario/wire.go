package scenario

import (
	"bytes"

	"github.com/oizys-protocol/oizys/spec"
)

// FromWire returns the scenario that sends the bytes and ends as told. Behind an error the frames are followed as a peer
// would that ignores it. The scenario may fail its Check: one that holds must not end inside a message.
func FromWire(wire []byte, end Close) *Scenario {
	s := &Scenario{}
	s.SetWire(wire, end)
	return s
}

// SetWire is FromWire for a scenario whose memory is to be used again; its contents are slices of wire.
func (s *Scenario) SetWire(wire []byte, end Close) {
	s.Reset()
	s.Close = end
	for len(wire) > 0 {
		var header [spec.HeaderLen]byte
		n := copy(header[:], wire)
		f := Frame{Reserved: header[0], Content: Literal}
		f.Length = int(header[1])<<16 | int(header[2])<<8 | int(header[3])
		content := wire[n:]
		if len(content) > f.Length {
			content = content[:f.Length]
		}
		f.Missing = spec.HeaderLen + f.Length - n - len(content)
		if f.Bytes = content; len(content) == 0 {
			f.Content = Zeros
		}
		s.Frames = append(s.Frames, f)
		wire = wire[n+len(content):]
	}
}

// literal turns the frame's content into one that is written out.
func (f *Frame) literal() {
	if sent := f.Size() - spec.HeaderLen; sent > 0 && f.Content != Literal {
		f.Bytes, f.Content, f.Seed = bytes.Clone(f.appendContent(nil, sent)), Literal, 0
	}
}
