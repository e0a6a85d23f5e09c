package selftest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/spec"
)

// The page says nothing that changes from run to run, and does not hide what is wrong.
func TestPage(t *testing.T) {
	page := func(seconds float64, ran int, outcome Outcome) string {
		m := Matrix{Rows: []Row{
			{Name: "found", Role: spec.Server, Class: "close", Breaks: []string{"close/on-error"}, Outcome: outcome, Seconds: seconds, Ran: ran},
			{Name: "odd", Role: spec.Server, Class: "habit", Odd: true, Outcome: Quiet, Seconds: seconds, Ran: ran},
		}}
		var b strings.Builder
		require.NoError(t, m.WriteMarkdown(&b))
		return b.String()
	}
	good := page(1, 10, Killed)
	require.Equal(t, good, page(2, 20, Killed))
	require.Contains(t, good, "| server | 1 of 1 | 1 of 1 |")
	require.Contains(t, good, "| `found` | close | [close/on-error](../spec/PROTOCOL.md#close/on-error) | killed |")
	require.NotContains(t, good, "Not as it should be")
	bad := page(1, 10, Survived)
	require.Contains(t, bad, "| server | 0 of 1 | 1 of 1 |")
	require.Contains(t, bad, "## Not as it should be")
}

func TestNoPageOfSomePeers(t *testing.T) {
	require.ErrorIs(t, (&Matrix{Partial: true}).WriteMarkdown(&strings.Builder{}), ErrPartial)
}
