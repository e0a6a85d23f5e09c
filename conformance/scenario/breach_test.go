package scenario

import (
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/faulty/faultytest"
	"github.com/oizys-protocol/oizys/conformance/report"
)

// Each breach is seen of a server that has a fault of that kind, and the same scenario shows none on the reference.
func TestBreaches(t *testing.T) {
	good := player(t, reference(t))
	for _, row := range []struct {
		fault  string
		breach Breach
		lines  []string // played together
	}{
		{"high-bit-stripped", WrongBytes, []string{"hold 00:3:ones"}},
		{"length-little-endian", NoAnswer, []string{"hold 00:1:text"}},
		{"greeting-line", WrongBytes, []string{"hold 00:3:text"}},
		{"empty-ignored", ExtraBytes, []string{"hold 00:0 00:3:text"}},
		{"rest-of-burst-delivered", ExtraBytes, []string{"hold 00:0 00:3:text"}},
		{"closes-after-reply", EarlyClose, []string{"hold 00:3:text ~00:3:text"}},
		{"split-header-closes", EarlyClose, []string{"hold 00:3:text paced=2"}},
		{"empty-not-closed", NoClose, []string{"hold 00:0"}},
		{"truncated-header-not-closed", NoClose, []string{"half-close 00:3:text-5"}},
		{"truncated-content-delivered", ExtraBytes, []string{"half-close 00:3:text-1"}},
		{"reserved-ignored", ReservedIgnored, []string{"hold 01:3:text"}},
		{"reserved-ignored", ReservedOpen, []string{"hold 01:3:text-1"}},
		{"reserved-echoed", ExtraBytes, []string{"hold 01:3:text"}},
		{"first-message-swallowed", NoAnswer, []string{"hold 00:3:text"}},
		{"repeats-dropped", NoAnswer, []string{"hold 00:3:text 00:3:text"}},
		{"parser-shared", EarlyClose, []string{"hold 00:30:text/1 paced=2,5,9", "hold 00:30:text/2 paced=3,6,9"}},
	} {
		t.Run(row.fault+" "+row.breach.String(), func(t *testing.T) {
			p, err := NewPlayer(faultytest.Serve(t, row.fault), Options{Patience: 300 * time.Millisecond})
			require.NoError(t, err)
			var list []Scenario
			for _, line := range row.lines {
				list = append(list, parse(t, line))
			}
			var seen []Breach
			for _, r := range p.PlayTogether(list) {
				require.NotEmpty(t, r.String())
				seen = append(seen, r.Breach)
			}
			require.Contains(t, seen, row.breach)
			for _, r := range good.PlayTogether(list) {
				require.Equal(t, None, r.Breach, r)
			}
		})
	}
}

// A server that ends its stream in the middle of a message that it does not take is waited for no longer.
func TestServerThatEndsItsStreamWhileItIsSentTo(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	require.NoError(t, err)
	defer l.Close()
	served, played := make(chan error, 1), make(chan struct{})
	go func() {
		c, err := l.AcceptUnix()
		if err == nil {
			defer c.Close()
			err = c.CloseWrite()
		}
		served <- err
		<-played
	}()
	s := parse(t, "hold 00:4000000:text")
	r := player(t, socket).Play(&s)
	close(played)
	require.NoError(t, <-served)
	require.Equal(t, EarlyClose, r.Breach, r)
	require.Less(t, r.Sent, s.Size())
}

func TestNobodyListens(t *testing.T) {
	s := parse(t, "hold 00:3:text")
	require.Equal(t, Refused, player(t, filepath.Join(t.TempDir(), "s")).Play(&s).Breach)
	_, err := NewPlayer(string(make([]byte, 108)), Options{})
	require.ErrorContains(t, err, "at most 107")
}

// A series goes on over one connection until it is closed.
func TestSeries(t *testing.T) {
	p := player(t, reference(t))
	list := []Scenario{parse(t, "hold 00:3:text"), parse(t, "hold 00:9:random/4 00:1:text cut=3"), parse(t, "hold 00:0"), parse(t, "hold 00:3:text")}
	n, r := p.PlaySeries(list)
	require.Equal(t, 3, n, "the third one's error closes")
	require.Equal(t, None, r.Breach, r)
	require.True(t, r.Closed)
	n, r = p.PlaySeries(list[:2])
	require.Equal(t, 2, n)
	require.Equal(t, None, r.Breach, r)
}

// What went over a connection is kept when it is asked for.
func TestRecord(t *testing.T) {
	p := player(t, reference(t))
	s := parse(t, "half-close 00:3:text ~00:2:text-1")
	p.Record(true)
	r := p.Play(&s)
	require.Equal(t, None, r.Breach, r)
	require.Len(t, p.Transcripts(), 1)
	var happened []string
	for _, e := range p.Transcripts()[0].Events {
		happened = append(happened, string(e.Direction))
	}
	require.Equal(t, []string{"sent", "received", "sent", "half-closed", "peer-closed", "closed"}, happened)
	p.Record(false)
	p.Play(&s)
	require.Empty(t, p.Transcripts())
}

// Of very much that went over a connection the beginning and the end are kept.
func TestRecordIsCapped(t *testing.T) {
	r := newRecorder("session")
	for i := range 2 * maxEvents {
		r.bytes(report.Sent, []byte{byte(i)})
	}
	events := r.transcript.Events
	require.Len(t, events, maxEvents)
	require.Equal(t, maxEvents, r.transcript.Dropped)
	require.Equal(t, int64(maxEvents/2-1), events[maxEvents/2-1].Offset)
	require.Equal(t, int64(3*maxEvents/2), events[maxEvents/2].Offset)
	require.Equal(t, int64(2*maxEvents-1), events[maxEvents-1].Offset)
	lines := report.Annotate(r.transcript)
	require.Contains(t, lines[maxEvents/2].Note, "400 events left out")
}

// The generator makes the same from the same, whatever it made before.
func TestGeneratorIsPure(t *testing.T) {
	var a, b Scenario
	one, other := Generator{Seed: 5}, Generator{Seed: 5}
	for i := range uint64(200) {
		other.Fill(i*7, &b)
		one.Fill(i, &a)
		other.Fill(i, &b)
		require.Equal(t, a.String(), b.String())
	}
	other.Seed = 6
	other.Fill(3, &b)
	one.Fill(3, &a)
	require.NotEqual(t, a.String(), b.String())
}
