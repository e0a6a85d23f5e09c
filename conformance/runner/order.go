package runner

import "github.com/oizys-protocol/oizys/conformance/suite"

// inOrderOfNeed orders cases so that each stands behind those that it needs, and otherwise as they stood.
func inOrderOfNeed(cases []suite.Case) []suite.Case {
	byID := map[string]suite.Case{}
	for _, c := range cases {
		byID[c.ID] = c
	}
	ordered := make([]suite.Case, 0, len(cases))
	placed := map[string]bool{}
	var place func(c suite.Case)
	place = func(c suite.Case) {
		if placed[c.ID] {
			return
		}
		placed[c.ID] = true
		for _, id := range c.Needs {
			if need, ok := byID[id]; ok {
				place(need)
			}
		}
		ordered = append(ordered, c)
	}
	for _, c := range cases {
		place(c)
	}
	return ordered
}
