package suite

import (
	"bufio"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// inTime answers each message, and gives up a write that takes longer than a limit; 0 is none.
func inTime(limit time.Duration) func(*net.UnixConn) {
	return func(c *net.UnixConn) {
		answering(func(content []byte) []byte {
			if limit > 0 {
				_ = c.SetWriteDeadline(time.Now().Add(limit))
			}
			return frame(content)
		})(c)
	}
}

func TestAnAnswerMayWaitUnread(t *testing.T) {
	const id = "stream/duplex/unread-throughout"
	t.Run("for as long as it takes", func(t *testing.T) {
		t.Parallel()
		f := try(t, id, inTime(0), long)
		require.Equal(t, report.Pass, f.Verdict, f.Actual)
		require.GreaterOrEqual(t, f.Measured["unread_ms"], millis(leastIdle))
	})
	t.Run("not for long", func(t *testing.T) {
		t.Parallel()
		f := try(t, id, inTime(300*time.Millisecond), long)
		require.Equal(t, report.Fail, f.Verdict)
		require.False(t, f.Stalled, "the session is closed, which takes no deadline")
		require.Contains(t, f.Actual, "had waited unread for")
		require.Contains(t, f.Actual, "closed the session")
		require.Contains(t, f.Hints[0], "SO_SNDTIMEO")
	})
}

func TestServingBesideUnreadAnswersIsSeen(t *testing.T) {
	var writing sync.Mutex
	oneAtATime := func(c *net.UnixConn) {
		r := bufio.NewReader(c)
		for {
			content, err := receive(r)
			if err != nil {
				return
			}
			writing.Lock()
			_, err = c.Write(frame(content))
			writing.Unlock()
			if err != nil {
				return
			}
		}
	}
	for _, row := range []struct {
		name     string
		handle   func(*net.UnixConn)
		capacity int
		patience time.Duration
		want     bool
	}{
		{"each in a thread of its own", nil, MaxCapacity, long, true},
		{"one write at a time", oneAtATime, MaxCapacity, short, false},
		{"too few at once to tell", nil, besideUnread, long, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := env(t, mini{t: t, handle: row.handle}.serve(), row.patience)
			e.Capacity = row.capacity
			require.Equal(t, row.want, ServesBesideUnread(t.Context(), e))
		})
	}
}
