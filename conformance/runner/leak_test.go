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
		{"leak-descriptor", "; sessions of every kind do so"},
		{"leak-thread", "; sessions of every kind do so"},
		{"leak-descriptor-on-error", "; taken apart, only sessions do so that began with an invalid header or met an invalid header behind a message"},
		{"leak-zombie", "; taken apart, only sessions do so that began with an invalid header or met an invalid header behind a message"},
		{"leak-descriptor-on-later-error", "; taken apart, only sessions do so that met an invalid header behind a message"},
		{"leak-descriptor-on-truncation", "; taken apart, only sessions do so that ended inside a message"},
		{"leak-descriptor-by-eighth-message", "; taken apart, only sessions do so that had twelve messages"},
	} {
		t.Run(row.fault, func(t *testing.T) {
			t.Parallel()
			rep := judged(t, Options{
				Command: command(t, "faulty", row.fault), Timeout: 300 * time.Millisecond,
				Only: []string{"hdr/length/example-*", "stream/order/ping-pong-500", "srv/releases/descriptors-and-threads"},
			})
			failed := withVerdict(rep, report.Fail)
			require.Len(t, failed, 1)
			require.Contains(t, failed[0].Actual, row.said)
		})
	}
}
