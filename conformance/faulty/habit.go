package faulty

import "slices"

// Habits returns the odd ways that conform. The slice is the caller's own.
func Habits() []Fault {
	all := slices.Concat(paceHabits(), socketHabits(), sessionHabits(), processHabits(), outputHabits(), endHabits(), memoryHabits())
	for i := range all {
		all[i].Odd, all[i].Class = true, Conformity
	}
	return all
}
