package scenario

import (
	"slices"

	"github.com/oizys-protocol/oizys/spec"
)

// Minimise makes a list of scenarios, played in order, smaller for as long as fails says that what is left still shows
// what is looked for: scenarios first, then frames, then bytes, then cuts. It asks at most budget times, and never with a
// scenario that fails its Check. The list itself is not changed. Fails should try on a fresh peer.
func Minimise(list []Scenario, budget int, fails func([]Scenario) bool) []Scenario {
	m := &minimiser{left: budget, fails: fails}
	for i := range list {
		m.list = append(m.list, *list[i].Clone())
	}
	m.list = Reduce(m.list, m.tryList)
	for i := range m.list {
		m.at = i
		m.scenario()
	}
	return m.list
}

type minimiser struct {
	list  []Scenario
	at    int // the scenario under way
	left  int
	fails func([]Scenario) bool
}

func (m *minimiser) tryList(list []Scenario) bool {
	if m.left <= 0 || len(list) == 0 {
		return false
	}
	for i := range list {
		if list[i].Check() != nil {
			return false
		}
	}
	m.left--
	return m.fails(list)
}

// try replaces the scenario under way by a changed one if that still fails.
func (m *minimiser) try(change func(s *Scenario)) bool {
	c := m.list[m.at].Clone()
	change(c)
	size := c.Size()
	c.Cuts = slices.DeleteFunc(c.Cuts, func(at int) bool { return at >= size })
	list := slices.Clone(m.list)
	list[m.at] = *c
	if !m.tryList(list) {
		return false
	}
	m.list = list
	return true
}

func (m *minimiser) scenario() {
	if len(m.list[m.at].Cuts) > 0 { // cuts mean nothing once frames go: without them, all is simpler
		m.try(func(s *Scenario) { s.Cuts, s.Paced = nil, false })
	}
	Reduce(m.list[m.at].Frames, func(frames []Frame) bool {
		return m.try(func(s *Scenario) { s.Frames = frames })
	})
	for i := range m.list[m.at].Frames {
		m.frame(i)
	}
	Reduce(m.list[m.at].Cuts, func(cuts []int) bool {
		return m.try(func(s *Scenario) { s.Cuts = cuts })
	})
	if m.list[m.at].Paced {
		m.try(func(s *Scenario) { s.Paced = false })
	}
}

// frame makes one frame plainer, then shorter.
func (m *minimiser) frame(i int) {
	change := func(do func(f *Frame)) bool { return m.try(func(s *Scenario) { do(&s.Frames[i]) }) }
	current := func() *Frame { return &m.list[m.at].Frames[i] }
	if current().Await {
		change(func(f *Frame) { f.Await = false })
	}
	if r := current().Reserved; r != spec.Reserved && r != 1 {
		change(func(f *Frame) { f.Reserved = 1 })
	}
	if f := current(); f.Content != Text || f.Seed != 0 {
		change(func(f *Frame) { f.Content, f.Seed, f.Bytes = Text, 0, nil })
	}
	// The part that is sent shrinks by halves, then one by one; what is announced and not sent stays missing, or goes.
	if current().Missing > 1 {
		change(func(f *Frame) { f.Length -= f.Missing - 1; f.Missing = 1 })
	}
	for step := current().Length / 2; step > 0; step /= 2 {
		for current().Length >= step && change(func(f *Frame) { f.Length -= step }) {
			continue
		}
	}
	m.literal(i, change)
}

// literal writes short content that matters out, and takes from it what does not.
func (m *minimiser) literal(i int, change func(func(*Frame)) bool) {
	f := &m.list[m.at].Frames[i]
	const most = 96
	if f.Content == Text && f.Seed == 0 || f.Missing > 0 || f.Length < 2 || f.Length > most {
		return
	}
	if f.Content != Literal {
		c := *f
		c.literal()
		if !change(func(f *Frame) { *f = c }) {
			return
		}
	}
	Reduce(m.list[m.at].Frames[i].Bytes, func(b []byte) bool {
		return change(func(f *Frame) { f.Bytes, f.Length = slices.Clone(b), len(b) })
	})
	for at := range m.list[m.at].Frames[i].Bytes {
		if m.list[m.at].Frames[i].Bytes[at] != 'a' {
			change(func(f *Frame) { f.Bytes[at] = 'a' })
		}
	}
}

// Reduce is delta debugging: it leaves out ever smaller stretches of items for as long as what is left still fails.
func Reduce[T any](items []T, fails func([]T) bool) []T {
	for stretch := (len(items) + 1) / 2; stretch > 0; {
		removed := false
		for from := 0; from < len(items); {
			rest := slices.Delete(slices.Clone(items), from, min(from+stretch, len(items)))
			if fails(rest) {
				items, removed = rest, true
				continue
			}
			from += stretch
		}
		if stretch == 1 && !removed {
			break
		}
		if !removed || stretch > len(items) {
			stretch = min(stretch/2, max(len(items), 0))
		}
	}
	return items
}
