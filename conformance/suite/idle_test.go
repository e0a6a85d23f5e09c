package suite

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// An idle session is one that works afterwards, and is told when it was spoken to or closed.
func TestIdleSessions(t *testing.T) {
	finish := make(chan struct{})
	close(finish)
	for _, row := range []struct {
		name    string
		handle  func(*net.UnixConn)
		verdict report.Verdict
		actual  string
	}{
		{"left alone", nil, report.Pass, ""},
		{"closed by a timeout", func(c *net.UnixConn) {
			_ = c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
			_ = echo(c, c)
		}, report.Fail, "the server closed the session"},
		{"kept alive", func(c *net.UnixConn) {
			timer := time.AfterFunc(200*time.Millisecond, func() { _, _ = c.Write(frame([]byte("still there?"))) })
			defer timer.Stop()
			_ = echo(c, c)
		}, report.Fail, "a header 00 00 00 0c"},
	} {
		for _, id := range []string{"stream/idle/silent-and-usable", "stream/idle/inside-a-message"} {
			t.Run(row.name+" "+id, func(t *testing.T) {
				t.Parallel()
				e := env(t, mini{t: t, handle: row.handle}.serve(), long)
				e.Finish = finish
				f := caseOf(t, id).Run(t.Context(), e)
				require.NotNil(t, f)
				require.Equal(t, row.verdict, f.Verdict, f.Actual)
				require.Contains(t, f.Actual, row.actual)
				if row.verdict == report.Pass {
					require.GreaterOrEqual(t, f.Measured["idle_ms"], 1000.0)
				}
			})
		}
	}
}
