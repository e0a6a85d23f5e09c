package suite_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/faulty/faultytest"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
	"github.com/oizys-protocol/oizys/vectors"
)

// leastCases is how many cases a server is put through at least.
const leastCases = 300

func serverCases(t *testing.T) ([]suite.Case, *vectors.Set) {
	t.Helper()
	set, err := vectors.Embedded()
	require.NoError(t, err)
	cases, err := suite.Server(set)
	require.NoError(t, err)
	return cases, set
}

func TestEnoughCases(t *testing.T) {
	cases, _ := serverCases(t)
	require.GreaterOrEqual(t, len(cases), leastCases)
}

// Every MUST and SHOULD that binds a server has a case that shows it.
func TestEveryRequirementOfAServerHasACase(t *testing.T) {
	cases, _ := serverCases(t)
	requireEachShown(t, spec.Server, cases)
}

// Every MUST of the wire has a golden vector, save for what bytes in a file cannot say.
func TestEveryRequirementOfTheWireHasAVector(t *testing.T) {
	_, set := serverCases(t)
	beyondVectors := []string{"stream/duplex", "stream/idle", "stream/unsolicited"}
	shown := map[string]bool{}
	for _, v := range set.All() {
		for _, id := range v.Requirements {
			shown[id] = true
		}
	}
	looked := 0
	var missing []string
	for _, r := range spec.Requirements() {
		area, _, _ := strings.Cut(r.ID, "/")
		wire := slices.Contains([]string{"hdr", "msg", "stream", "close"}, area) && !slices.Contains(beyondVectors, r.ID)
		if !wire || r.Level != spec.Must {
			continue
		}
		looked++
		if !shown[r.ID] {
			missing = append(missing, r.ID)
		}
	}
	require.GreaterOrEqual(t, looked, 12, "requirements of the wire")
	require.Empty(t, missing, "requirements of the wire without a golden vector")
}

// Every case names requirements that exist and bind a server, and its ID begins with the first.
func TestCasesNameRequirementsOfAServer(t *testing.T) {
	cases, _ := serverCases(t)
	requireNamed(t, spec.Server, cases)
}

// What a case needs is a case, and no case needs itself by way of others.
func TestNeedsCanBeMet(t *testing.T) {
	cases, _ := serverCases(t)
	requireNeedsMet(t, cases, suite.Gate, suite.StaysUp, suite.BesideEachOther)
}

// Every silence on servers has a case whose record cites it. The first is judged as a SHOULD instead.
func TestEverySilenceOfAServerIsRecorded(t *testing.T) {
	recordedBy := map[int]string{
		2: "close/nothing-after/burst-empty",
		3: "close/end-of-stream/answers-after-half-close",
		4: "close/on-error/time",
		5: "srv/isolation/sessions-at-once",
		6: "srv/announced-memory/unsent-content",
		7: "stream/duplex/unread-answers",
	}
	cases, _ := serverCases(t)
	socket := faultytest.Serve(t, "none")
	for _, s := range spec.Silences() {
		if !slices.Contains(s.Roles, spec.Server) {
			continue
		}
		if s.Number == 1 {
			rule, ok := spec.Find("hdr/reserved-nonzero")
			require.True(t, ok)
			require.Equal(t, spec.Should, rule.Level)
			continue
		}
		t.Run(fmt.Sprintf("silence %d", s.Number), func(t *testing.T) {
			id, ok := recordedBy[s.Number]
			require.True(t, ok, "no case records: %s", s.Topic)
			i := slices.IndexFunc(cases, func(c suite.Case) bool { return c.ID == id })
			require.GreaterOrEqual(t, i, 0, "no case %s", id)

			// The server is this process, which is at work whenever it is asked whether it is: silence 6 is waited for.
			env := &suite.Env{Socket: socket, Patience: 3 * time.Second, Capacity: 10, Rand: suite.NewRand(0, id)}
			defer env.Close()
			f := cases[i].Run(t.Context(), env)
			require.NotNil(t, f)
			require.Equal(t, report.Info, f.Verdict, f.Actual)
			require.Contains(t, f.Actual, fmt.Sprintf("silence %d)", s.Number))
			require.NotEmpty(t, f.Measured)
		})
	}
}
