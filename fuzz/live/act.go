package live

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/scenario"
	"github.com/oizys-protocol/oizys/spec"
)

// Mode is how the scenarios of an act are played.
type Mode uint8

// The modes, a closed vocabulary.
const (
	One      Mode = iota // one scenario
	Series               // one after the other, on one connection
	Together             // beside each other, each on its own connection
	Idle                 // one scenario, with pauses
	Visit                // a client's message, and what it is answered
	modes
)

var modeWords = [modes]string{"one", "series", "together", "idle", "visit"}

// String returns the mode's word.
func (m Mode) String() string { return modeWords[m] }

// Act is what is played at once and judged together: one scenario, or several that belong together.
type Act struct {
	Mode Mode
	List []scenario.Scenario
}

// String returns the act as text: the mode's word in a line, then a line for each scenario.
func (a *Act) String() string {
	lines := []string{a.Mode.String()}
	for i := range a.List {
		lines = append(lines, a.List[i].String())
	}
	return strings.Join(lines, "\n") + "\n"
}

// clone returns a copy that shares no memory with a.
func (a *Act) clone() Act {
	c := Act{Mode: a.Mode}
	for i := range a.List {
		c.List = append(c.List, *a.List[i].Clone())
	}
	return c
}

// size returns how many bytes the act sends.
func (a *Act) size() int {
	n := 0
	for i := range a.List {
		n += a.List[i].Size()
	}
	return n
}

// FormatActs writes acts one below the other, with an empty line between two.
func FormatActs(acts []Act) string {
	var texts []string
	for i := range acts {
		texts = append(texts, acts[i].String())
	}
	return strings.Join(texts, "\n")
}

// ParseActs reads what FormatActs wrote. Lines that begin with # are remarks. The error names the line, or says that there is
// no act.
func ParseActs(text string) ([]Act, error) {
	var acts []Act
	var begins []int // the line of each
	open := false
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "#"):
		case line == "":
			open = false
		case !open:
			n := slices.Index(modeWords[:], line)
			if n < 0 {
				return nil, fmt.Errorf("line %d: %q is no way to play scenarios; it is one of %s", i+1, line, strings.Join(modeWords[:], ", "))
			}
			acts, begins, open = append(acts, Act{Mode: Mode(n)}), append(begins, i+1), true
		default:
			s, err := scenario.Parse(line)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			last := &acts[len(acts)-1]
			last.List = append(last.List, *s)
		}
	}
	for i := range acts {
		if err := acts[i].check(); err != nil {
			return nil, fmt.Errorf("line %d: %w", begins[i], err)
		}
	}
	if len(acts) == 0 {
		return nil, fmt.Errorf("there is no scenario in it")
	}
	return acts, nil
}

// message returns what the client of a visit is given to send.
func (a *Act) message() []byte { return a.List[0].AppendWire(nil)[spec.HeaderLen:] }

// tellable reports whether a frame's content can be what a client is given to send: also nothing.
func tellable(f *scenario.Frame) bool {
	s := scenario.Scenario{Frames: []scenario.Frame{*f}}
	return f.Reserved == spec.Reserved && f.Missing == 0 && bytes.IndexByte(s.AppendWire(nil)[spec.HeaderLen:], 0) < 0
}

const maxTogether = 64

func (a *Act) check() error {
	n := len(a.List)
	switch {
	case n == 0:
		return fmt.Errorf("%q without a scenario", a.Mode)
	case n > 1 && (a.Mode == One || a.Mode == Idle):
		return fmt.Errorf("%q has one scenario, not %d", a.Mode, n)
	case a.Mode == Visit && (n != 2 || len(a.List[0].Frames) != 1 || !tellable(&a.List[0].Frames[0])):
		return fmt.Errorf("%q has two lines: one message without a NUL, which a command line cannot hold, and its answer", a.Mode)
	case n > maxTogether && a.Mode == Together:
		return fmt.Errorf("%d scenarios together; at most %d", n, maxTogether)
	}
	return nil
}

// plan makes acts: the one with an index is a pure function of the seed and the index.
type plan struct {
	seed      uint64
	together  bool // the peer serves several sessions at once
	generator scenario.Generator
	chance    *rand.Rand
	pcg       rand.PCG
}

