package runner

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// What makes a server speak that has answered nothing says what it waits for.
func TestSilenceIsProdded(t *testing.T) {
	t.Parallel()
	const silent = "no byte of an answer came within the deadline; the session stayed open"
	for _, row := range []struct{ fault, said, hint string }{
		{"content-one-too-many", "; when one more message was sent, the answer came", "bytes of the next one"},
		{"replies-at-newline", "; when one with a line feed was sent, the answer came", "line-buffered"},
		{"replies-at-4-kib", "; when one of 8 KiB was sent, the answer came", "until a buffer is full"},
		{"replies-at-end-of-stream", "; when the sending side was shut down, the answer came", "before the stream ends"},
		{"length-little-endian-read", "", ""},
	} {
		t.Run(row.fault, func(t *testing.T) {
			t.Parallel()
			rep := judged(t, Options{Command: command(t, "faulty", row.fault), Timeout: 300 * time.Millisecond, Only: []string{"hdr/length/example-*"}})
			failed := withVerdict(rep, report.Fail)
			require.Len(t, failed, 1)
			require.Equal(t, silent+row.said, failed[0].Actual)
			if row.hint == "" {
				require.Empty(t, failed[0].Evidence.Hints)
				return
			}
			require.Contains(t, failed[0].Evidence.Hints[0], row.hint)
		})
	}
}

// A server that answers nothing is judged when only one case is chosen, on which no other rests: what it serves at once was
// not measured.
func TestLoneCaseOfASilentServer(t *testing.T) {
	t.Parallel()
	rep := judged(t, Options{Command: command(t, "faulty", "length-little-endian-read"), Timeout: 300 * time.Millisecond, Only: []string{"msg/binary/nul-between"}})
	require.Len(t, rep.Cases, 1)
	require.Equal(t, report.Fail, rep.Cases[0].Verdict)
	require.Equal(t, report.NonConforming, rep.Result)
}

// Memory that is set aside for what was announced is found where it is written to long after the header has come, as on a
// machine that has no time for the server.
func TestAnnouncedMemoryIsWaitedFor(t *testing.T) {
	t.Parallel()
	rep := judged(t, Options{Command: command(t, "fills-late", "-"), Only: []string{"srv/announced-memory/*"}})
	require.Len(t, rep.Cases, 1)
	require.Equal(t, report.Warn, rep.Cases[0].Verdict, rep.Cases[0].Actual)
}
