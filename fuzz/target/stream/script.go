package stream

import (
	"slices"
	"sync"

	"github.com/oizys-protocol/oizys/spec"
)

// Script is a stream that was made by reading bytes as a frame script: an engine that changes bits then changes how many
// frames there are, of which length and in which pieces, and not the bytes of headers, most of which end the stream.
type Script struct {
	// Wire is the stream, Cuts where it is cut into pieces, rising.
	Wire []byte
	Cuts []int
	// Ended says that the stream ends after the last byte.
	Ended bool
}

// The script's format. The first byte: bit 7 says that the stream stays open; bits 5 and 6 how it is cut, by the
// constants below; the lower five a size for that. Then, until the bytes are used up, an action a byte: its lower three
// bits are a class of length, the next two a kind of content, the upper three what else is done, by the constants below.
// Some actions take bytes behind them: one, 0 where the script has ended, or as many as they say.
const (
	cutNowhere  = iota // One piece.
	cutFrames          // Between frames.
	cutHeaders         // In each header, behind as many bytes as the size says.
	cutEqually         // In pieces of the size.
	staysOpen   = 0x80 // In the first byte.
	cutShift    = 5
	actionShift = 5
	kindShift   = 3
)

const (
	actValid    = iota
	actAgain    // The frame before, once more; a valid one if there is none.
	actLiteral  // A frame whose content follows in the script, up to 256 bytes of it.
	actRaw      // The bytes that follow, up to 256, with no header made for them.
	actReserved // A frame whose reserved byte follows.
	actEmpty    // A header that announces nothing.
	actTooLong  // A header that announces more than the limit, as far as a header can.
	actTruncate // A frame that ends early, by as many bytes as follow says; the script ends there.
)

// A script may ask for more than its length shows: so many bytes of wire end it.
const maxWire = 1 << 11

// script reads scripts, one at a time.
type script struct {
	in         []byte
	limit      int
	out        Script
	frames     []int // Where they begin.
	last, size int   // Where the last frame's content begins, and its length; 0 if there is none.
}

// ReadScript reads bytes as a frame script, for a receiver that accepts contents of up to limit bytes, at least 1. Every
// series of bytes is a script.
func ReadScript(data []byte, limit int) Script {
	return new(script).read(data, limit)
}

// read reads a script into the memory of the one before.
func (s *script) read(data []byte, limit int) Script {
	*s = script{in: data, limit: limit, frames: s.frames[:0], out: Script{Wire: s.out.Wire[:0], Cuts: s.out.Cuts[:0]}}
	mode := s.byte()
	s.out.Ended = mode&staysOpen == 0
	for len(s.in) > 0 && len(s.out.Wire) < maxWire && s.act(s.byte()) {
	}
	s.cut(mode)
	return s.out
}

func (s *script) byte() byte {
	if len(s.in) == 0 {
		return 0
	}
	b := s.in[0]
	s.in = s.in[1:]
	return b
}

// take returns the next bytes, as many as the next byte says and one more, or as there are.
func (s *script) take() []byte {
	n := min(int(s.byte())+1, len(s.in))
	p := s.in[:n]
	s.in = s.in[n:]
	return p
}

// act does what one byte says, and reports whether anything may follow.
func (s *script) act(b byte) bool {
	class, kind := b&7, b>>kindShift&3
	switch b >> actionShift {
	case actAgain:
		if s.size == 0 {
			s.frame(0, class, kind)
			break
		}
		again := s.out.Wire[s.last : s.last+s.size]
		s.header(0, s.size)
		s.out.Wire = append(s.out.Wire, again...)
	case actLiteral:
		if p := s.take(); len(p) > 0 {
			s.header(0, len(p))
			s.out.Wire = append(s.out.Wire, p...)
		}
	case actRaw:
		s.frames = append(s.frames, len(s.out.Wire))
		s.out.Wire = append(s.out.Wire, s.take()...)
	case actReserved:
		reserved := s.byte()
		s.frame(reserved, class, kind)
	case actEmpty:
		s.header(0, 0)
	case actTooLong:
		s.header(0, min(s.limit+1+int(class), spec.MaxContentLen))
	case actTruncate:
		s.frame(0, class, kind)
		missing := min(int(s.byte())+1, len(s.out.Wire)-s.frames[len(s.frames)-1])
		s.out.Wire = s.out.Wire[:len(s.out.Wire)-missing]
		return false
	default:
		s.frame(0, class, kind)
	}
	return true
}

