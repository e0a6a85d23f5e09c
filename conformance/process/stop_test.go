package process

import (
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestStopAsksFirst(t *testing.T) {
	f := newFIFO(t)
	p := sh(t, `trap 'echo ending; exit 7' TERM; echo $$ > "$0"; while :; do sleep 1000 & wait; done`, f.path)
	require.Equal(t, p.Pid(), f.pid(t))
	p.Stop(long)
	require.Equal(t, "exit status 7", p.Exit())
	require.Contains(t, p.Output(), "ending\n", "what it printed last is kept")
}

func TestStopKillsWhatIgnoresIt(t *testing.T) {
	f := newFIFO(t)
	p := sh(t, `trap '' TERM; echo $$ > "$0"; while :; do sleep 1000; done`, f.path)
	pid := f.pid(t)
	const grace = 50 * time.Millisecond
	begin := time.Now()
	p.Stop(grace)
	require.GreaterOrEqual(t, time.Since(begin), grace)
	require.Equal(t, "signal SIGKILL", p.Exit())
	require.False(t, Runs(pid))
}

// Stop ends the children and theirs, and leaves no zombie behind.
func TestStopEndsTheGroup(t *testing.T) {
	f := newFIFO(t)
	p := sh(t, `sh -c 'sh -c "echo \$\$ > \"\$0\"; exec sleep 1000" "$0" & echo $$ > "$0"; exec sleep 1000' "$0" & exec sleep 1000`, f.path)
	first, second := f.pid(t), f.pid(t)
	p.Stop(long)
	require.True(t, p.Ended())
	for _, pid := range []int{first, second, p.Pid()} {
		gone(t, pid)
	}
	require.Empty(t, descendants(os.Getpid()))
}

func TestStopEndsAGroupWhoseLeaderHasEnded(t *testing.T) {
	f := newFIFO(t)
	p := sh(t, `sh -c 'echo $$ > "$0"; exec sleep 1000' "$0" & exit 3`, f.path)
	left := f.pid(t)
	ended(t, p)
	require.True(t, Runs(left))
	p.Stop(long)
	gone(t, left)
	require.Equal(t, "exit status 3", p.Exit())
}

// A process that has left the group is found by the tag in its environment.
func TestStopEndsWhatLeftTheGroup(t *testing.T) {
	f := newFIFO(t)
	const tag = "OIZYS_TEST_TAG=left-the-group"
	p := start(t, Command{Args: []string{os.Args[0], f.path}, Env: []string{"OIZYS_PROCESS_TEST=daemon", tag}, Tag: tag})
	daemon := f.pid(t)
	ended(t, p)
	require.True(t, Runs(daemon))
	require.True(t, Tagged(tag))
	require.False(t, Tagged("OIZYS_TEST_TAG=left-the"), "a tag is a whole entry")
	require.False(t, Tagged("TEST_TAG=left-the-group"))
	p.Stop(long)
	gone(t, daemon)
	require.False(t, Tagged(tag))
	require.True(t, p.ExitedCleanly())
}

func TestStopWithoutATagLeavesOtherSessionsAlone(t *testing.T) {
	f := newFIFO(t)
	p := self(t, "daemon", f.path)
	daemon := f.pid(t)
	t.Cleanup(func() { reapKilled(daemon) })
	ended(t, p)
	p.Stop(long)
	require.True(t, Runs(daemon))
}

func reapKilled(pid int) {
	_ = syscall.Kill(pid, syscall.SIGKILL) // it runs: the test has just seen it
	reap(pid)
}

func TestStopAgainDoesNothing(t *testing.T) {
	p := sh(t, "exec sleep 1000", "")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			p.Stop(long)
			p.Output()
		})
	}
	wg.Wait()
	require.Equal(t, "signal SIGTERM", p.Exit())
	p.Stop(0)
	require.Equal(t, "signal SIGTERM", p.Exit())
}

func TestStopAfterTheEnd(t *testing.T) {
	p := sh(t, "exit 4", "")
	ended(t, p)
	p.Stop(long)
	require.Equal(t, "exit status 4", p.Exit())
	gone(t, p.Pid())
}

// When the runner is killed, the program that it started is, too.
func TestProgramDiesWithItsRunner(t *testing.T) {
	f := newFIFO(t)
	runner := self(t, "runner", f.path)
	pid := f.pid(t)
	require.True(t, Runs(pid))
	require.NoError(t, syscall.Kill(runner.Pid(), syscall.SIGKILL))
	ended(t, runner)
	eventually(t, "the program's end", func() bool { return !Runs(pid) })
	reap(pid)
}
