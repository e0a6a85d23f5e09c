package transport

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
)

func TestTranscriptOfASession(t *testing.T) {
	c, peer := pair(t, long)
	c.Expect([]byte("\x00\x00\x00\x02Hi"))
	require.NoError(t, c.Send([]byte("\x00\x00\x00\x02")))
	require.NoError(t, c.Send([]byte("Hi")))
	_, _, err := reads(peer, 6)
	require.NoError(t, err)
	write(t, peer, []byte("\x00\x00\x00\x02Hi"))
	_, err = c.AwaitExpected(t.Context())
	require.NoError(t, err)
	require.NoError(t, c.HalfClose())
	require.NoError(t, peer.Close())
	_, err = c.AwaitEnd(t.Context())
	require.NoError(t, err)
	c.Close()

	tr := c.Transcript()
	require.Equal(t, "session", tr.Name)
	require.Zero(t, tr.Dropped)
	last := -1.0
	for i := range tr.Events {
		require.GreaterOrEqual(t, tr.Events[i].AtMS, last)
		last = tr.Events[i].AtMS
		tr.Events[i].AtMS = 0
	}
	require.Equal(t, []report.Event{
		{Direction: report.Sent, Length: 4, Hex: "00000002"},
		{Direction: report.Sent, Offset: 4, Length: 2, Hex: "4869"},
		{Direction: report.Received, Length: 6, Hex: "000000024869"},
		{Direction: report.HalfClosed},
		{Direction: report.PeerClosed, Note: "end of stream"},
		{Direction: report.Closed},
	}, tr.Events)
}

// The first and the last events are kept, in order, and how many are missing between them is said.
func TestTranscriptIsCapped(t *testing.T) {
	for _, row := range []struct {
		name                  string
		events, kept, dropped int
	}{
		{"none", 0, 0, 0},
		{"the head", maxHead, maxHead, 0},
		{"head and tail", maxHead + maxTail, maxHead + maxTail, 0},
		{"one more", maxHead + maxTail + 1, maxHead + maxTail, 1},
		{"round the tail many times", 10*maxTail + 7, maxHead + maxTail, 10*maxTail + 7 - maxHead - maxTail},
	} {
		t.Run(row.name, func(t *testing.T) {
			var r recorder
			r.begin("many")
			for i := range row.events {
				r.bytes(report.Sent, int64(i), []byte{byte(i)})
			}
			tr := r.transcript()
			require.Len(t, tr.Events, row.kept)
			require.Equal(t, row.dropped, tr.Dropped)
			for i, e := range tr.Events {
				want := int64(i)
				if i >= maxHead {
					want += int64(row.dropped)
				}
				require.Equal(t, want, e.Offset, i)
			}
		})
	}
}

func TestBytesOfAnEventAreCapped(t *testing.T) {
	var r recorder
	r.begin("long")
	b := pattern(10_000)
	r.bytes(report.Received, 5, b)
	wanted := hex.EncodeToString(b[:maxBytes])
	clear(b)
	events := r.transcript().Events
	require.Len(t, events, 1)
	require.Equal(t, 10_000, events[0].Length)
	require.Equal(t, wanted, events[0].Hex, "the bytes of the time, not those of later")
}