// length returns the length that a class stands for; all but the shortest are at borders, or follow in the script.
func (s *script) length(class byte) int {
	var n int
	switch class {
	case 0:
		n = 1
	case 1:
		n = 2 + int(s.byte()%30)
	case 2:
		n = 127 + int(s.byte()%3)
	case 3:
		n = 255
	case 4:
		n = 256
	case 5:
		n = 1 + int(s.byte())
	case 6:
		n = s.limit - 1
	default:
		n = s.limit
	}
	return max(1, min(n, s.limit))
}

func (s *script) header(reserved byte, n int) {
	s.frames = append(s.frames, len(s.out.Wire))
	s.out.Wire = append(s.out.Wire, reserved, byte(n>>16), byte(n>>8), byte(n))
}

// frame adds a frame whose content is made.
func (s *script) frame(reserved, class, kind byte) {
	n := s.length(class)
	s.header(reserved, n)
	s.last, s.size = len(s.out.Wire), n
	s.out.Wire = append(s.out.Wire, make([]byte, n)...)
	content := s.out.Wire[s.last:]
	switch kind {
	case 1:
		for i := range content {
			content[i] = 0xff
		}
	case 2: // Looks like headers.
		for i := 3; i < n; i += 4 {
			content[i] = 1
		}
	case 3:
		for i := range content {
			content[i] = byte(i + 1)
		}
	}
}

func (s *script) cut(mode byte) {
	n, size := len(s.out.Wire), int(mode&31)
	switch mode >> cutShift & 3 {
	case cutNowhere:
	case cutFrames, cutHeaders:
		if mode>>cutShift&3 == cutFrames {
			size = 0
		}
		for _, at := range s.frames {
			if at += size % spec.HeaderLen; at > 0 && at < n {
				s.out.Cuts = append(s.out.Cuts, at)
			}
		}
		s.out.Cuts = slices.Compact(s.out.Cuts) // An action may have added nothing.
	case cutEqually:
		for at := size + 1; at < n; at += size + 1 {
			s.out.Cuts = append(s.out.Cuts, at)
		}
	}
}

// ScriptOf returns a script that has the stream in it as it is.
func ScriptOf(stream []byte, ended bool) []byte {
	out := []byte{cutFrames << cutShift}
	if !ended {
		out[0] |= staysOpen
	}
	for len(stream) > 0 {
		n := min(len(stream), 256)
		out = append(out, actRaw<<actionShift, byte(n-1))
		out = append(out, stream[:n]...)
		stream = stream[n:]
	}
	return out
}

// EveryAction returns a script with every action in it.
func EveryAction() []byte {
	every := []byte{cutHeaders<<cutShift | 2}
	for act := range byte(actTruncate + 1) {
		every = append(every, act<<actionShift|act<<kindShift&(3<<kindShift)|act&7, 1)
	}
	return every
}

// scripts are used again: their memory takes longer to get than they take to be read.
var scripts = sync.Pool{New: func() any { return new(script) }}

// Stream reads the input as a frame script and holds a decoder against the model with it.
func Stream(data []byte, limit int, decoder func(limit int) Receiver) error {
	reader := scripts.Get().(*script)
	defer scripts.Put(reader)
	s := reader.read(data, limit)
	return decode(decoder(limit), s.Wire, s.Cuts, expected(s.Wire, s.Ended, limit))
}
