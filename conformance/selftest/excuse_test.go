package selftest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/pattern"
	"github.com/oizys-protocol/oizys/spec"
)

// Every excuse is for a case that there is, and has a reason.
func TestExcusesAreOfThisSuite(t *testing.T) {
	require.NotEmpty(t, excuses())
	for _, e := range excuses() {
		cases, err := catalogue(e.role)
		require.NoError(t, err)
		require.NotEmpty(t, e.why)
		matched := 0
		for _, c := range cases {
			if pattern.Matches(c.ID, e.cases) {
				matched++
			}
		}
		require.Positivef(t, matched, "%s: no case matches %s", e.role, e.cases)
	}
	require.NotEmpty(t, Excuse(spec.Client, "close/on-error/time"))
	require.Empty(t, Excuse(spec.Server, "close/on-error/by-itself"))
}
