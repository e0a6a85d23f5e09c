package suite

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/faulty/faultytest"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/spec"
	"github.com/oizys-protocol/oizys/vectors"
)

// The spaces hold a correct server for correct, and name the shortest stream that a wrong one breaks.
func TestExhaustiveCasesJudge(t *testing.T) {
	if testing.Short() {
		t.Skip("many sessions; what runs beside each other is shown by the other tests")
	}
	for _, row := range []struct {
		name, fault, id string
		want            report.Verdict
		requirement     string
		actual          string
	}{
		{"correct", "none", "stream/split/exhaustive-every-cut-of-5-bytes", report.Pass, "", ""},
		{"correct, in one piece", "none", "stream/split/exhaustive-every-stream-of-8-bytes", report.Pass, "", ""},
		{"correct, at random", "none", "stream/order/random-scenarios", report.Pass, "", ""},
		{"the reserved byte ignored", "reserved-ignored", "stream/split/exhaustive-every-cut-of-5-bytes", report.Warn, "hdr/reserved-nonzero", "made smaller"},
		{"empty messages let through", "empty-echoed", "stream/split/exhaustive-every-stream-of-8-bytes", report.Fail, "msg/empty", "made smaller"},
	} {
		t.Run(row.name, func(t *testing.T) {
			socket := faultytest.Serve(t, row.fault)
			i := -1
			cases := exhaustive()
			for k, c := range cases {
				if c.ID == row.id {
					i = k
				}
			}
			require.GreaterOrEqual(t, i, 0)
			e := &Env{Socket: socket, Patience: 5 * time.Second, Capacity: 100, Rand: NewRand(7, row.id)}
			t.Cleanup(e.Close)
			f := cases[i].Run(t.Context(), e)
			require.NotNil(t, f)
			require.Equal(t, row.want, f.Verdict, f.Actual)
			require.Greater(t, f.Measured["scenarios"], 0.0)
			if row.want == report.Pass {
				require.Greater(t, f.Measured["scenarios"], 10_000.0)
				return
			}
			require.Equal(t, row.requirement, f.Requirement)
			require.Contains(t, f.Actual, row.actual)
			require.NotEmpty(t, e.Transcripts())
			require.Contains(t, strings.Join(f.Hints, ""), "\"segments\"")
		})
	}
}

func TestTiers(t *testing.T) {
	server := serverCases(t)
	quick, all := Quick.Of(spec.Server, server), Exhaustive.Of(spec.Server, server)
	require.Less(t, len(quick), len(server))
	require.Greater(t, len(quick), 500)
	require.Len(t, all, len(server)+len(exhaustive()))
	require.Len(t, Default.Of(spec.Server, server), len(server))
	require.False(t, Tier("fast").Valid())
}

func serverCases(t *testing.T) []Case {
	t.Helper()
	set, err := vectors.Embedded()
	require.NoError(t, err)
	cases, err := Server(set)
	require.NoError(t, err)
	return cases
}
