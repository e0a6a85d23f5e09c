package suite

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// A server that turns sessions away is asked until it has room, and the case's own messages are counted from there on.
func TestSessionsAreAskedForUntilThereIsRoom(t *testing.T) {
	e := env(t, mini{t: t, atOnce: 1, turnsAway: true}.serve(), long)
	e.TurnsAway = true
	for range 50 {
		f := e.play(t.Context(), script{wire: join(frame([]byte("one")), rawFrame(0, 0, nil))})
		require.Equal(t, report.Pass, f.Verdict, f.Actual)
	}
}

func TestSessionsThatAreNeverTakenAreAFailure(t *testing.T) {
	for _, row := range []struct {
		name    string
		handle  func(c *net.UnixConn)
		stalled bool
		actual  string
	}{
		{"closed", func(*net.UnixConn) {}, true, transport.ErrPeerClosed.Error()},
		{"silent", func(c *net.UnixConn) { _, _ = c.Read(make([]byte, 100)); _, _ = c.Read(make([]byte, 1)) }, true, transport.ErrStalled.Error()},
		{"wrong", func(c *net.UnixConn) { _, _ = c.Write(make([]byte, 100)) }, false, transport.ErrUnexpected.Error()},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := env(t, mini{t: t, handle: row.handle}.serve(), short)
			e.TurnsAway = true
			c, f := e.dial(t.Context(), "session")
			require.Nil(t, c)
			require.Equal(t, report.Fail, f.Verdict)
			require.Equal(t, "srv/serves-again", f.Requirement)
			require.Equal(t, row.stalled, f.Stalled)
			require.Contains(t, f.Actual, row.actual)
			require.NotEmpty(t, e.Transcripts(), "there is no evidence")
		})
	}
}
