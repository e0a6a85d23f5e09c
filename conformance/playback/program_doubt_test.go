package playback

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

func requireSays(t *testing.T, err error, says string) {
	t.Helper()
	if says == "" {
		require.NoError(t, err)
		return
	}
	require.ErrorContains(t, err, says)
}

// A run that is cut off, or does not add up, is refused.
func TestDamagedRuns(t *testing.T) {
	for name, damage := range map[string]func(*report.Run){
		"no end of its course": func(r *report.Run) { r.Course = r.Course[:len(r.Course)-len(" 8:x")] },
		"half a word":          func(r *report.Run) { r.Course = r.Course[:len(r.Course)-1] },
		"no course":            func(r *report.Run) { r.Course = "" },
		"a course that goes back": func(r *report.Run) {
			r.Course += " 1:g1"
		},
		"less printed than its course says": func(r *report.Run) { r.Stdout = r.Stdout[:1] },
		"a copy from beyond all numbers":    func(r *report.Run) { r.Stdout[0].From = math.MaxInt64 },
		"half a byte printed":               func(r *report.Run) { r.Stderr[0].Hex = r.Stderr[0].Hex[:3] },
		"half a byte on its session":        func(r *report.Run) { r.Sessions[0].Rest = "0" },
		"less on its session":               func(r *report.Run) { r.Sessions[0].Expected-- },
		"no session":                        func(r *report.Run) { r.Sessions = nil },
		"no status":                         func(r *report.Run) { r.Status = nil },
	} {
		t.Run(name, func(t *testing.T) {
			run := clientRun()
			damage(&run)
			_, err := NewPlayer(&report.Recording{Runs: []report.Run{run}}).Start(transport.NewCourse(), 100)
			require.ErrorIs(t, err, report.ErrInvalid)
		})
	}
}

// Of a session that is said to have shown more at first than its course says had come by then, all is played once.
func TestMoreLayThanHadCome(t *testing.T) {
	run := clientRun()
	run.Sessions[0] = report.Heard{Rest: "010203", Lay: 3, Unread: true}
	run.Stdout = nil
	p := perform(t, course(run,
		report.Step{Tick: taken, Kind: report.StepSession, Session: 1, Total: 1},
		report.Step{Tick: taken, Kind: report.StepSession, Session: 1, Total: 3},
		report.Step{Tick: taken, Kind: report.StepErr, Total: 2},
		report.Step{Tick: taken, Kind: report.StepExit, Total: report.StepEnd},
	))
	c := p.accept()
	c.Read()
	s, err := c.AwaitAny(t.Context(), 3)
	require.NoError(t, err)
	require.Equal(t, []byte{1, 2, 3}, s.Stray)
	<-p.proc.Done()
	require.ErrorContains(t, p.end(false), "reads what was left unread then")
}

