package scenario

import (
	"math/rand/v2"
	"slices"

	"github.com/oizys-protocol/oizys/spec"
)

// Generator makes scenarios: the one with an index is a pure function of seed, index and MaxLength. It reuses memory and
// is for one goroutine at a time; two with the same fields make the same.
type Generator struct {
	Seed uint64
	// MaxLength is the longest content that is sent; 0 means spec.MaxContentLen. Longer lengths are announced, and only
	// some of the content sent.
	MaxLength int

	pcg  rand.PCG
	rand *rand.Rand
}

// Fill makes s the scenario with the index.
func (g *Generator) Fill(index uint64, s *Scenario) {
	g.begin(g.Seed, index)
	s.Reset()
	g.validFrames(s)
	switch n := g.rand.IntN(16); {
	case n < 6: // all is valid
		g.validEnd(s)
	case n < 12:
		g.poison(s)
	default:
		g.truncate(s)
	}
	g.cut(s)
}

// begin sets chance to where it stands for an index.
func (g *Generator) begin(seed, index uint64) {
	if g.rand == nil {
		g.rand = rand.New(&g.pcg)
	}
	g.pcg.Seed(mix(seed), mix(index))
}

// oneIn is true once in n times.
func (g *Generator) oneIn(n int) bool { return g.rand.IntN(n) == 0 }

// validFrames makes 0 to 3 frames mostly; long sessions are rare and of short messages.
func (g *Generator) validFrames(s *Scenario) {
	n := g.rand.IntN(4)
	long := true
	switch r := g.rand.IntN(1 << 15); {
	case r < 2:
		n = 1000 + g.rand.IntN(200)
	case r < 32:
		n = 128 + g.rand.IntN(200)
	case r < 512:
		n = 12 + g.rand.IntN(90)
	default:
		long = false
	}
	settle := g.oneIn(4) // whether answers are awaited now and then
	for range n {
		f := Frame{Content: g.content(), Seed: g.rand.Uint32(), Await: settle && g.oneIn(2)}
		f.Length = g.length(long)
		if k := len(s.Frames); k > 0 {
			switch g.rand.IntN(12) {
			case 0: // the message before, once more
				f = s.Frames[k-1]
			case 1: // another message of the same length
				f.Length = s.Frames[k-1].Length
			}
		}
		f.Await = f.Await && len(s.Frames) > 0
		s.Frames = append(s.Frames, f)
	}
}

func (g *Generator) content() Content {
	switch r := g.rand.IntN(16); {
	case r < 5:
		return Random
	case r < 9:
		return Tokens
	case r < 11:
		return Text
	default:
		return Zeros + Content(r-11)
	}
}

// borders are lengths at and beside which programs go wrong.
var borders = [...]int{1, 4, 8, 10, 16, 32, 64, 100, 127, 128, 255, 256, 257, 512, 1000, 1024, 2048, 4096, 8192, 16384, 32768, 65535, 65536}

// largeBorders are rare: one takes as long as a hundred others.
var largeBorders = [...]int{1 << 17, 256000, 1 << 18, 1 << 20, 1<<20 + 4096, 1 << 21, 1 << 23, 16000000, spec.MaxContentLen}

// length returns a length of content that is sent whole: short mostly, often at a border.
func (g *Generator) length(short bool) int {
	most := g.MaxLength
	if most == 0 {
		most = spec.MaxContentLen
	}
	var n int
	switch r := g.rand.IntN(1 << 15); {
	case short || r < 1<<14:
		n = 1 + g.rand.IntN(40)
	case r < 1<<14+1<<13:
		n = borders[g.rand.IntN(13)] + g.rand.IntN(9) - 4
	case r < 1<<14+1<<13+1<<10:
		n = borders[g.rand.IntN(len(borders))] + g.rand.IntN(9) - 4
	case r < 1<<14+1<<13+1<<10+4:
		n = largeBorders[g.rand.IntN(len(largeBorders))] + g.rand.IntN(3) - 1
	default:
		n = 1 + g.rand.IntN(600)
	}
	return min(max(n, 1), most)
}

