package suite

import (
	"context"
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
		name     string
		handle   func(c *net.UnixConn)
		patience time.Duration
		stalled  bool
		actual   string
	}{
		{"silent", func(c *net.UnixConn) { _, _ = c.Read(make([]byte, 100)); _, _ = c.Read(make([]byte, 1)) }, short, true, transport.ErrStalled.Error()},
		{"wrong", func(c *net.UnixConn) { _, _ = c.Write(make([]byte, 100)) }, long, false, transport.ErrUnexpected.Error()},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := env(t, mini{t: t, handle: row.handle}.serve(), row.patience)
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

// A server that closes each session is asked again, until it has had its time or the run is over.
func TestSessionsThatAreAlwaysTurnedAwayAreAFailure(t *testing.T) {
	const times = 5
	turned := func(t *testing.T, last func()) (e *Env, enough func() bool) {
		var n atomic.Int32
		e = env(t, mini{t: t, handle: func(*net.UnixConn) {
			if n.Add(1) == times {
				last()
			}
		}}.serve(), long)
		return e, func() bool { return n.Load() >= times }
	}
	t.Run("until its time is over", func(t *testing.T) {
		e, enough := turned(t, func() {})
		c, f := e.askedFor(t.Context(), "session", enough)
		require.Nil(t, c)
		require.Equal(t, report.Fail, f.Verdict)
		require.Equal(t, "srv/serves-again", f.Requirement)
		require.True(t, f.Stalled)
		require.Contains(t, f.Actual, transport.ErrPeerClosed.Error())
		require.Len(t, e.Transcripts(), 1, "the last one is evidence")
	})
	t.Run("until the run is over", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		e, _ := turned(t, cancel)
		c, f := e.askedFor(ctx, "session", func() bool { return false })
		require.Nil(t, c)
		require.Equal(t, report.Error, f.Verdict, "a run that is cut short judges nothing")
	})
}

func TestCapacityIsCounted(t *testing.T) {
	for _, row := range []struct {
		name               string
		atOnce, most, want int
		turnsAway          bool
	}{
		{"one at a time", 1, 10, 1, false},
		{"three", 3, 10, 3, false},
		{"as many as are tried", 0, 10, 10, false},
		{"one, the others closed", 1, 10, 1, true},
		{"three, the others closed", 3, 10, 3, true},
		{"the others would be closed", 10, 10, 10, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := env(t, mini{t: t, atOnce: row.atOnce, turnsAway: row.turnsAway}.serve(), long)
			if !row.turnsAway {
				e = leftWaiting(t, e.Socket, row.want+1, nil)
			}
			seen, err := MeasureCapacity(t.Context(), e, row.most)
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

// A server that mixes its sessions once a number of them is open does not serve just that many.
func TestMingledSessionsAreNoCapacity(t *testing.T) {
	first, mixed := make(chan *net.UnixConn, 1), make(chan struct{})
	var n atomic.Int32
	path := mini{t: t, handle: func(c *net.UnixConn) {
		if n.Add(1) == 1 {
			first <- c
		} else if n.Load() > 3 {
			oldest := <-first
			answering(func(content []byte) []byte {
				_, _ = oldest.Write(frame(content))
				close(mixed)
				return []byte{}
			})(c)
			return
		}
		_ = echo(c, c)
	}}.serve()
	seen, err := MeasureCapacity(t.Context(), leftWaiting(t, path, 4, mixed), 10)
	require.NoError(t, err)
	require.Equal(t, 3, seen.Sessions)
	require.NotNil(t, seen.Mingled)

	judged := env(t, path, short)
	judged.Capacity, judged.Mingled = seen.Sessions, seen.Mingled
	f := caseOf(t, "srv/isolation/sessions-at-once").Run(t.Context(), judged)
	require.Equal(t, report.Fail, f.Verdict)
	require.False(t, f.Stalled)
	require.Contains(t, f.Actual, "session 1 was sent the answer of session 4")
	require.Len(t, judged.Transcripts(), 2)
	require.NotEmpty(t, judged.Recording().Missing)
}

// What is meant for another session may wait until the one that it goes to is used again.
func TestMingledSessionsShowWhenUsedAgain(t *testing.T) {
	var n atomic.Int32
	left, kept := make(chan []byte, 10), make(chan struct{})
	path := mini{t: t, handle: func(c *net.UnixConn) {
		number := n.Add(1)
		answering(func(content []byte) []byte {
			if number > 3 {
				left <- frame(content)
				close(kept)
				return []byte{}
			}
			select {
			case first := <-left:
				return append(first, frame(content)...)
			default:
				return frame(content)
			}
		})(c)
	}}.serve()
	seen, err := MeasureCapacity(t.Context(), leftWaiting(t, path, 4, kept), 10)
	require.NoError(t, err)
	require.Equal(t, 3, seen.Sessions)
	require.NotNil(t, seen.Mingled)
	require.Regexp(t, "session [123] was sent the answer of session 4", seen.Mingled.Finding.Actual)
}

// What comes in place of an answer when others are open is no sign of a server that serves no more, whatever it is.
func TestWrongAnswersBesideOthersAreNoCapacity(t *testing.T) {
	var n atomic.Int32
	path := mini{t: t, handle: func(c *net.UnixConn) {
		if n.Add(1) > 2 {
			_, _ = c.Write(frame([]byte("busy, try again"))) // how it ends is the test's business
			return
		}
		_ = echo(c, c)
	}}.serve()
	seen, err := MeasureCapacity(t.Context(), env(t, path, long), 10)
	require.NoError(t, err)
	require.Equal(t, 2, seen.Sessions)
	require.NotNil(t, seen.Mingled)
	require.Contains(t, seen.Mingled.Finding.Actual, "session 3 was sent something else than its answer")
}

func TestAWrongFirstAnswerSaysNothingOfCapacity(t *testing.T) {
	path := mini{t: t, handle: answering(func([]byte) []byte { return frame([]byte("wrong")) })}.serve()
	seen, err := MeasureCapacity(t.Context(), env(t, path, short), 10)
	require.NoError(t, err)
	require.Equal(t, Capacity{Sessions: 1}, seen)
}