// What came of a run that was changed by hand, and adds up, is not believed where the suite does something else in it.
func TestDoubtOfRuns(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*report.Recording)
		says   string
	}{
		{"the same", func(*report.Recording) {}, ""},
		{"told something else", func(r *report.Recording) { r.Runs[0].Sum++ }, "in run 1 it tells the program something else than was recorded"},
		{"told more often", func(r *report.Recording) { r.Runs[0].Told++ }, "in run 1 it tells the program something else than was recorded"},
		{"sent other bytes", func(r *report.Recording) { r.Runs[0].Sessions[0].Sum++ }, "in run 1, on its session 1, it sends other bytes than was recorded"},
		{"sent more", func(r *report.Recording) { r.Runs[0].Sessions[0].Sent++ }, "fewer bytes than was recorded: 6, and then 7"},
		{"left unread", func(r *report.Recording) { r.Runs[0].Sessions[0].Unread = true }, "reads what was left unread then"},
		{"a session more", func(r *report.Recording) {
			r.Runs[0].Sessions = append(r.Runs[0].Sessions, report.Heard{})
		}, "in run 1 it takes fewer sessions than was recorded: 2, and then 1"},
		{"a run more", func(r *report.Recording) { r.Runs = append(r.Runs, clientRun()) }, "fewer times than was recorded: 2, and then 1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := &report.Recording{Runs: []report.Run{clientRun()}}
			row.change(r)
			p := perform(t, r.Runs...)
			c := p.take()
			p.hear(c)
			require.NoError(t, c.Send(hi))
			<-p.proc.Done()
			requireSays(t, p.end(false), row.says)
		})
	}
	t.Run("sent less", func(t *testing.T) {
		run := clientRun()
		run.Sessions[0].Sent, run.Sessions[0].Sum, run.Sessions[0].Ended = 5, report.AddSum(0, hi[:5]), ""
		run.Stdout = nil
		run = course(run,
			report.Step{Tick: taken, Kind: report.StepSession, Session: 1, Total: int64(len(foo))},
			report.Step{Tick: answered - 1, Kind: report.StepErr, Total: 2},
			report.Step{Tick: answered - 1, Kind: report.StepExit, Total: report.StepEnd})
		p := perform(t, run)
		c := p.take()
		p.hear(c)
		require.NoError(t, c.Send(hi))
		<-p.proc.Done()
		now, _ := p.course.Clock()
		require.Equal(t, int64(answered-1), now, "what was not taken then is not counted")
		require.ErrorContains(t, p.end(false), "sends more bytes than was recorded: 6, and then 5")
	})
	t.Run("printed what was not sent", func(t *testing.T) {
		run := clientRun()
		run.Stdout[0].From = 100
		p := perform(t, run)
		c := p.take()
		p.hear(c)
		require.NoError(t, c.Send(hi))
		require.ErrorContains(t, p.end(true), "waits for something for which it was not waited then")
		require.Empty(t, p.proc.Stdout().Bytes())
	})
}

// A run, or a session of it, that there was not is none.
func TestRunThatWasNotRecorded(t *testing.T) {
	run := clientRun()
	run.Sessions, run.Stdout, run.Stderr = nil, nil, nil
	p := perform(t, course(run, report.Step{Tick: told, Kind: report.StepExit, Total: report.StepEnd}))
	<-p.proc.Done()
	_, err := p.player.Listen().Accept(t.Context(), p.proc.Done(), "session", long)
	require.ErrorIs(t, err, transport.ErrNobody)
	_, err = p.player.Start(transport.NewCourse(), 100)
	require.ErrorIs(t, err, suite.ErrNotRecorded)
	require.ErrorContains(t, err, "its run 2")
	require.ErrorIs(t, p.end(false), suite.ErrNotRecorded)
}

// Nobody connects where no run has begun; the wait for that ends with its context, or its patience.
func TestNobodyConnects(t *testing.T) {
	door := NewPlayer(&report.Recording{}).Listen()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := door.Accept(ctx, nil, "session", long)
	require.ErrorIs(t, err, context.Canceled)
	_, err = door.Accept(t.Context(), nil, "session", 1)
	require.ErrorIs(t, err, transport.ErrNobody)
}

// A client whose end was not waited for is not waited for now, unless it had ended all the same.
func TestMannersOfRuns(t *testing.T) {
	patient, hurried, ended := report.Run{}, report.Run{Hurried: true}, report.Run{Hurried: true, Status: exited(0)}
	for _, row := range []struct {
		name    string
		runs    []report.Run
		hurried bool
	}{
		{"no run", nil, false},
		{"waited for", []report.Run{patient}, false},
		{"not waited for", []report.Run{patient, hurried}, true},
		{"not waited for, and ended", []report.Run{hurried, ended}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			presents := &report.Presents{Before: "00"}
			got, err := NewPlayer(&report.Recording{Runs: slices.Clone(row.runs), Presents: presents}).Manners()
			require.NoError(t, err)
			want, err := suite.MannersOf(presents, row.hurried)
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
	_, err := NewPlayer(&report.Recording{Presents: &report.Presents{After: "0"}}).Manners()
	require.Error(t, err, "half a byte")
}
