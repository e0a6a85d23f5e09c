package playback

import (
	"encoding/hex"
	"hash/crc32"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	long  = 30 * time.Second       // of what comes at once
	short = 100 * time.Millisecond // of what never comes
)

var hi, foo = []byte("\x00\x00\x00\x02Hi"), []byte("\x00\x00\x00\x03foo")

// tape is a session in which so much was sent, of which the beginning came back, and then the rest; flow says when.
func tape(sent []byte, echoed int64, rest []byte, flow ...report.Mark) report.Tape {
	return report.Tape{
		Name: "s", Sent: int64(len(sent)), Sum: crc32.Checksum(sent, crc32.MakeTable(crc32.Castagnoli)),
		Echoed: echoed, Rest: hex.EncodeToString(rest), Flow: report.FlowOf(flow),
	}
}

func join(parts ...[]byte) (all []byte) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// stage is a player of one tape, with its session open.
func stage(t *testing.T, tp report.Tape, patience time.Duration) (*Player, *transport.Conn) {
	t.Helper()
	p := NewPlayer(&report.Recording{Sessions: []report.Tape{tp}})
	c, err := p.Connect("s", patience)
	require.NoError(t, err)
	c.Read()
	return p, c
}

// doubt ends a session and asks.
func doubt(p *Player, c *transport.Conn, stalled bool) error {
	c.Close()
	p.Close()
	return p.Doubt(stalled)
}

// What was said then is said again: the echoed part from what is sent now, the rest from the tape, and each when as much
// had been sent.
func TestSessionIsPlayed(t *testing.T) {
	both := join(hi, foo)
	end := tape(both, 6, []byte("bye"), report.Mark{Sent: 6, Received: 6}, report.Mark{Sent: 13, Received: 9})
	end.Ended, end.EndedAt = "end of stream", 13
	p, c := stage(t, end, long)
	c.Expect(hi)
	require.NoError(t, c.Send(hi))
	s, err := c.AwaitExpected(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(6), s.Matched)
	require.False(t, c.Ended(), "it ended when more had been sent")
	c.Expect([]byte("bye"))
	require.NoError(t, c.Send(foo))
	s, err = c.AwaitExpected(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(9), s.Matched)
	_, err = c.AwaitEnd(t.Context())
	require.NoError(t, err)
	require.NoError(t, doubt(p, c, false))
}

func TestPlayerIsClosedTwice(t *testing.T) {
	p := NewPlayer(&report.Recording{Sessions: []report.Tape{tape(nil, 0, nil)}, Runs: []report.Run{clientRun()}})
	c, err := p.Connect("s", long)
	require.NoError(t, err)
	proc, err := p.Start(transport.NewCourse(), 100)
	require.NoError(t, err)
	c.Close()
	proc.Stop(0)
	p.Close()
	p.Close()
	require.Error(t, p.Doubt(false), "the program was told nothing")
}

// Nothing is said before its time, and an end of what is sent counts as one byte more.
func TestAnswerWaitsForTheEndOfWhatIsSent(t *testing.T) {
	p, c := stage(t, tape(hi, 6, nil, report.Mark{Sent: 7, Received: 6}), short)
	c.Expect(hi)
	require.NoError(t, c.Send(hi))
	s, err := c.AwaitExpected(t.Context())
	require.ErrorIs(t, err, transport.ErrStalled)
	require.Zero(t, s.Matched)
	require.NoError(t, c.HalfClose())
	c.SetPatience(long)
	s, err = c.AwaitExpected(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(6), s.Matched)
	require.NoError(t, doubt(p, c, false))
}

