package runner

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// A leak's finding says which sessions leak: those that do in the peer, and no others.
func TestLeakIsToldByItsSessions(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of sessions for each peer")
	}
	t.Parallel()
	for _, row := range []struct{ fault, said string }{
		{"leak-descriptor", "sessions of every kind leave descriptors behind: "},
		{"leak-thread", "sessions of every kind leave threads behind: "},
		{"leak-descriptor-on-error", "sessions that began with an invalid header or met an invalid header behind a message leave descriptors behind, and others do not: "},
		{"leak-zombie", "sessions that began with an invalid header or met an invalid header behind a message leave processes behind, and others do not: "},
		{"leak-descriptor-on-later-error", "sessions that met an invalid header behind a message leave descriptors behind, and others do not: "},
		{"leak-descriptor-on-truncation", "sessions that ended inside a message leave descriptors behind, and others do not: "},
		{"leak-descriptor-by-eighth-message", "sessions that had twelve messages leave descriptors behind, and others do not: "},
	} {
		t.Run(row.fault, func(t *testing.T) {
			t.Parallel()
			rep := judged(t, Options{
				Command: command(t, "faulty", row.fault), Timeout: 300 * time.Millisecond,
				Only: []string{"hdr/length/example-*", "stream/order/ping-pong-500", "srv/releases/descriptors-and-threads"},
			})
			failed := withVerdict(rep, report.Fail)
			require.Len(t, failed, 1)
			require.Regexp(t, "^"+row.said+`[0-9,]+ sessions left [0-9]`, failed[0].Actual)
		})
	}
}
