package faulty

import (
	"fmt"
	"sync"

	"github.com/oizys-protocol/oizys/spec"
)

// Fault is one way in which the peer differs from a plain correct one.
type Fault struct {
	// Name is unique among the faults and habits of every role, in kebab-case.
	Name string
	// Role is what the peer is that differs: a server or a client.
	Role spec.Role
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

	// mutate puts the difference into the hooks of a correct server, or client into those of a correct client.
	mutate func(*hooks)
	client func(*clientHooks)
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

// Find returns the fault or habit called name, of whatever role.
func Find(name string) (Fault, bool) {
	f, ok := everyFault()[name]
	return f, ok
}

// everyFault makes the faults and habits of every role, by name, once.
var everyFault = sync.OnceValue(func() map[string]Fault {
	all := map[string]Fault{}
	for _, role := range spec.Roles() {
		for _, f := range append(Faults(role), Habits(role)...) {
			all[f.Name] = f
		}
	}
	return all
})

// FindOf returns the fault or habit of a role called name. It makes no more of the others than it meets on the way.
func FindOf(role spec.Role, name string) (Fault, bool) {
	for _, odd := range []bool{false, true} {
		groups := faultGroups(role)
		if odd {
			groups = habitGroups(role)
		}
		for _, g := range groups {
			for _, f := range g.of(role, odd) {
				if f.Name == name {
					return f, true
				}
			}
		}
	}
	return Fault{}, false
}

// find returns the fault or habit of a role called name; "" and "none" name the correct peer, of which nothing differs.
func find(role spec.Role, name string) (Fault, error) {
	if name == "" || name == "none" {
		return Fault{Role: role}, nil
	}
	if f, ok := FindOf(role, name); ok {
		return f, nil
	}
	if f, ok := Find(name); ok {
		return Fault{}, fmt.Errorf("%q is a fault of a %s, not of a %s", name, f.Role, role)
	}
	return Fault{}, fmt.Errorf("unknown fault %q", name)
}

// hooksFor returns the hooks of the server called name.
func hooksFor(name string) (hooks, error) {
	do := correct()
	f, err := find(spec.Server, name)
	if err == nil && f.mutate != nil {
		f.mutate(&do)
	}
	return do, err
}
