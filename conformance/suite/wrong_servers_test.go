package suite

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
)

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