// A session is recorded, and what is played of the recording is recorded in the same way.
func TestRecordingIsPlayedAndRecordedAgain(t *testing.T) {
	first := tape(join(hi, foo), 9, []byte{1, 'x'}, report.Mark{Sent: 6, Received: 6}, report.Mark{Sent: 13, Received: 11})
	first.Ended, first.EndedAt = "end of stream", 13
	again := first
	for range 3 {
		p, c := stage(t, again, long)
		for _, step := range []struct {
			send, want []byte
		}{{hi, hi}, {foo, []byte{0, 0, 0, 1, 'x'}}} {
			c.Expect(step.want)
			require.NoError(t, c.Send(step.send))
			_, err := c.AwaitExpected(t.Context())
			require.NoError(t, err)
		}
		_, err := c.AwaitEnd(t.Context())
		require.NoError(t, err)
		var missing string
		again, missing = c.Tape()
		require.Empty(t, missing)
		require.NoError(t, doubt(p, c, false))
		require.Equal(t, first, again)
	}
}

// What came of a session that was not the recorded one is not believed, and it is said in what it was another.
func TestDoubt(t *testing.T) {
	answered := tape(hi, 6, nil, report.Mark{Sent: 6, Received: 6})
	refused := answered
	refused.Refused = true
	other := answered
	other.Sum++
	vain := answered
	vain.Waited = true
	for _, row := range []struct {
		name    string
		tape    report.Tape
		send    []byte
		stalled bool
		says    string
	}{
		{"the same", answered, hi, false, ""},
		{"less", answered, hi[:5], false, "fewer bytes than was recorded: 5, and then 6"},
		{"more", answered, join(hi, foo), false, "more bytes than was recorded: 13, and then 6"},
		{"other bytes", other, hi, false, "other bytes than was recorded"},
		{"more than was taken", refused, hi, false, ""},
		{"a wait that was none", answered, hi, true, "waits for something for which it was not waited then"},
		{"a wait that was one", vain, hi, true, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, c := stage(t, row.tape, long)
			require.Equal(t, row.tape.Waited, p.Waits())
			c.Expect(hi)
			require.NoError(t, c.Send(row.send))
			if len(row.send) >= len(hi) {
				_, err := c.AwaitExpected(t.Context())
				require.NoError(t, err)
			}
			err := doubt(p, c, row.stalled)
			if row.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, row.says)
		})
	}
}

// Sessions are found by their names and numbers; one that there was not is named.
func TestSessionThatWasNotRecorded(t *testing.T) {
	first, second := tape(nil, 0, nil), tape(nil, 0, nil)
	second.Name = suite.SessionName("s", 2)
	p := NewPlayer(&report.Recording{Sessions: []report.Tape{first, second}})
	for range 2 {
		c, err := p.Connect("s", long)
		require.NoError(t, err)
		c.Close()
	}
	_, err := p.Connect("s", long)
	require.ErrorIs(t, err, suite.ErrNotRecorded)
	require.ErrorContains(t, err, `"s, number 3"`)
	p.Close()
	require.ErrorIs(t, p.Doubt(false), suite.ErrNotRecorded)
}

// A tape that is cut short, or was written by hand, is refused.
func TestDamagedTapes(t *testing.T) {
	for name, damage := range map[string]func(*report.Tape){
		"less came than the flow says": func(tp *report.Tape) { tp.Rest = tp.Rest[:2] },
		"half a byte":                  func(tp *report.Tape) { tp.Rest = tp.Rest[:3] },
		"no hex":                       func(tp *report.Tape) { tp.Rest = "zz" + tp.Rest[2:] },
		"a flow that goes back":        func(tp *report.Tape) { tp.Flow = "6:8 5:9" },
		"half a flow":                  func(tp *report.Tape) { tp.Flow = "6:8 6" },
		"more echoed than was sent":    func(tp *report.Tape) { tp.Echoed, tp.Flow = 7, "6:9" },
	} {
		t.Run(name, func(t *testing.T) {
			tp := tape(hi, 6, []byte{1, 2}, report.Mark{Sent: 6, Received: 8})
			damage(&tp)
			_, err := NewPlayer(&report.Recording{Sessions: []report.Tape{tp}}).Connect("s", long)
			require.ErrorIs(t, err, report.ErrInvalid)
		})
	}
}
