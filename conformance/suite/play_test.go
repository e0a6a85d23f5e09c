package suite

import (
	"bufio"
	"bytes"
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

// Wrong servers, one case each that must find them, and what it must say.
func TestWrongServersAreFound(t *testing.T) {
	for _, row := range []struct {
		name     string
		id       string
		handle   func(*net.UnixConn)
		patience time.Duration
		verdict  report.Verdict
		stalled  bool
		rule     string
		actual   string
		hint     string
	}{
		{
			"never answers", Gate, func(c *net.UnixConn) { _, _ = io.Copy(io.Discard, c) },
			short, report.Fail, true, "", "no byte", "",
		},
		{
			"closes at once", Gate, func(*net.UnixConn) {},
			long, report.Fail, false, "", "the server closed the session", "",
		},
		{
			"closes behind its first answer", Gate, func(c *net.UnixConn) { _, _ = io.CopyN(c, c, 6) },
			long, report.Fail, false, "", "after the answers to 1 message", "",
		},
		{
			"echoes bytes, not messages", "msg/empty/first", func(c *net.UnixConn) { _, _ = io.Copy(c, c) },
			long, report.Fail, false, "", "the session went on: a header 00 00 00 00 (reserved 0x00, length 0) came", "",
		},
		{
			"answers empty messages", "msg/empty/between-messages", tolerant(func(reserved byte, content []byte) []byte { return frame(content) }),
			long, report.Fail, false, "", "a header 00 00 00 00 (reserved 0x00, length 0) came behind the answers to 2 messages", "",
		},
		{
			"skips empty messages", "msg/empty/first", tolerant(func(_ byte, content []byte) []byte {
				if len(content) == 0 {
					return []byte{}
				}
				return frame(content)
			}),
			long, report.Fail, false, "", "the session went on", "",
		},
		{
			"does not close after an error", "msg/empty/first", func(c *net.UnixConn) {
				_ = echo(c, c)
				_, _ = io.Copy(io.Discard, c)
			},
			short, report.Fail, true, "", "the session was still open 60ms later, and nothing came back", "",
		},
		{
			"does not close after a wrong reserved byte", "hdr/reserved-nonzero/0x01", func(c *net.UnixConn) {
				_ = echo(c, c)
				_, _ = io.Copy(io.Discard, c)
			},
			short, report.Warn, true, "hdr/reserved-nonzero", "still open", "",
		},
		{
			"waits for content behind a wrong reserved byte", "hdr/reserved-nonzero/by-itself", waitsForContent,
			short, report.Warn, true, "hdr/reserved-nonzero", "still open", "as soon as the header is there",
		},
		{
			"waits for all the content behind a wrong reserved byte", "hdr/reserved-nonzero/by-itself-inside-content", waitsForContent,
			short, report.Warn, true, "hdr/reserved-nonzero", "still open", "as soon as the header is there",
		},
		{
			"ignores the reserved byte", "hdr/reserved-nonzero/0xff", tolerant(func(_ byte, content []byte) []byte { return frame(content) }),
			long, report.Warn, false, "hdr/reserved-nonzero", "the reserved byte was ignored", "",
		},
		{
			"sends the reserved byte back", "hdr/reserved-nonzero/0xff",
			tolerant(func(reserved byte, content []byte) []byte { return rawFrame(reserved, len(content), content) }),
			long, report.Fail, false, "hdr/reserved-zero", "reserved byte is 0xff", "without a check",
		},
		{
			"greets", "stream/unsolicited/at-once", func(c *net.UnixConn) {
				_, _ = c.Write(frame([]byte("welcome")))
				_ = echo(c, c)
			},
			long, report.Fail, false, "stream/unsolicited", "answer 1", "a greeting is sent",
		},
		{
			"says farewell", "stream/unsolicited/at-end", func(c *net.UnixConn) {
				_ = echo(c, c)
				_, _ = c.Write(frame([]byte("bye")))
			},
			long, report.Fail, false, "stream/unsolicited", "3", "the protocol has no farewell",
		},
		{
			"explains its error", "stream/unsolicited/after-error", func(c *net.UnixConn) {
				_ = echo(c, c)
				_, _ = c.Write(frame([]byte("error: empty message")))
			},
			long, report.Fail, false, "", "the session went on", "the protocol has none",
		},
		{
			"is one message behind", "stream/order/ping-pong-500", func(c *net.UnixConn) {
				r, held := bufio.NewReader(c), []byte{}
				for {
					content, err := receive(r)
					if err != nil {
						return
					}
					if _, err := c.Write(held); err != nil {
						return
					}
					held = frame(content)
				}
			},
			short, report.Fail, true, "", "in round 1 of 500", "only when bytes of the next one arrive",
		},
		{
			"changes a byte", "stream/order/ping-pong-500", answering(func(content []byte) []byte { return flipped(frame(content), 9) }),
			long, report.Fail, false, "msg/binary", "in round 1 of 500: answer 1: content byte 5 of 8", "",
		},
		{
			"loses the beginning of a split header", "stream/split/one-message-1-1-1-1-1-1", func(c *net.UnixConn) {
				buf := make([]byte, 64)
				for {
					n, err := c.Read(buf)
					if err != nil {
						return
					}
					if n >= 4 { // what is shorter is dropped
						_, _ = c.Write(buf[:n])
					}
				}
			},
			short, report.Fail, true, "", "no byte", "",
		},
		{
			"delivers truncated content", "close/truncated-content/2-of-8", func(c *net.UnixConn) {
				r := bufio.NewReader(c)
				for {
					content, err := receive(r)
					if err == nil || len(content) > 0 {
						_, _ = c.Write(frame(content))
					}
					if err != nil {
						return
					}
				}
			},
			long, report.Fail, false, "", "the session went on", "",
		},
		{
			"stays when the stream has ended", "stream/unsolicited/at-end", func(c *net.UnixConn) {
				_ = echo(c, c)
				waitForClose(c)
			},
			short, report.Fail, true, "", "still open", "",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := try(t, row.id, row.handle, row.patience)
			require.NotNil(t, f, "it passed")
			require.Equal(t, row.verdict, f.Verdict, f.Actual)
			require.Equal(t, row.stalled, f.Stalled, f.Actual)
			require.Equal(t, row.rule, f.Requirement)
			require.Contains(t, f.Actual, row.actual)
			require.NotEmpty(t, f.Expected)
			require.True(t, f.Bad())
			if row.hint != "" {
				require.Contains(t, strings.Join(f.Hints, "\n"), row.hint)
			}
		})
	}
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

// tolerant makes a session that takes every header for valid.
func tolerant(answer func(reserved byte, content []byte) []byte) func(*net.UnixConn) {
	return func(c *net.UnixConn) {
		r := bufio.NewReader(c)
		for {
			var header [4]byte
			if _, err := io.ReadFull(r, header[:]); err != nil {
				return
			}
			content := make([]byte, length24(header[:]))
			if _, err := io.ReadFull(r, content); err != nil {
				return
			}
			if _, err := c.Write(answer(header[0], content)); err != nil {
				return
			}
		}
	}
}

// waitsForContent looks at the reserved byte when the content has come.
func waitsForContent(c *net.UnixConn) {
	tolerant(func(reserved byte, content []byte) []byte {
		if reserved != 0 {
			_ = c.Close()
		}
		return frame(content)
	})(c)
}

// waitForClose holds a connection whose stream has ended until the other side closes it.
func waitForClose(c *net.UnixConn) {
	raw, err := c.SyscallConn()
	if err != nil {
		return
	}
	for begin := time.Now(); !hungUp(raw) && time.Since(begin) < long; time.Sleep(time.Millisecond) {
	}
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

// Each other framing is told by name, from a server that speaks it and nothing else.
func TestOtherFramingsAreTold(t *testing.T) {
	all := dialects()
	require.Len(t, all, 10)
	for _, d := range all {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			message := d.frame([]byte("Hi"))
			socket := mini{t: t, handle: func(c *net.UnixConn) {
				got := make([]byte, len(message))
				if _, err := io.ReadFull(c, got); err == nil && bytes.Equal(got, message) {
					_, _ = c.Write(message)
				}
			}}.serve()
			require.Contains(t, strings.Join(Dialects(t.Context(), env(t, socket, long)), "\n"), d.name)
		})
	}
}

func TestNoFramingIsToldOfAServerThatSpeaksNone(t *testing.T) {
	t.Parallel()
	for name, handle := range map[string]func(*net.UnixConn){
		"closes":     func(*net.UnixConn) {},
		"conforming": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Empty(t, Dialects(t.Context(), env(t, mini{t: t, handle: handle}.serve(), long)))
		})
	}
}

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
