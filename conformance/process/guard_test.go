package process

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// strays is a script that leaves a process in a session of its own, one whose environment says nothing besides, and a
// child of that; it says their IDs in the FIFO. The FIFO is opened first: it must not be waited for later.
const strays = `exec 3>"$0"; trap '' TERM
setsid sh -c 'echo $$ >&3; exec sleep 1000' &
setsid env -i sh -c 'echo $$ >&3; sleep 1000 & echo $! >&3; wait' &
wait`

func TestGuardClearsAwayWhatARunnerLeaves(t *testing.T) {
	f, dir := newFIFO(t), filepath.Join(t.TempDir(), "runner's own")
	runner := self(t, "guarded", dir, strays, f.path, "stays")
	pids := []int{f.pid(t), f.pid(t), f.pid(t), f.pid(t)} // three strays and the peer
	require.NoError(t, os.WriteFile(filepath.Join(dir, "socket"), nil, 0o600))
	require.NoError(t, syscall.Kill(runner.Pid(), syscall.SIGKILL))
	ended(t, runner)
	for _, pid := range pids {
		eventually(t, "its end", func() bool { return !Runs(pid) })
	}
	orphans(t)
	eventually(t, "the directory's end", func() bool {
		_, err := os.Stat(dir)
		return errors.Is(err, fs.ErrNotExist)
	})
}

// A runner that ends in peace has the same done for it, and when it has ended all is gone.
func TestClosedGuardHasClearedAway(t *testing.T) {
	f, dir := newFIFO(t), filepath.Join(t.TempDir(), "d")
	runner := self(t, "guarded", dir, strays, f.path, "ends")
	ended(t, runner)
	require.Equal(t, "exit status 0", runner.Exit())
	require.NoDirExists(t, dir)
	orphans(t)
	require.Empty(t, household{tags: []string{"GUARDED=" + dir}}.members(nil))
}

// orphans waits for the end of what the test's process has adopted: it is the reaper of all that its children leave.
func orphans(t *testing.T) {
	t.Helper()
	eventually(t, "the end of all orphans", func() bool {
		left := descendants(os.Getpid())
		for _, pid := range left {
			if !Runs(pid) {
				reap(pid)
			}
		}
		return len(left) == 0
	})
}

func TestGuardTakesNothingElse(t *testing.T) {
	for _, line := range []string{"nonsense \"x\"", "dir x", "limit \"many\"", "tag"} {
		t.Run(line, func(t *testing.T) {
			p := start(t, Command{
				Args: []string{"/bin/sh", "-c", `printf '%s\n' "$1" | "$0"`, os.Args[0], line},
				Env:  []string{"OIZYS_PROCESS_TEST=guard"},
			})
			ended(t, p)
			p.Stop(0) // all that it printed has come through then
			require.Equal(t, "exit status 3", p.Exit())
			require.Contains(t, p.Output(), "is nothing that a guard is told")
		})
	}
}

// A line of any length is heard, and those behind it too: a guard that takes it for the end would clear away what still runs.
func TestGuardHearsLongLines(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	require.NoError(t, os.Mkdir(dir, 0o700))
	p := start(t, Command{
		Args: []string{"/bin/sh", "-c", `{ printf 'tag "LONG=%0200000d"\n' 1; printf 'dir "%s"\n' "$1"; } | "$0"`, os.Args[0], dir},
		Env:  []string{"OIZYS_PROCESS_TEST=guard"},
	})
	ended(t, p)
	p.Stop(0) // all that it printed has come through then
	require.Equal(t, "exit status 0", p.Exit(), p.Output())
	require.NoDirExists(t, dir)
}

func TestGuardThatIsMissing(t *testing.T) {
	var none *Guard
	require.NoError(t, none.Keep("/nowhere", "NO=TAG"))
	none.Close()
	_, err := StartGuard("/no/such/program")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "starting the guard")
}

// Each mark differs, also from that of a runner inside of which this one runs.
func TestMarks(t *testing.T) {
	f := newFIFO(t)
	first := markLimit(1)
	require.NotZero(t, first)
	second := markLimit(1)
	require.Less(t, second, first)
	p := sh(t, `echo $$ > "$0"; exec sleep 1000`, f.path)
	pid := f.pid(t)
	require.Equal(t, p.Pid(), pid)
	require.Contains(t, household{limit: second}.members(nil), pid)
	require.Empty(t, household{limit: first}.members(nil))
	require.Empty(t, household{}.members(nil))
}