// validEnd closes a session without an error, or leaves it open.
func (g *Generator) validEnd(s *Scenario) {
	if len(s.Frames) == 0 || g.oneIn(8) {
		s.Frames = append(s.Frames, Frame{Content: Text, Seed: g.rand.Uint32(), Length: 8, Await: len(s.Frames) > 0})
	}
	switch g.rand.IntN(8) {
	case 0:
		s.Close = Abrupt
	case 1, 2:
		s.Close = HalfClose
	}
}

// poison adds an error and, as often as not, bait: valid messages behind it that must not be answered.
func (g *Generator) poison(s *Scenario) {
	f := Frame{Content: g.content(), Seed: g.rand.Uint32(), Await: len(s.Frames) > 0 && g.oneIn(3)}
	if g.oneIn(2) {
		f.Reserved = g.reserved()
		switch g.rand.IntN(4) {
		case 0: // an empty message, too
		case 1:
			f.Length = g.announced()
			f.Missing = max(f.Length-g.rand.IntN(6), 0)
		default:
			f.Length = 1 + g.rand.IntN(40)
		}
	}
	s.Frames = append(s.Frames, f)
	if f.Missing == 0 && g.oneIn(2) {
		for range 1 + g.rand.IntN(2) {
			s.Frames = append(s.Frames, Frame{Content: Text, Seed: g.rand.Uint32(), Length: 1 + g.rand.IntN(40)})
		}
	}
	switch g.rand.IntN(8) {
	case 0:
		s.Close = Abrupt
	case 1:
		s.Close = HalfClose
	}
}

// reserved returns a wrong reserved byte: any bit alone, all of them, or any value.
func (g *Generator) reserved() byte {
	switch g.rand.IntN(4) {
	case 0:
		return 1 << g.rand.IntN(8)
	case 1:
		return [...]byte{0xff, 0x7f, 0xfe, 0x0a, 0x20, '{'}[g.rand.IntN(6)]
	default:
		return byte(1 + g.rand.IntN(255))
	}
}

// announced returns a length of which not all will be sent.
func (g *Generator) announced() int {
	switch g.rand.IntN(4) {
	case 0:
		return spec.MaxContentLen
	case 1:
		return 1 + g.rand.IntN(spec.MaxContentLen)
	default:
		return 1 << g.rand.IntN(24)
	}
}

// truncate ends the stream inside a message.
func (g *Generator) truncate(s *Scenario) {
	f := Frame{Content: g.content(), Seed: g.rand.Uint32(), Await: len(s.Frames) > 0 && g.oneIn(3)}
	sent := 1 + g.rand.IntN(40)
	if g.oneIn(2) {
		f.Length = g.announced()
		f.Missing = max(spec.HeaderLen+f.Length-sent, 1)
	} else {
		f.Length = 1 + g.rand.IntN(300)
		f.Missing = 1 + g.rand.IntN(spec.HeaderLen+f.Length-1)
	}
	s.Frames = append(s.Frames, f)
	if s.Close = HalfClose; g.oneIn(6) {
		s.Close = Abrupt
	}
}

// cut decides how the wire is written: in one piece mostly.
func (g *Generator) cut(s *Scenario) {
	size := s.Size()
	if size < 2 {
		return
	}
	s.Paced = g.oneIn(2)
	switch g.rand.IntN(16) {
	case 0, 1, 2: // anywhere
		g.cutAt(s, size, func() int { return 1 + g.rand.IntN(size-1) }, 1+g.rand.IntN(3))
	case 3, 4, 5: // in or beside a header
		g.cutAt(s, size, func() int { return g.nearHeader(s) }, 1+g.rand.IntN(2))
	case 6: // byte by byte, as far as that is quick
		for at := 1; at < min(size, 24); at++ {
			s.Cuts = append(s.Cuts, at)
		}
		s.Paced = s.Paced && g.oneIn(4)
	}
}

func (g *Generator) cutAt(s *Scenario, size int, at func() int, n int) {
	for range n {
		if c := at(); c > 0 && c < size && !slices.Contains(s.Cuts, c) {
			s.Cuts = append(s.Cuts, c)
		}
	}
	slices.Sort(s.Cuts)
}

// nearHeader returns an offset up to one byte away from the header of one of the frames.
func (g *Generator) nearHeader(s *Scenario) int {
	at := 0
	for i := range g.rand.IntN(len(s.Frames)) {
		at += s.Frames[i].Size()
	}
	return at - 1 + g.rand.IntN(spec.HeaderLen+3)
}
