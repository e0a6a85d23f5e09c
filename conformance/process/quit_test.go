package process

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestQuitReturnsWhatIsPrintedThen(t *testing.T) {
	for _, row := range []struct {
		name, script, printed string
		ends                  bool
	}{
		{"stacks, and the end", `trap 'echo stack; exit 2' QUIT; echo $$ > "$0"; while :; do sleep 1000 & wait; done`, "stack\n", true},
		{"stacks, and it goes on", `trap 'echo stack' QUIT; echo $$ > "$0"; while :; do sleep 1000 & wait; done`, "stack\n", false},
		{"nothing, and the end", `echo $$ > "$0"; exec sleep 1000`, "", true},
		{"nothing at all", `trap '' QUIT; echo $$ > "$0"; exec sleep 1000`, "", false},
		// The program ends behind its child, so that the child's words are there by then.
		{"from a child", `trap : QUIT; sh -c 'trap "echo stack; exit 2" QUIT; echo $$ > "$0"; while :; do sleep 1000 & wait; done' "$0"; true`, "stack\n", true},
		{"it is stopped", `trap 'echo stack' QUIT; echo $$ > "$0"; kill -STOP $$`, "", false},
		{"it never ends", `trap 'while :; do echo stack; done' QUIT; echo $$ > "$0"; while :; do sleep 1000 & wait; done`, "endless", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			f, dir := newFIFO(t), t.TempDir()
			p := start(t, Command{Args: []string{"/bin/sh", "-c", "ulimit -c unlimited; " + row.script, f.path}, Dir: dir})
			f.pid(t)
			if row.name == "it is stopped" {
				eventually(t, "its stop", func() bool { s, err := readStat(p.Pid()); return err == nil && s.state == "T" })
			}
			begin := time.Now()
			printed := p.Quit()
			require.Less(t, time.Since(begin), long)
			if row.printed == "endless" {
				require.Len(t, printed, stacksLimit)
			} else {
				require.Equal(t, row.printed, printed)
			}
			if row.ends {
				ended(t, p)
			} else {
				require.False(t, p.Ended())
			}
			p.Stop(0)
			left, err := filepath.Glob(filepath.Join(dir, "*"))
			require.NoError(t, err)
			require.Empty(t, left, "no core file")
		})
	}
}

func TestQuitOfAGoProgramShowsItsGoroutines(t *testing.T) {
	f := newFIFO(t)
	for _, capture := range []int{0, 1 << 20} {
		p := start(t, Command{Args: []string{os.Args[0], f.path}, Env: []string{"OIZYS_PROCESS_TEST=threads"}, Capture: capture})
		f.pid(t)
		require.Contains(t, p.Quit(), "goroutine 1 ")
		ended(t, p)
	}
}

// What a program has left behind is asked as well, whether the program itself has ended or not.
func TestQuitReachesADaemon(t *testing.T) {
	f := newFIFO(t)
	const tag = "OIZYS_TEST_TAG=asked"
	p := start(t, Command{
		Args: []string{"/bin/sh", "-c", `setsid -f sh -c 'trap "echo daemon" QUIT; echo $$ > "$0"; while :; do sleep 1000 & wait; done' "$0"`, f.path},
		Env:  []string{tag}, Tag: tag,
	})
	daemon := f.pid(t)
	ended(t, p)
	require.Equal(t, "daemon\n", p.Quit())
	require.NoError(t, syscall.Kill(daemon, 0))
}
