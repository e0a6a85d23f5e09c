package process

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// What a process holds is counted exactly, given what the test's own surroundings let every program inherit.
func TestUsageCountsExactly(t *testing.T) {
	base := inherited(t)
	for _, row := range []struct {
		name, script              string
		processes, more, children int
	}{
		{"one process", `exec sleep 1000`, 1, 0, 0},
		{"open descriptors", `exec 3</dev/null 4</dev/null 5</dev/null; exec sleep 1000`, 1, 3, 0},
		{"children", `sleep 1000 & echo $! > "$0"; sleep 1000 & echo $! > "$0"; exec sleep 1000`, 3, 0, 2},
		{"a child's child", `sh -c 'sleep 1000 & echo $! > "$0"; exec sleep 1000' "$0" & echo $! > "$0"; exec sleep 1000`, 3, 0, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := newFIFO(t)
			p := sh(t, row.script, f.path)
			for range row.children {
				sleeps(t, f.pid(t))
			}
			sleeps(t, p.Pid())
			u, err := UsageOf(p.Pid())
			require.NoError(t, err)
			require.Equal(t, row.processes, u.Processes)
			require.Equal(t, row.processes, u.Threads)
			require.Equal(t, row.processes*base+row.more, u.Descriptors)
			require.GreaterOrEqual(t, u.CPU, int64(0))
		})
	}
}

// sleeps waits until the process has become sleep and is in the call that it is there for: then it holds what it will hold.
// That it sleeps is not enough, since it may do so over its libraries.
func sleeps(t testing.TB, pid int) {
	t.Helper()
	eventually(t, "sleep", func() bool {
		name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
		if err != nil || string(name) != "sleep\n" {
			return false
		}
		call, err := os.ReadFile(fmt.Sprintf("/proc/%d/syscall", pid))
		return err == nil && strings.HasPrefix(string(call), fmt.Sprintf("%d ", unix.SYS_CLOCK_NANOSLEEP))
	})
}

// inherited returns how many descriptors every program holds here that opens none.
func inherited(t testing.TB) int {
	t.Helper()
	p := start(t, Command{Args: []string{"sleep", "1000"}})
	sleeps(t, p.Pid())
	u, err := UsageOf(p.Pid())
	require.NoError(t, err)
	require.GreaterOrEqual(t, u.Descriptors, 3)
	return u.Descriptors
}

func TestZombieHoldsNothingAndDoesNotRun(t *testing.T) {
	base := inherited(t)
	f := newFIFO(t)
	p := sh(t, `sleep 1000 & echo $! > "$0"; exec sleep 1000`, f.path)
	child := f.pid(t)
	sleeps(t, p.Pid()) // from now on nobody reaps
	require.True(t, Runs(child))
	require.NoError(t, syscall.Kill(child, syscall.SIGKILL))
	eventually(t, "the child's end", func() bool { return !Runs(child) })
	s, err := readStat(child)
	require.NoError(t, err)
	require.Equal(t, "Z", s.state)
	u, err := UsageOf(p.Pid())
	require.NoError(t, err)
	require.Equal(t, 2, u.Processes, "it is still there")
	require.Equal(t, base, u.Descriptors)
}

func TestUsageCountsThreads(t *testing.T) {
	f := newFIFO(t)
	p := self(t, "threads", f.path)
	f.pid(t)
	u, err := UsageOf(p.Pid())
	require.NoError(t, err)
	require.GreaterOrEqual(t, u.Threads, 21)
	require.Equal(t, 1, u.Processes)
	require.Greater(t, u.Resident, int64(1<<20))
}

func TestUsageOfAProcessThatIsGone(t *testing.T) {
	p := sh(t, "exit 0", "")
	p.Stop(long)
	_, err := UsageOf(p.Pid())
	require.ErrorIs(t, err, os.ErrNotExist)
	require.False(t, Runs(p.Pid()))
}

// A name may hold what else separates the fields of /proc/PID/stat.
func TestStatOfAProcessWithAnOddName(t *testing.T) {
	f := newFIFO(t)
	odd := t.TempDir() + "/a) Z 1 (b"
	require.NoError(t, os.Symlink("/bin/sh", odd))
	p := start(t, Command{Args: []string{odd, "-c", `echo $$ > "$0"; read never < "$1"`, f.path, newFIFO(t).path}})
	f.pid(t)
	s, err := readStat(p.Pid())
	require.NoError(t, err)
	require.Equal(t, os.Getpid(), s.parent)
	require.Equal(t, 1, s.threads)
	require.True(t, Runs(p.Pid()))
}

func TestThisProcessIsSeen(t *testing.T) {
	require.True(t, Runs(os.Getpid()))
	require.False(t, CollectsLazily(os.Getpid()))
	u, err := UsageOf(os.Getpid())
	require.NoError(t, err)
	require.GreaterOrEqual(t, u.Descriptors, 3)
}

func TestLimitInTheEnvironmentIsSeen(t *testing.T) {
	for entry, want := range map[string]bool{
		"GOMEMLIMIT=1GiB": true, "GOGC=off": true, "GOGC=1000": true,
		"GOGC=400": false, "GOGC=": false, "XGOGC=off": false, "GOGCX=off": false,
	} {
		f := newFIFO(t)
		p := start(t, Command{Args: []string{"/bin/sh", "-c", `echo $$ > "$0"; read never < "$1"`, f.path, newFIFO(t).path}, Env: []string{entry}})
		f.pid(t)
		require.Equal(t, want, CollectsAtLimit(p.Pid()), entry)
	}
	require.False(t, CollectsAtLimit(-1))
}
