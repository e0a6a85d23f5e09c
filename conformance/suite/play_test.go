package suite

import (
	"bufio"
	"context"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// A conforming server passes every case that looks at bytes alone.
func TestConformingServerPasses(t *testing.T) {
	socket := mini{t: t}.serve()
	ran, verdicts := 0, map[report.Verdict]int{}
	for _, c := range catalogue(t) {
		if c.Mode != Beside || c.Bytes > 1<<20 {
			continue
		}
		ran++
		e := &Env{Socket: socket, Patience: long, Capacity: 10, Rand: NewRand(1, c.ID)}
		f := c.Run(t.Context(), e)
		verdict := report.Pass
		if f != nil {
			verdict = f.Verdict
			require.Contains(t, []report.Verdict{report.Pass, report.Info}, verdict, "%s: %s", c.ID, f.Actual)
			require.Equal(t, verdict == report.Info, strings.Contains(f.Actual, "silence") || c.ID == "close/on-error/time", "%s: %s", c.ID, f.Actual)
		}
		verdicts[verdict]++
		e.Close()
	}
	require.GreaterOrEqual(t, ran, 600)
	require.GreaterOrEqual(t, verdicts[report.Info], 5, verdicts)
}

// A server that ends its side of the session at an error has closed it, and need not take what is sent behind the error.
func TestStreamThatEndsIsClosedThoughNothingIsRead(t *testing.T) {
	f := try(t, "close/nothing-after/long-message", func(c *net.UnixConn) {
		r := bufio.NewReaderSize(c, 16)
		for {
			content, err := receive(r)
			if err != nil {
				break
			}
			_, _ = c.Write(frame(content))
		}
		_ = c.CloseWrite()
		waitForClose(c)
	}, 10*short)
	require.NotNil(t, f)
	require.Equal(t, report.Pass, f.Verdict, f.Actual)
}

// What a server writes in two parts is judged by both. The second part comes when it is waited for, which takes a context of
// its own: making it asks the case's for its deadline.
func TestWrongAnswerInTwoPartsIsExplainedWhole(t *testing.T) {
	first, second := []byte{0, 0, 0, 3}, []byte("Hi\x00")
	waitedFor := make(chan struct{})
	e := env(t, mini{t: t, handle: func(c *net.UnixConn) {
		_, _ = io.ReadFull(c, make([]byte, 6))
		_, _ = c.Write(first)
		<-waitedFor
		_, _ = c.Write(second)
		waitForClose(c)
	}}.serve(), long)
	var session *transport.Conn
	e.sessionsBy(t, func(c *transport.Conn) { session = c })
	release := sync.OnceFunc(func() { close(waitedFor) })
	t.Cleanup(release)
	f := caseOf(t, Gate).Run(bounded{t.Context(), func() {
		if session == nil || session.Incoming().Got < int64(len(first)) {
			return
		}
		release()
		for in := session.Incoming(); in.Got < int64(len(first)+len(second)); in = session.Incoming() {
			<-in.Changed
		}
	}}, e)
	require.NotNil(t, f)
	require.Equal(t, report.Fail, f.Verdict)
	require.Contains(t, strings.Join(f.Hints, "\n"), "followed by a NUL")
}

// bounded is a context that says when a wait is bounded by another one.
type bounded struct {
	context.Context
	asked func()
}

func (b bounded) Deadline() (time.Time, bool) {
	b.asked()
	return b.Context.Deadline()
}

func TestNobodyListens(t *testing.T) {
	e := env(t, filepath.Join(t.TempDir(), "absent"), long)
	f := caseOf(t, Gate).Run(t.Context(), e)
	require.NotNil(t, f)
	require.Equal(t, report.Fail, f.Verdict)
	require.True(t, f.Refused)
	require.Equal(t, "srv/serves-again", f.Requirement)
	require.Empty(t, e.Transcripts())
}

// A run that is cancelled judges nobody.
func TestCancelledCaseIsNoFailure(t *testing.T) {
	for _, row := range []struct {
		name   string
		handle func(*net.UnixConn)
		id     string
	}{
		{"waiting for an answer", func(c *net.UnixConn) { _, _ = io.Copy(io.Discard, c) }, Gate},
		{"waiting for a close", func(c *net.UnixConn) {
			_ = echo(c, c)
			_, _ = io.Copy(io.Discard, c)
		}, "msg/empty/first"},
	} {
		t.Run(row.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			taken := make(chan struct{})
			socket := mini{t: t, handle: func(c *net.UnixConn) {
				close(taken)
				row.handle(c)
			}}.serve()
			go func() {
				<-taken
				cancel()
			}()
			f := caseOf(t, row.id).Run(ctx, env(t, socket, long))
			require.NotNil(t, f)
			require.Equal(t, report.Error, f.Verdict)
			require.False(t, f.Bad())
		})
	}
	t.Run("before it began", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		f := caseOf(t, Gate).Run(ctx, env(t, mini{t: t}.serve(), long))
		require.NotNil(t, f)
		require.Equal(t, report.Error, f.Verdict)
	})
}
