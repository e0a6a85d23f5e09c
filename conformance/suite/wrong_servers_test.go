package suite

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// Wrong servers, one case each that must find them, and what it must say.
func TestWrongServersAreFound(t *testing.T) {
	for _, row := range []struct {
		name     string
		id       string
		handle   func(*net.UnixConn)
		patience func(*transport.Conn)
		verdict  report.Verdict
		stalled  bool
		rule     string
		actual   string
		hint     string
	}{
		{
			"never answers", Gate, func(c *net.UnixConn) { _, _ = io.Copy(io.Discard, c) },
			hangs, report.Fail, true, "", "no byte", "",
		},
		{
			"closes at once", Gate, func(*net.UnixConn) {},
			speaks, report.Fail, false, "", "the server closed the session", "",
		},
		{
			"closes behind its first answer", Gate, func(c *net.UnixConn) { _, _ = io.CopyN(c, c, 6) },
			speaks, report.Fail, false, "", "after the answers to 1 message", "",
		},
		{
			"echoes bytes, not messages", "msg/empty/first", func(c *net.UnixConn) { _, _ = io.Copy(c, c) },
			speaks, report.Fail, false, "", "the session went on: a header 00 00 00 00 (reserved 0x00, length 0) came", "",
		},
		{
			"answers empty messages", "msg/empty/between-messages", tolerant(func(reserved byte, content []byte) []byte { return frame(content) }),
			speaks, report.Fail, false, "", "a header 00 00 00 00 (reserved 0x00, length 0) came behind the answers to 2 messages", "",
		},
		{
			"skips empty messages", "msg/empty/first", tolerant(func(_ byte, content []byte) []byte {
				if len(content) == 0 {
					return []byte{}
				}
				return frame(content)
			}),
			speaks, report.Fail, false, "", "the session went on", "",
		},
		{
			"does not close after an error", "msg/empty/first", func(c *net.UnixConn) {
				_ = echo(c, c)
				_, _ = io.Copy(io.Discard, c)
			},
			hangs, report.Fail, true, "", "the session was still open 60ms later, and nothing came back", "",
		},
		{
			"does not close after a wrong reserved byte", "hdr/reserved-nonzero/0x01", func(c *net.UnixConn) {
				_ = echo(c, c)
				_, _ = io.Copy(io.Discard, c)
			},
			hangs, report.Warn, true, "hdr/reserved-nonzero", "still open", "",
		},
		{
			"waits for content behind a wrong reserved byte", "hdr/reserved-nonzero/by-itself", waitsForContent,
			hangs, report.Warn, true, "hdr/reserved-nonzero", "still open", "as soon as the header is there",
		},
		{
			"waits for all the content behind a wrong reserved byte", "hdr/reserved-nonzero/by-itself-inside-content", waitsForContent,
			hangs, report.Warn, true, "hdr/reserved-nonzero", "still open", "as soon as the header is there",
		},
		{
			"ignores the reserved byte", "hdr/reserved-nonzero/0xff", tolerant(func(_ byte, content []byte) []byte { return frame(content) }),
			speaks, report.Warn, false, "hdr/reserved-nonzero", "the reserved byte was ignored", "",
		},
		{
			"sends the reserved byte back", "hdr/reserved-nonzero/0xff",
			tolerant(func(reserved byte, content []byte) []byte { return rawFrame(reserved, len(content), content) }),
			speaks, report.Fail, false, "hdr/reserved-zero", "reserved byte is 0xff", "without a check",
		},
		{
			"greets", "stream/unsolicited/at-once", func(c *net.UnixConn) {
				_, _ = c.Write(frame([]byte("welcome")))
				_ = echo(c, c)
			},
			speaks, report.Fail, false, "stream/unsolicited", "answer 1", "a greeting is sent",
		},
		{
			"says farewell", "stream/unsolicited/at-end", func(c *net.UnixConn) {
				_ = echo(c, c)
				_, _ = c.Write(frame([]byte("bye")))
			},
			speaks, report.Fail, false, "stream/unsolicited", "3", "the protocol has no farewell",
		},
		{
			"explains its error", "stream/unsolicited/after-error", func(c *net.UnixConn) {
				_ = echo(c, c)
				_, _ = c.Write(frame([]byte("error: empty message")))
			},
			speaks, report.Fail, false, "", "the session went on", "the protocol has none",
		},
		{
			"is one message behind", "stream/order/ping-pong-500", func(c *net.UnixConn) {
				held := []byte{}
				answering(func(content []byte) []byte {
					before := held
					held = frame(content)
					return before
				})(c)
			},
			speaksWhenProdded, report.Fail, true, "", "in round 1 of 500", "only when bytes of the next one arrive",
		},
		{
			"changes a byte", "stream/order/ping-pong-500", answering(func(content []byte) []byte { return flipped(frame(content), 9) }),
			speaks, report.Fail, false, "msg/binary", "in round 1 of 500: answer 1: content byte 5 of 8", "",
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
			hangsWhenAllIsRead, report.Fail, true, "", "no byte", "",
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
			speaks, report.Fail, false, "", "the session went on", "",
		},
		{
			"stays when the stream has ended", "stream/unsolicited/at-end", func(c *net.UnixConn) {
				_ = echo(c, c)
				waitForClose(c)
			},
			hangsWhenAllIsEchoed, report.Fail, true, "", "still open", "",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := env(t, mini{t: t, handle: row.handle}.serve(), long).sessionsBy(t, row.patience)
			f := caseOf(t, row.id).Run(t.Context(), e)
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

// speaks is the patience with a server from which something comes, right or wrong.
func speaks(*transport.Conn) {}

// hangs is the patience with one from which nothing comes.
func hangs(c *transport.Conn) { c.SetPatience(short) }

// hangsWhenAllIsEchoed is the patience with one that hangs when it has echoed all.
func hangsWhenAllIsEchoed(c *transport.Conn) {
	hangs(c)
	c.SetBusy(func() bool {
		in := c.Incoming()
		if in.Got >= in.Want || in.Ended {
			return false
		}
		<-in.Changed
		return true
	})
}

// hangsWhenAllIsRead is the patience with one that reads all, piece by piece.
func hangsWhenAllIsRead(c *transport.Conn) {
	hangs(c)
	c.SetBusy(func() bool {
		if left, ok := c.Untaken(); !ok || left == 0 {
			return false
		}
		for !c.AwaitTaken() && !c.Ended() {
		}
		return true
	})
}

// speaksWhenProdded is the patience with one that answers its first message when a second one has come.
func speaksWhenProdded(c *transport.Conn) {
	hangs(c)
	first := int64(-1)
	c.SetBusy(func() bool {
		if first < 0 {
			first = c.Written()
		}
		in := c.Incoming()
		if c.Written() == first || in.Got > 0 || in.Ended {
			return false
		}
		<-in.Changed
		return true
	})
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
