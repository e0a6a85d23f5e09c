package faulty

import (
	"fmt"

	"github.com/oizys-protocol/oizys/spec"
)

// Fault is one way in which the peer differs from a plain correct one.
type Fault struct {
	// Name is unique among faults and habits, in kebab-case.
	Name string
	// Class is the kind of defect, one of [Classes].
	Class string
	// Description says what is wrong, how it comes about, and how it is mended.
	Description string
	// Breaks lists the IDs of the requirements that the fault breaks, the main one first; empty for a habit.
	Breaks []string
	// Warns lists the SHOULD requirements that a conforming habit does not keep.
	Warns []string
	// Odd tells a conforming habit from a defect.
	Odd bool

	// mutate puts the difference into the hooks of a correct peer.
	mutate func(*hooks)
}

// Level returns how strongly the strongest requirement binds that the fault breaks: a fault of [spec.Should] alone is
// found when the suite warns. A habit has no level.
func (f Fault) Level() spec.Level {
	var level spec.Level
	for _, id := range f.Breaks {
		if rule, ok := spec.Find(id); ok && level != spec.Must {
			level = rule.Level
		}
	}
	return level
}

// Find returns the fault or habit called name.
func Find(name string) (Fault, bool) {
	for _, f := range append(Faults(), Habits()...) {
		if f.Name == name {
			return f, true
		}
	}
	return Fault{}, false
}

// hooksFor returns the hooks of the peer called name; "" and "none" name the correct one.
func hooksFor(name string) (hooks, error) {
	do := correct()
	if name == "" || name == "none" {
		return do, nil
	}
	f, ok := Find(name)
	if !ok {
		return hooks{}, fmt.Errorf("unknown fault %q", name)
	}
	f.mutate(&do)
	return do, nil
}
