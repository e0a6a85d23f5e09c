package suite

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryWayOutIsTaken(t *testing.T) {
	taken := 0
	for _, out := range waysOut() {
		ways := departuresBy(out)
		require.NotEmpty(t, ways, out)
		require.GreaterOrEqual(t, apartSessions/len(ways), 2*slack, "one of %d ways that leaks is told from none", len(ways))
		taken += len(ways)
	}
	require.Len(t, departures(), taken)
}

func TestWhichSessionsLeak(t *testing.T) {
	for _, row := range []struct {
		name       string
		leaky      []wayOut
		said, hint string
	}{
		{"not known", nil, "", ""},
		{"all", waysOut(), "sessions of every kind leave threads behind: ", ""},
		{"one", []wayOut{endedInside}, "sessions that ended inside a message leave threads behind, and others do not: ", "for a session that ended inside a message is not given back"},
		{"two", []wayOut{endedInvalid, endedLater}, "sessions that began with an invalid header or met an invalid header behind a message leave threads behind, and others do not: ", "that began with an invalid header or met an"},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.Equal(t, row.said, leavers(row.leaky, "threads"))
			hints := uncleaned(row.leaky)
			require.Equal(t, row.hint == "", len(hints) == 0)
			if row.hint != "" {
				require.Contains(t, hints[0], row.hint)
			}
		})
	}
}
