package suite

import (
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// Among many sessions each that ends in an invalid header has to be closed for it, however many there were.
func TestInvalidHeadersAmongManySessions(t *testing.T) {
	lenient := func(from int32, ignored func(header [4]byte) bool) func(*net.UnixConn) {
		var n atomic.Int32
		return func(c *net.UnixConn) {
			late := n.Add(1) > from
			for {
				var header [4]byte
				if _, err := io.ReadFull(c, header[:]); err != nil {
					return
				}
				length := length24(header[:])
				if (header[0] != 0 || length == 0) && (!late || !ignored(header)) {
					return
				}
				content := make([]byte, length)
				if _, err := io.ReadFull(c, content); err != nil {
					return
				}
				if length > 0 {
					_, _ = c.Write(frame(content)) // how it ends is the test's business
				}
			}
		}
	}
	for _, row := range []struct {
		name        string
		ignored     func(header [4]byte) bool
		verdict     report.Verdict
		requirement string
	}{
		{"empty", func(h [4]byte) bool { return h[0] == 0 }, report.Fail, "msg/empty"},
		{"reserved", func(h [4]byte) bool { return h[0] != 0 }, report.Warn, "hdr/reserved-nonzero"},
		{"none", func([4]byte) bool { return false }, report.Pass, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := try(t, "srv/serves-again/thousand-errors", lenient(500, row.ignored), long)
			require.Equal(t, row.verdict, f.Verdict, f.Actual)
			require.Equal(t, row.requirement, f.Requirement)
			require.False(t, f.Stalled)
		})
	}
}

// A server that cuts through is told so, and not that it sends something of its own.
func TestCuttingThroughIsNoKeepAlive(t *testing.T) {
	f := try(t, "stream/idle/inside-a-message", func(c *net.UnixConn) {
		_, _ = io.Copy(c, c) // how it ends is the test's business
	}, long)
	require.Equal(t, report.Fail, f.Verdict)
	require.Equal(t, "stream/split", f.Requirement)
	require.Contains(t, f.Actual, "the first 9 bytes of its echo had come, of 37")
	require.Contains(t, strings.Join(f.Hints, " "), "cut-through")
}