func newPlan(seed uint64, maxLength int, together bool) *plan {
	p := &plan{seed: seed, together: together}
	p.generator = scenario.Generator{Seed: seed, MaxLength: maxLength}
	p.chance = rand.New(&p.pcg)
	return p
}

const actRoom = 8 // scenarios that one index has to itself

// fill makes a the act with the index; its memory is reused.
func (p *plan) fill(index uint64, a *Act) {
	p.pcg.Seed(p.seed^0x5eed, index)
	a.Mode = One
	n := 1
	switch r := p.chance.IntN(32); {
	case r < 2:
		a.Mode, n = Together, 2+p.chance.IntN(3)
	case r < 6:
		a.Mode, n = Series, 2+p.chance.IntN(5)
	}
	if a.Mode == Together && !p.together {
		a.Mode, n = One, 1
	}
	for len(a.List) < n {
		a.List = append(a.List, scenario.Scenario{})
	}
	a.List = a.List[:n]
	for i := range n {
		p.generator.Fill(index*actRoom+uint64(i), &a.List[i])
		if a.Mode == Together {
			a.List[i].Paced = true
		}
	}
	if a.Mode == Series {
		a.chain()
	}
}

// chain makes every scenario but the last one that leaves the session open.
func (a *Act) chain() {
	for i := range a.List[:len(a.List)-1] {
		s := &a.List[i]
		s.Close = scenario.Hold
		s.Frames = slices.DeleteFunc(s.Frames, func(f scenario.Frame) bool { return !f.Valid() })
		if len(s.Frames) == 0 {
			s.Frames = append(s.Frames, scenario.Frame{Content: scenario.Text, Seed: uint32(i), Length: 9})
		}
		s.Frames[0].Await = false
		size := s.Size()
		s.Cuts = slices.DeleteFunc(s.Cuts, func(at int) bool { return at >= size })
	}
}

// idleAct is a session that rests before, between and behind messages.
func idleAct() Act {
	f := func(seed uint32) scenario.Frame {
		return scenario.Frame{Content: scenario.Text, Seed: seed, Length: 12, Await: seed > 1}
	}
	return Act{Mode: Idle, List: []scenario.Scenario{{Frames: []scenario.Frame{f(1), f(2), f(3)}}}}
}

// outcome is what came of an act: the first breach, and of which scenario.
type outcome struct {
	result scenario.Result
	which  int
	played int
}

// play plays the act.
func (a *Act) play(p *scenario.Player) outcome {
	switch a.Mode {
	case Series:
		n, r := p.PlaySeries(a.List)
		return outcome{r, n - 1, n}
	case Together:
		out := outcome{played: len(a.List)}
		for i, r := range p.PlayTogether(a.List) {
			if i == 0 || out.result.Breach == scenario.None || out.result.Breach.ByDeadline() && r.Breach != scenario.None && !r.Breach.ByDeadline() {
				out.result, out.which = r, i
			}
		}
		return out
	default:
		return outcome{p.Play(&a.List[0]), 0, 1}
	}
}

// state is a number for what an act puts a session through: how it ends, by how many messages, how it was cut.
func state(mode Mode, s *scenario.Scenario, r scenario.Result) uint32 {
	messages := 0
	for n := len(s.Frames); n > 0; n /= 2 {
		messages++
	}
	ends := [...]model.End{model.Open, model.Reserved, model.Empty, model.TruncatedHeader, model.TruncatedContent, model.EndOfStream}
	end := slices.Index(ends[:], r.Prediction.End)
	answered := 0
	switch {
	case r.Matched == 0:
	case r.Matched == r.Prediction.Valid:
		answered = 2
	default:
		answered = 1
	}
	cut := min(len(s.Cuts), 2)
	if s.Paced {
		cut += 3
	}
	n := uint32(end)
	for _, digit := range [...]struct{ value, base int }{
		{messages, 16}, {answered, 3}, {cut, 6}, {int(s.Close), 3}, {int(mode), int(modes)},
	} {
		n = n*uint32(digit.base) + uint32(digit.value)
	}
	return n
}
