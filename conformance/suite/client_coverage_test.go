package suite_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
	"github.com/oizys-protocol/oizys/vectors"
)

// A client is put through at least and, because each case is a process, at most so many cases.
const (
	leastClientCases = 350
	mostClientCases  = 480
)

func clientCases(t *testing.T) ([]suite.Case, *vectors.Set) {
	t.Helper()
	set, err := vectors.Embedded()
	require.NoError(t, err)
	cases, err := suite.Client(set)
	require.NoError(t, err)
	return cases, set
}

func TestEnoughCasesForAClient(t *testing.T) {
	cases, _ := clientCases(t)
	require.GreaterOrEqual(t, len(cases), leastClientCases)
	require.LessOrEqual(t, len(cases), mostClientCases)
}

// Every MUST and SHOULD that binds a client has a case that shows it.
func TestEveryRequirementOfAClientHasACase(t *testing.T) {
	cases, _ := clientCases(t)
	requireEachShown(t, spec.Client, cases)
}

// Every case names requirements that exist and bind a client, and its ID begins with the first.
func TestCasesNameRequirementsOfAClient(t *testing.T) {
	cases, _ := clientCases(t)
	requireNamed(t, spec.Client, cases)
}

// What a case needs is a case for a client, too, and no case needs itself by way of others.
func TestNeedsOfAClientCanBeMet(t *testing.T) {
	cases, _ := clientCases(t)
	requireNeedsMet(t, cases, suite.ClientGate, suite.ClientEnds)
}

// Every vector that a server can send is shown to a client, save for those that leave it more than one right answer, and
// for most of those that differ only in the value of the reserved byte.
func TestVectorsShownToAClient(t *testing.T) {
	cases, set := clientCases(t)
	taken := map[string]bool{}
	for _, c := range cases {
		taken[c.ID] = true
	}
	reserved := 0
	for _, v := range set.All() {
		delivers := len(v.Messages) > 0
		valid := v.Outcome.Error == vectors.ErrorNone || v.Outcome.Error == vectors.ErrorEndOfStream
		switch {
		case v.Kind != vectors.KindStream:
			require.False(t, taken[v.ID], v.ID)
		case strings.HasPrefix(v.ID, "hdr/reserved-nonzero/0x"):
			if taken[v.ID] {
				reserved++
			}
		default:
			require.Equal(t, delivers == valid || !delivers && v.Outcome.Error == vectors.ErrorEndOfStream, taken[v.ID], v.ID)
		}
	}
	require.Equal(t, 16, reserved, "values of the reserved byte")
}

// Every silence on clients has a case that records it. The first is judged as a SHOULD instead.
func TestEverySilenceOfAClientHasACase(t *testing.T) {
	recordedBy := map[int]string{
		1: "hdr/reserved-nonzero/0x01",
		2: "close/nothing-after/burst-empty",
		4: "close/on-error/time",
		7: "stream/duplex/request-unread",
		8: "cli/invalid-reply/exit-status",
	}
	cases, _ := clientCases(t)
	for _, s := range spec.Silences() {
		if !slices.Contains(s.Roles, spec.Client) {
			continue
		}
		id, ok := recordedBy[s.Number]
		require.True(t, ok, "no case records: %s", s.Topic)
		require.True(t, slices.ContainsFunc(cases, func(c suite.Case) bool { return c.ID == id }), "no case %s", id)
	}
}
