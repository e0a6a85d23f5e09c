package suite_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
)

// requireEachShown requires that every requirement that binds a role has a case.
func requireEachShown(t *testing.T, role spec.Role, cases []suite.Case) {
	t.Helper()
	shown := map[string]int{}
	for _, c := range cases {
		for _, id := range c.Requirements {
			shown[id]++
		}
	}
	bound := 0
	var missing []string
	for _, r := range spec.Requirements() {
		if !r.Binds(role) {
			continue
		}
		bound++
		if shown[r.ID] == 0 {
			missing = append(missing, fmt.Sprintf("%s (%s)", r.ID, r.Level))
		}
	}
	require.GreaterOrEqual(t, bound, 20, "requirements that bind a %s", role)
	require.Empty(t, missing, "requirements of a %s without a case", role)
}

// requireNamed requires that every case names requirements that exist and bind the role, that its ID begins with the first,
// and that it has a title and something to run.
func requireNamed(t *testing.T, role spec.Role, cases []suite.Case) {
	t.Helper()
	for _, c := range cases {
		require.NotEmpty(t, c.Requirements, c.ID)
		for i, id := range c.Requirements {
			r, ok := spec.Find(id)
			require.True(t, ok, "%s: no requirement %s", c.ID, id)
			require.True(t, r.Binds(role), "%s: %s does not bind a %s", c.ID, id, role)
			require.NotContains(t, c.Requirements[:i], id, "%s names %s twice", c.ID, id)
		}
		require.True(t, strings.HasPrefix(c.ID, c.Requirements[0]+"/"), "%s does not begin with %s", c.ID, c.Requirements[0])
		require.Regexp(t, `^[a-z]+/[a-z-]+/[a-z0-9-]+$`, c.ID)
		require.NotEmpty(t, strings.TrimSpace(c.Title), c.ID)
		require.Equal(t, c.Mode == suite.WholeRun, c.Run == nil, "%s: what runs", c.ID)
	}
}

// requireNeedsMet requires that what a case needs is a case, and the gate among it, and that no case needs itself by way of
// others. Those named are cases, too.
func requireNeedsMet(t *testing.T, cases []suite.Case, gate string, named ...string) {
	t.Helper()
	needs := map[string][]string{}
	for _, c := range cases {
		needs[c.ID] = c.Needs
		require.Equal(t, c.ID != gate, slices.Contains(c.Needs, gate), "%s and the gate", c.ID)
	}
	for _, id := range append(named, gate) {
		require.Contains(t, needs, id)
	}
	var follow func(id string, behind []string)
	follow = func(id string, behind []string) {
		require.Contains(t, needs, id, "no such case, needed by %v", behind)
		require.NotContains(t, behind, id, "a circle of needs")
		for _, further := range needs[id] {
			follow(further, append(behind, id))
		}
	}
	for _, c := range cases {
		follow(c.ID, nil)
	}
}
