package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// killable is a run that is going to be killed: a peer that does what it can to be left over.
type killable struct {
	name    string
	command []string
}

// killables are peers that leave their process group, some with an environment that says nothing of where they come from.
// {stray} is an argument by which the strays are found.
func killables() []killable {
	return []killable{
		{"server", []string{"--", "sh", "-c", `setsid env -i sleep {stray} & trap '' TERM; oizys peer server "$0"`, "{socket}"}},
		{"server that daemonises", []string{"--", "sh", "-c", `setsid env -i sleep {stray} & exec oizys faulty server daemonises "$0"`, "{socket}"}},
		{"client", []string{"--role", "client", "--", "sh", "-c", `setsid env -i sleep {stray} & exec oizys peer client -e "$0" -m "$1"`, "{socket}", "{message}"}},
	}
}

// A runner that is killed by SIGKILL, at whatever moment, leaves no process and no file. `go test -run - -bench Kill
// -benchtime 100x` does this more often.
func TestKilledRunnerLeavesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the program many times")
	}
	t.Parallel()
	for _, k := range killables() {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			k.run(t, seededMoments(1, 3))
		})
	}
}

func BenchmarkKill(b *testing.B) {
	for _, k := range killables() {
		b.Run(k.name, func(b *testing.B) { k.run(b, seededMoments(rand.Uint64(), b.N)) })
	}
}

// seededMoments returns when to kill, from the program's start on.
func seededMoments(seed uint64, n int) []time.Duration {
	chance, all := rand.New(rand.NewPCG(seed, 0)), make([]time.Duration, n)
	for i := range all {
		all[i] = time.Duration(chance.Int64N(int64(1200 * time.Millisecond)))
	}
	return all
}

func (k killable) run(t testing.TB, moments []time.Duration) {
	t.Helper()
	for _, moment := range moments {
		k.kill(t, moment)
	}
}

// kill starts the program, kills it at the moment, and requires that nothing is left.
func (k killable) kill(t testing.TB, moment time.Duration) {
	t.Helper()
	work, temporary := t.TempDir(), shortDir(t)
	stray := strconv.FormatUint(1e9+rand.Uint64N(1e9), 10)
	args := []string{"certify", "--report", "json=report.json", "--report", "junit=report.xml"}
	for _, arg := range k.command {
		args = append(args, strings.ReplaceAll(arg, "{stray}", stray))
	}
	cmd := exec.Command("oizys", args...) // testscript has put this binary in the path under that name
	cmd.Dir = work
	cmd.Env = append(os.Environ(), "TMPDIR="+temporary)
	cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-time.After(moment):
		require.NoError(t, cmd.Process.Kill())
		require.Error(t, <-ended)
	case err := <-ended: // it was quicker, and is to leave nothing then but its reports
		require.NoError(t, err)
		require.NoError(t, os.Remove(filepath.Join(work, "report.json")))
		require.NoError(t, os.Remove(filepath.Join(work, "report.xml")))
	}
	var left []string
	for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(5 * time.Millisecond) {
		if left = append(filesIn(t, work, temporary), processesWith("TMPDIR="+temporary, stray)...); len(left) == 0 {
			return
		}
	}
	require.Empty(t, left, "killed after %v", moment)
}

func filesIn(t testing.TB, folders ...string) (all []string) {
	t.Helper()
	for _, folder := range folders {
		found, err := filepath.Glob(filepath.Join(folder, "*"))
		require.NoError(t, err)
		all = append(all, found...)
	}
	return all
}

// processesWith returns the command lines of the processes that run with an entry in their environment or an argument.
func processesWith(entry, arg string) (all []string) {
	folders, _ := filepath.Glob("/proc/[0-9]*") // a pattern without faults
	for _, folder := range folders {
		env, _ := os.ReadFile(filepath.Join(folder, "environ")) // of one that has ended it is empty
		args, _ := os.ReadFile(filepath.Join(folder, "cmdline"))
		if bytes.Contains(env, []byte(entry)) || bytes.Contains(args, []byte(arg)) {
			all = append(all, fmt.Sprintf("%s: %q", folder, args))
		}
	}
	return all
}

// shortDir makes a directory for sockets: the test's own may have too long a path.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "o")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}
