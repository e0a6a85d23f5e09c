package selftest

import (
	"cmp"
	"slices"

	"github.com/oizys-protocol/oizys/conformance/faulty"
	"github.com/oizys-protocol/oizys/conformance/pattern"
	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
	"github.com/oizys-protocol/oizys/vectors"
)

const (
	firstPlanned    = 1         // cases of which it is known that they find a defect, in its first stage
	thenPlanned     = 4         // and in its first two
	spreadPerFamily = 3         // cases of one family in a spread
	habitMeetings   = 3         // so many habits of a role meet each case, beside one of each family,
	habitShare      = 6         // and a habit goes through no more than one of so many cases, where there are few habits
	costlyBytes     = 512 << 10 // what a case takes in the runner from which on it is not in a spread
)

// catalogue returns the cases of a role.
func catalogue(role spec.Role) ([]suite.Case, error) {
	set, err := vectors.Embedded()
	if err != nil {
		return nil, err
	}
	return runner.Catalogue(role, set)
}

// stages splits the cases for a defect into those that are run against it first, those that are run if these have not
// found it, and so on. The first stage is one of those that have found it in a full run, as far as that is known; the second
// some more of them, the third some of every family, without those that take the most time; the next two are whatever is about the requirements
// that the defect breaks, without those and then with them; the last is all that is left. A case that another one needs is
// in the same stage or in an earlier one. Which cases of a family stand for it is another choice for each defect, so that
// all of them together meet every case.
func stages(f faulty.Fault, cases []suite.Case, known []string) [][]string {
	own := about(f.Breaks)
	cheap := func(c suite.Case) bool { return own(c) && !costly(c) }
	seen := map[string]bool{}
	place, _ := turn(f)
	var all [][]string
	for _, want := range []func(suite.Case) bool{planned(f, cases, known, firstPlanned), planned(f, cases, known, thenPlanned), spread(cases, spreadPerFamily, place), cheap, own, anyCase} {
		var ids []string
		for _, id := range withNeeds(cases, want) {
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
		if len(ids) > 0 {
			all = append(all, ids)
		}
	}
	return all
}

// planned returns which cases are among the n that are run first, of those that are known to find a defect: such as are
// about a requirement that it breaks, and cheap; the others only for want of these. What the run as a whole shows is always
// among them.
func planned(f faulty.Fault, cases []suite.Case, known []string, n int) func(suite.Case) bool {
	own := about(f.Breaks)
	rank := func(c suite.Case) int {
		switch {
		case own(c) && !costly(c):
			return 0
		case own(c):
			return 1
		case !costly(c):
			return 2
		default:
			return 3
		}
	}
	var finders []suite.Case
	for _, c := range cases {
		if c.Mode != suite.WholeRun && slices.Contains(known, c.ID) {
			finders = append(finders, c)
		}
	}
	slices.SortStableFunc(finders, func(a, b suite.Case) int { return cmp.Compare(rank(a), rank(b)) })
	chosen := map[string]bool{}
	for _, c := range finders[:min(n, len(finders))] {
		chosen[c.ID] = true
	}
	return func(c suite.Case) bool { return chosen[c.ID] || len(chosen) > 0 && c.Mode == suite.WholeRun }
}

// some returns the cases that a habit goes through: one of each family, what the run as a whole shows, and one of so many
// of all others, of which each habit has the next: between them, the habits of a role meet every case several times.
func some(f faulty.Fault, cases []suite.Case) []string {
	place, habits := turn(f)
	few, share := spread(cases, 1, place), max(habitShare, habits/habitMeetings)
	chosen := map[string]bool{}
	for i, c := range cases {
		chosen[c.ID] = few(c) || (i+place)%share == 0
	}
	return withNeeds(cases, func(c suite.Case) bool { return chosen[c.ID] })
}

// turn is where a peer stands among the faults, or the habits, of its role, and how many these are.
func turn(f faulty.Fault) (place, of int) {
	all := faulty.Faults(f.Role)
	if f.Odd {
		all = faulty.Habits(f.Role)
	}
	return slices.IndexFunc(all, func(other faulty.Fault) bool { return other.Name == f.Name }), len(all)
}

func anyCase(suite.Case) bool { return true }

// about returns which cases show one of the requirements.
func about(requirements []string) func(suite.Case) bool {
	return func(c suite.Case) bool {
		return slices.ContainsFunc(c.Requirements, func(id string) bool { return slices.Contains(requirements, id) })
	}
}

// spread returns which cases are among the few that are spread evenly over each family, beginning at the given one. What
// the run as a whole shows costs nothing.
func spread(cases []suite.Case, perFamily, first int) func(suite.Case) bool {
	byFamily, chosen := map[string][]string{}, map[string]bool{}
	for _, c := range cases {
		if !costly(c) {
			byFamily[pattern.Family(c.ID)] = append(byFamily[pattern.Family(c.ID)], c.ID)
		}
		if c.Mode == suite.WholeRun {
			chosen[c.ID] = true
		}
	}
	for _, ids := range byFamily {
		few := min(perFamily, len(ids))
		for i := range few {
			chosen[ids[(first+i*len(ids)/few)%len(ids)]] = true
		}
	}
	return func(c suite.Case) bool { return chosen[c.ID] }
}

// costly reports whether a case takes many sessions, much memory or a fresh start.
func costly(c suite.Case) bool {
	return c.Fresh || c.Bytes >= costlyBytes || c.Sessions > 8 || slices.Contains(c.Requirements, "srv/releases")
}

// withNeeds returns the IDs of the wanted cases and of what they need, in the catalogue's order.
func withNeeds(cases []suite.Case, want func(suite.Case) bool) []string {
	byID, in := map[string]suite.Case{}, map[string]bool{}
	for _, c := range cases {
		byID[c.ID] = c
	}
	var add func(c suite.Case)
	add = func(c suite.Case) {
		if in[c.ID] {
			return
		}
		in[c.ID] = true
		for _, id := range c.Needs {
			if need, ok := byID[id]; ok {
				add(need)
			}
		}
	}
	for _, c := range cases {
		if want(c) {
			add(c)
		}
	}
	var ids []string
	for _, c := range cases {
		if in[c.ID] {
			ids = append(ids, c.ID)
		}
	}
	return ids
}
