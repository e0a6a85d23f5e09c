package suite

import (
	"bufio"
	"context"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
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

// What a server writes in two parts is judged by both. How long the second may take is bounded, and a busy machine can
// take longer: one of many attempts is enough.
func TestWrongAnswerInTwoPartsIsExplainedWhole(t *testing.T) {
	const attempts = 50
	socket := mini{t: t, handle: func(c *net.UnixConn) {
		_, _ = io.ReadFull(c, make([]byte, 6))
		_, _ = c.Write([]byte{0, 0, 0, 3})
		timer := time.NewTimer(time.Millisecond)
		<-timer.C
		_, _ = c.Write([]byte("Hi\x00"))
		waitForClose(c)
	}}.serve()
	for range attempts {
		e := env(t, socket, long)
		f := caseOf(t, Gate).Run(t.Context(), e)
		require.NotNil(t, f)
		require.Equal(t, report.Fail, f.Verdict)
		if strings.Contains(strings.Join(f.Hints, "\n"), "followed by a NUL") {
			return
		}
		e.Close()
	}
	require.Fail(t, "the second part was never waited for")
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
