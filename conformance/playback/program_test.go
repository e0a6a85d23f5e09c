package playback

import (
	"encoding/hex"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// The ticks of a course on which the suite tells the program its message, takes its session, answers with [hi] and closes.
const (
	told = 1 + iota
	taken
	answered = taken + 6
	closed   = answered + 1
)

func exited(status uint32) *uint32 { return &status }

// clientRun is the run of a client that sends foo, is answered hi, prints that with a line's end, and "ok" on stderr, and ends.
func clientRun() report.Run {
	return report.Run{
		Told: 1, Sum: report.AddSum(0, []byte("foo")),
		Sessions: []report.Heard{{Sent: int64(len(hi)), Sum: report.AddSum(0, hi), Expected: int64(len(foo)), Ended: "end of stream"}},
		Stdout:   []report.Piece{{From: 4, Length: 2}, {Text: "\n"}},
		Stderr:   []report.Piece{{Hex: hex.EncodeToString([]byte("ok"))}},
		Status:   exited(0),
		Course: report.CourseOf([]report.Step{
			{Tick: taken, Kind: report.StepSession, Session: 1, Total: int64(len(foo))},
			{Tick: answered, Kind: report.StepErr, Total: 2},
			{Tick: answered, Kind: report.StepOut, Total: 3},
			{Tick: answered, Kind: report.StepOut, Total: report.StepEnd},
			{Tick: answered, Kind: report.StepErr, Total: report.StepEnd},
			{Tick: answered, Kind: report.StepSession, Session: 1, Total: report.StepEnd},
			{Tick: answered, Kind: report.StepExit, Total: report.StepEnd},
		}),
	}
}

// course replaces the course of a run.
func course(r report.Run, steps ...report.Step) report.Run {
	r.Course = report.CourseOf(steps)
	return r
}

// performance is a run that is played, and the suite's side of it.
type performance struct {
	t      *testing.T
	player *Player
	course *transport.Course
	proc   *process.Process
	conns  []*transport.Conn
}

// perform begins the first of the runs, and tells it foo.
func perform(t *testing.T, runs ...report.Run) *performance {
	t.Helper()
	p := &performance{t: t, player: NewPlayer(&report.Recording{Runs: runs}), course: transport.NewCourse()}
	p.course.Tell([]byte("foo"))
	var err error
	p.proc, err = p.player.Start(p.course, 100)
	require.NoError(t, err)
	p.proc.Watch(p.course)
	return p
}

// requireSame requires that what happened now is what had happened then, in the same order and at the same ticks.
func (p *performance) requireSame(then report.Run) {
	p.t.Helper()
	now, _, missing := p.course.Run()
	require.Empty(p.t, missing)
	require.Equal(p.t, then.Course, now.Course)
	require.Equal(p.t, then.Sessions, now.Sessions)
}

// take takes a session, on which foo is expected.
func (p *performance) take() *transport.Conn {
	p.t.Helper()
	c := p.accept()
	c.Expect(foo)
	return c
}

func (p *performance) accept() *transport.Conn {
	p.t.Helper()
	c, err := p.player.Listen().Accept(p.t.Context(), p.proc.Done(), "session", long)
	require.NoError(p.t, err)
	p.course.Follow(c)
	p.conns = append(p.conns, c)
	return c
}

// hear reads foo from the session.
func (p *performance) hear(c *transport.Conn) {
	p.t.Helper()
	c.Read()
	s, err := c.AwaitExpected(p.t.Context())
	require.NoError(p.t, err)
	require.Equal(p.t, s.Want, s.Matched)
}

// end ends all, as a case does, and asks.
func (p *performance) end(stalled bool) error {
	p.proc.Stop(0)
	for _, c := range p.conns {
		c.Close()
	}
	p.player.Close()
	return p.player.Doubt(stalled)
}

// What a program did is done again, each thing when the suite is as far as it was then.
func TestProgramIsPlayed(t *testing.T) {
	p := perform(t, clientRun())
	require.False(t, p.player.Waits())
	c := p.take()
	p.hear(c)
	require.NoError(t, c.Send(hi))
	_, err := c.AwaitEnd(t.Context())
	require.NoError(t, err)
	<-p.proc.Done()
	require.Equal(t, "Hi\n", string(p.proc.Stdout().Bytes()), "a copy of what was sent, and what was not")
	require.Equal(t, "ok", string(p.proc.Stderr().Bytes()))
	require.True(t, p.proc.ExitedCleanly())
	p.requireSame(clientRun())
	require.NoError(t, p.end(false))
}

// Nothing is printed before its time, and nothing sent before it is expected.
func TestProgramIsPlayedInItsOrder(t *testing.T) {
	run := course(clientRun(),
		report.Step{Tick: told, Kind: report.StepOut, Total: 1},
		report.Step{Tick: taken, Kind: report.StepOut, Total: 3},
		report.Step{Tick: taken, Kind: report.StepSession, Session: 1, Total: int64(len(foo))},
		report.Step{Tick: answered, Kind: report.StepErr, Total: 2},
		report.Step{Tick: answered, Kind: report.StepSession, Session: 1, Total: report.StepEnd},
		report.Step{Tick: answered, Kind: report.StepExit, Total: report.StepEnd})
	run.Stdout = []report.Piece{{Text: "ab"}, {Text: "c"}}
	p := perform(t, run)
	p.awaitStdout("a")
	c := p.accept()
	p.awaitStdout("abc")
	c.Expect(foo)
	p.hear(c)
	require.NoError(t, c.Send(hi))
	<-p.proc.Done()
	p.requireSame(run)
	require.NoError(t, p.end(false))
}

// awaitStdout waits until as much was printed, which must be that.
func (p *performance) awaitStdout(want string) {
	p.t.Helper()
	out := p.proc.Stdout()
	for changed := out.Changed(); out.Total() < int64(len(want)); changed = out.Changed() {
		<-changed
	}
	require.Equal(p.t, want, string(out.Bytes()))
}

// One that died dies of the same, and takes no more then.
func TestProgramThatDiedIsPlayed(t *testing.T) {
	died := course(clientRun(),
		report.Step{Tick: taken, Kind: report.StepSession, Session: 1, Total: int64(len(foo))},
		report.Step{Tick: taken, Kind: report.StepSession, Session: 1, Total: report.StepEnd},
		report.Step{Tick: taken, Kind: report.StepGone, Session: 1, Total: report.StepEnd},
		report.Step{Tick: taken, Kind: report.StepExit, Total: report.StepEnd})
	died.Stdout, died.Stderr, died.Status = nil, nil, exited(uint32(syscall.SIGSEGV))
	died.Sessions = []report.Heard{{Expected: int64(len(foo)), Ended: "end of stream"}}
	p := perform(t, died)
	c := p.take()
	p.hear(c)
	<-p.proc.Done()
	require.Equal(t, syscall.SIGSEGV, p.proc.Signal())
	require.True(t, c.AwaitGone(t.Context()))
	require.ErrorIs(t, c.Send(hi), transport.ErrPeerClosed)
	require.NoError(t, p.end(false))
}

// One that took no more than an answer takes no more now.
func TestProgramThatRefusesIsPlayed(t *testing.T) {
	refuses := clientRun()
	refuses.Sessions[0].Refused = true
	p := perform(t, refuses)
	c := p.take()
	p.hear(c)
	require.NoError(t, c.Send(hi))
	_, err := c.AwaitEnd(t.Context())
	require.NoError(t, err)
	require.True(t, c.AwaitGone(t.Context()))
	require.ErrorIs(t, c.Send(foo), transport.ErrPeerClosed)
	require.NoError(t, p.end(false))
}

// What was printed when the session was over already is not printed before. Where both ends were closed at one time, it is
// printed although the suite does not see the other's now.
func TestProgramThatPrintsLateIsPlayed(t *testing.T) {
	for _, row := range []struct {
		name string
		end  int64 // when the program's end came
	}{
		{"behind its own end", answered},
		{"behind both", closed},
	} {
		t.Run(row.name, func(t *testing.T) {
			late := course(clientRun(),
				report.Step{Tick: taken, Kind: report.StepSession, Session: 1, Total: int64(len(foo))},
				report.Step{Tick: row.end, Kind: report.StepSession, Session: 1, Total: report.StepEnd},
				report.Step{Tick: closed, Kind: report.StepErr, Total: 2},
				report.Step{Tick: closed, Kind: report.StepOut, Total: 3},
				report.Step{Tick: closed, Kind: report.StepExit, Total: report.StepEnd})
			p := perform(t, late)
			c := p.take()
			p.hear(c)
			require.NoError(t, c.Send(hi))
			if row.end < closed {
				_, err := c.AwaitEnd(t.Context())
				require.NoError(t, err)
			}
			c.Close()
			<-p.proc.Done()
			require.Equal(t, "Hi\n", string(p.proc.Stdout().Bytes()))
			if row.end < closed {
				p.requireSame(late)
			}
			require.NoError(t, p.end(false))
		})
	}
}

// What lay in a session when the suite looked at first lies there again.
func TestWhatLayUnreadIsThere(t *testing.T) {
	run := clientRun()
	h := &run.Sessions[0]
	h.Expected, h.Rest, h.Lay = 0, hex.EncodeToString(foo), int64(len(foo))
	p := perform(t, run)
	c := p.take()
	n, ok := c.Unread()
	require.True(t, ok)
	require.Equal(t, len(foo), n)
	p.hear(c)
	require.NoError(t, c.Send(hi))
	<-p.proc.Done()
	require.NoError(t, p.end(false))
}

// A program that was waited for in vain is so again, and what came of that is believed if the suite came as far.
func TestProgramThatHangsIsPlayed(t *testing.T) {
	hangs := course(clientRun(),
		report.Step{Tick: taken, Kind: report.StepSession, Session: 1, Total: int64(len(foo))},
		report.Step{Tick: answered, Kind: report.StepErr, Total: 2})
	hangs.Stdout, hangs.Status, hangs.Waited = nil, nil, true
	hangs.Sessions[0].Ended = ""
	for _, row := range []struct {
		name   string
		answer bool
		says   string
	}{
		{"as far as then", true, ""},
		{"not as far", false, "sends fewer bytes than was recorded: 0, and then 6"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := perform(t, hangs)
			require.True(t, p.player.Waits())
			c := p.take()
			p.hear(c)
			if row.answer {
				printed := p.proc.Stderr().Changed()
				require.NoError(t, c.Send(hi))
				<-printed
				p.requireSame(hangs)
			}
			require.False(t, p.proc.Ended())
			requireSays(t, p.end(true), row.says)
		})
	}
}
