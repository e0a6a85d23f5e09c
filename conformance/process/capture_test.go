package process

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// captured runs a script whose output is captured, each stream up to limit bytes.
func captured(t *testing.T, limit int, script string) *Process {
	t.Helper()
	return start(t, Command{Args: []string{"/bin/sh", "-c", script}, Capture: limit})
}

func closed(t *testing.T, c <-chan struct{}, what string) {
	t.Helper()
	limit := time.NewTimer(long)
	defer limit.Stop()
	select {
	case <-c:
	case <-limit.C:
		require.Fail(t, "never came about: "+what)
	}
}

func TestCaptureKeepsStreamsApart(t *testing.T) {
	p := captured(t, 1000, `printf out; printf err >&2; printf ' more'; exit 3`)
	ended(t, p)
	closed(t, p.Stdout().Ended(), "the end of stdout")
	closed(t, p.Stderr().Ended(), "the end of stderr")
	require.Equal(t, "out more", string(p.Stdout().Bytes()))
	require.Equal(t, "err", string(p.Stderr().Bytes()))
	require.Equal(t, "out moreerr", p.Output())
	require.Equal(t, 3, p.Status())
}

func TestCaptureKeepsTheBeginning(t *testing.T) {
	const script = `i=0; while [ $i -lt 20000 ]; do echo 0123456789abcdef; i=$((i+1)); done`
	p := captured(t, 100, script)
	ended(t, p)
	closed(t, p.Stdout().Ended(), "the end of stdout")
	require.Equal(t, int64(20000*17), p.Stdout().Total(), "everything was taken")
	require.Equal(t, strings.Repeat("0123456789abcdef\n", 6)[:100], string(p.Stdout().Bytes()))
	require.Contains(t, p.Stdout().String(), "339900 bytes left out")
	require.Zero(t, p.Stderr().Total())
}

func TestCaptureTellsOfChanges(t *testing.T) {
	pipe := newFIFO(t)
	p := start(t, Command{Args: []string{"/bin/sh", "-c", `read line < "$0"; printf seen; read line < "$0"`, pipe.path}, Capture: 4})
	changed := p.Stdout().Changed()
	require.Empty(t, p.Stdout().Bytes())
	_, err := pipe.file.WriteString("go on\n")
	require.NoError(t, err)
	closed(t, changed, "a change")
	eventually(t, "the text", func() bool { return string(p.Stdout().Bytes()) == "seen" })
	kept := p.Stdout().Bytes()
	_ = append(kept, '!')
	require.Equal(t, "seen", string(p.Stdout().Bytes()), "what was returned cannot change what is kept")
	require.Equal(t, -1, p.Status(), "while it runs")
}

func TestTooLongCommandLine(t *testing.T) {
	_, err := Start(Command{Args: []string{"/bin/echo", strings.Repeat("x", 131072)}})
	require.Error(t, err)
	require.True(t, TooLong(err), err)
	_, err = Start(Command{Args: []string{"oizys-no-such-program"}})
	require.False(t, TooLong(err), err)
	p := start(t, Command{Args: []string{"/bin/echo", strings.Repeat("x", 131071)}, Capture: 1 << 20})
	ended(t, p)
	closed(t, p.Stdout().Ended(), "the end of stdout")
	require.Len(t, p.Stdout().Bytes(), 131072)
}

// A process that spins is told from one that sleeps, however busy the machine is.
func TestScheduling(t *testing.T) {
	spins, sleeps := sh(t, `while :; do :; done`, ""), sh(t, `exec sleep 1000`, "")
	window := func(p *Process) Scheduling {
		before, err := SchedulingOf(p.Pid())
		require.NoError(t, err)
		time.Sleep(300 * time.Millisecond) // what is measured: processor time within a while
		after, err := SchedulingOf(p.Pid())
		require.NoError(t, err)
		return after.Sub(before)
	}
	busy := window(spins)
	require.Greater(t, busy.Ran+busy.Waited, 150*time.Millisecond)
	require.Positive(t, busy.Ran)
	idle := window(sleeps)
	require.Less(t, idle.Ran, 20*time.Millisecond)
	_, err := SchedulingOf(1 << 30)
	require.Error(t, err)
}
