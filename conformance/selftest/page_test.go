package selftest

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/faulty"
	"github.com/oizys-protocol/oizys/spec"
)

// The page in docs has a row for every fault and habit of the catalogue, with what it breaks, and none is other than it
// should be.
func TestKillMatrixIsOfThisCatalogue(t *testing.T) {
	page, err := os.ReadFile("../../docs/kill-matrix.md")
	require.NoError(t, err)
	rows := 0
	for _, role := range spec.Roles() {
		for _, f := range append(faulty.Faults(role), faulty.Habits(role)...) {
			outcome := Killed
			switch {
			case f.Odd:
				outcome = Quiet
			case f.Level() == spec.Should:
				outcome = Warned
			}
			row := fmt.Sprintf("\n| `%s` | %s | %s | %s |\n", f.Name, f.Class, links(f.Breaks, f.Warns), outcome)
			require.Containsf(t, string(page), row, "stale: oizys selftest --report md=docs/kill-matrix.md")
			rows++
		}
	}
	require.Equal(t, rows, strings.Count(string(page), "\n| `"), "no row is of a peer that is gone")
}
