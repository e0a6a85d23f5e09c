package runner

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/vectors"
)

func TestInOrderOfNeed(t *testing.T) {
	of := func(id string, needs ...string) suite.Case { return suite.Case{ID: id, Needs: needs} }
	tests := map[string]struct {
		cases []suite.Case
		want  []string
	}{
		"none":               {nil, nil},
		"kept":               {[]suite.Case{of("a"), of("b", "a"), of("c")}, []string{"a", "b", "c"}},
		"need behind":        {[]suite.Case{of("a", "c"), of("b"), of("c")}, []string{"c", "a", "b"}},
		"needs of needs":     {[]suite.Case{of("a", "b"), of("b", "c"), of("c")}, []string{"c", "b", "a"}},
		"need left out":      {[]suite.Case{of("a", "elsewhere"), of("b")}, []string{"a", "b"}},
		"circle: it returns": {[]suite.Case{of("a", "b"), of("b", "a")}, []string{"b", "a"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, c := range inOrderOfNeed(test.cases) {
				got = append(got, c.ID)
			}
			require.Equal(t, test.want, got)
		})
	}
}

// Of the suite's own cases the gate is run first, and each needed case behind what it needs.
func TestNeededCasesAreRunInOrder(t *testing.T) {
	set, err := vectors.Embedded()
	require.NoError(t, err)
	cases, err := suite.Server(set)
	require.NoError(t, err)
	needed, _, _, _, _ := sorted(cases)
	require.GreaterOrEqual(t, len(needed), 5)
	require.Equal(t, suite.Gate, needed[0].ID)
	before := map[string]bool{}
	for _, c := range needed {
		for _, id := range c.Needs {
			require.True(t, before[id], "%s runs before %s, which it needs", c.ID, id)
		}
		before[c.ID] = true
	}
}
