package live

import (
	"sync/atomic"

	"github.com/oizys-protocol/oizys/conformance/scenario"
)

// planned is how much of what is tried is the plan's where coverage chooses the rest: one in so many.
const planned = 3

// turn is an act that was played: the plan's with an index or, where there is none, one that was made of others.
type turn struct {
	index uint64
	made  *Act
}

// number is the act's index in the plan, or -1.
func (t turn) number() int64 {
	if t.made != nil {
		return -1
	}
	return int64(t.index)
}

// actOf returns the act of a turn.
func (l *lane) actOf(t turn) Act {
	if t.made != nil {
		return *t.made
	}
	var a Act
	l.plan.fill(t.index, &a)
	return a
}

// kept is an act that reached a new place in the peer's program.
type kept struct {
	act   Act
	steps atomic.Int64 // how many of its single changes were tried
}

// step makes a the next of its act's single changes: the last scenario's first. It is false when all were tried.
func (k *kept) step(a *Act) bool {
	if k.steps.Load() < 0 {
		return false
	}
	n := int(k.steps.Add(1) - 1)
	for i := len(a.List) - 1; i >= 0; i-- {
		if s := &a.List[i]; s.Step(n) {
			return true
		}
		n -= a.List[i].Steps()
	}
	k.steps.Store(-1 << 62)
	return false
}

// madeOf makes the lane's next act of those that were kept: the newer, the more often.
func (l *lane) madeOf(all []*kept) {
	pick := func() *kept { return all[len(all)-1-min(l.mutator.IntN(len(all)), l.mutator.IntN(len(all)))] }
	one := func(a *Act) *scenario.Scenario { return &a.List[l.mutator.IntN(len(a.List))] }
	k := pick()
	l.act = k.act.clone()
	if l.mutator.IntN(2) == 0 && k.step(&l.act) {
		return
	}
	l.mutator.Mutate(one(&l.act), one(&pick().act))
	if l.act.Mode == Series {
		l.act.chain()
	}
}

// choose makes the lane's next act. It is false when the run's number of acts is reached.
func (l *lane) choose() (turn, bool) {
	if g := l.h.guide; g != nil && len(g.kept) > 0 && l.mutator.IntN(planned) > 0 {
		l.madeOf(g.kept)
		a := l.act.clone()
		return turn{made: &a}, true
	}
	n := l.h.next.Add(1) - 1
	if l.h.o.Runs > 0 && n >= l.h.o.Runs+l.h.first() {
		l.h.next.Add(^uint64(0))
		return turn{}, false
	}
	t := turn{index: l.h.o.index(n)}
	l.plan.fill(t.index, &l.act)
	return t, true
}

// looked keeps an act that passed and may have reached something new in the peer's program.
func (l *lane) looked() {
	switch g := l.h.guide; {
	case g == nil:
	case g.golang != nil:
		l.reached = append(l.reached, l.act.clone())
	case l.view.gains(g.counters):
		l.reached = append(l.reached, l.act.clone())
	}
}
