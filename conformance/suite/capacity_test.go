package suite

import (
	"net"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

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

func TestCapacityIsCounted(t *testing.T) {
	for _, row := range []struct {
		name               string
		atOnce, most, want int
		turnsAway          bool
		patience           time.Duration
	}{
		{"one at a time", 1, 10, 1, false, short},
		{"three", 3, 10, 3, false, short},
		{"as many as are tried", 0, 10, 10, false, long},
		{"one, the others closed", 1, 10, 1, true, long},
		{"three, the others closed", 3, 10, 3, true, long},
		{"the others would be closed", 10, 10, 10, true, long},
	} {
		t.Run(row.name, func(t *testing.T) {
			seen, err := MeasureCapacity(t.Context(), env(t, mini{t: t, atOnce: row.atOnce, turnsAway: row.turnsAway}.serve(), row.patience), row.most)
			require.NoError(t, err)
			require.Equal(t, Capacity{Sessions: row.want, TurnsAway: row.turnsAway && row.want < row.most}, seen)
		})
	}
	t.Run("one in three is closed, which is no limit", func(t *testing.T) {
		var n atomic.Int32
		path := mini{t: t, handle: func(c *net.UnixConn) {
			if n.Add(1)%3 != 0 {
				_ = echo(c, c) // how it ends is the test's business
			}
		}}.serve()
		seen, err := MeasureCapacity(t.Context(), env(t, path, long), 10)
		require.NoError(t, err)
		require.Equal(t, Capacity{Sessions: 10}, seen)
	})
	t.Run("none listens", func(t *testing.T) {
		seen, err := MeasureCapacity(t.Context(), env(t, filepath.Join(t.TempDir(), "absent"), long), 10)
		require.NoError(t, err)
		require.Equal(t, Capacity{Sessions: 1}, seen)
	})
}
