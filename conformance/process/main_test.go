package process

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// TestMain makes this test binary one of several small programs when it is started with the variable set.
func TestMain(m *testing.M) {
	if role := os.Getenv("OIZYS_PROCESS_TEST"); role != "" {
		os.Exit(program(role, os.Args[1:]))
	}
	if err := Adopt(); err != nil { // as the runner does
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	goleak.VerifyTestMain(m)
}

// program is what the test binary does in place of testing.
func program(role string, args []string) int {
	switch role {
	case "floods": // prints numbered lines, far more than a pipe holds
		out := bufio.NewWriter(os.Stdout)
		for i := range 200_000 {
			fmt.Fprintf(out, "line %06d\n", i)
		}
		out.Flush()
	case "threads": // holds 20 threads, says so in the FIFO and stays
		for range 20 {
			up := make(chan struct{})
			go func() {
				runtime.LockOSThread()
				close(up)
				for {
					time.Sleep(time.Hour)
				}
			}()
			<-up
		}
		return stay(args[0], os.Getpid())
	case "daemon": // starts a process in a session of its own, which says its ID in the FIFO and stays; then ends
		cmd := exec.Command("/bin/sh", "-c", `echo $$ > "$0"; exec sleep 1000`, args[0])
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := cmd.Start(); err != nil {
			return 2
		}
	case "runner": // runs a program, says its ID in the FIFO and stays
		p, err := Start(Command{Args: []string{"sleep", "1000"}})
		if err != nil {
			return 2
		}
		return stay(args[0], p.Pid())
	case "guard":
		if err := StandGuard(os.Stdin); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 3
		}
	case "guarded": // has a guard, makes the directory, runs the script, which is given the FIFO, and stays or ends
		return guarded(args[0], args[1], args[2], args[3] == "stays")
	default:
		return 2
	}
	return 0
}

func guarded(dir, script, fifo string, stays bool) int {
	if os.Setenv("OIZYS_PROCESS_TEST", "guard") != nil || Adopt() != nil {
		return 2
	}
	g, err := StartGuard(os.Args[0])
	if err != nil {
		return 2
	}
	if g.Keep(dir, "GUARDED="+dir) != nil || os.Mkdir(dir, 0o700) != nil {
		return 2
	}
	p, err := Start(Command{Args: []string{"/bin/sh", "-c", script, fifo}, Env: []string{"GUARDED=" + dir}})
	if err != nil {
		return 2
	}
	if stays {
		return stay(fifo, p.Pid())
	}
	g.Close()
	return 0
}

func stay(fifo string, pid int) int {
	if err := os.WriteFile(fifo, fmt.Appendln(nil, pid), 0); err != nil {
		return 2
	}
	for {
		time.Sleep(time.Hour)
	}
}

// long is the limit of waits that are not meant to come to their end.
const long = 30 * time.Second

// start runs a command and ends it with the test.
func start(t testing.TB, c Command) *Process {
	t.Helper()
	p, err := Start(c)
	require.NoError(t, err)
	t.Cleanup(func() { p.Stop(0) })
	return p
}

// sh runs a script, whose $0 is arg.
func sh(t testing.TB, script, arg string) *Process {
	t.Helper()
	return start(t, Command{Args: []string{"/bin/sh", "-c", script, arg}})
}

// self runs this test binary as one of its programs.
func self(t testing.TB, role string, args ...string) *Process {
	t.Helper()
	return start(t, Command{Args: append([]string{os.Args[0]}, args...), Env: []string{"OIZYS_PROCESS_TEST=" + role}})
}

func ended(t testing.TB, p *Process) {
	t.Helper()
	limit := time.NewTimer(long)
	defer limit.Stop()
	select {
	case <-p.Done():
	case <-limit.C:
		require.Fail(t, "the program has not ended", p.Output())
	}
}

// fifo is a named pipe through which programs say that they are where the test wants them.
type fifo struct {
	path  string
	file  *os.File
	lines *bufio.Reader
}

func newFIFO(t testing.TB) *fifo {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, unix.Mkfifo(path, 0o600))
	file, err := os.OpenFile(path, os.O_RDWR, 0) // so that neither side waits for the other to open it
	require.NoError(t, err)
	t.Cleanup(func() { file.Close() })
	require.NoError(t, file.SetReadDeadline(time.Now().Add(long)))
	return &fifo{path, file, bufio.NewReader(file)}
}

// pid returns the process ID that the next line holds.
func (f *fifo) pid(t testing.TB) int {
	t.Helper()
	line, err := f.lines.ReadString('\n')
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	require.NoError(t, err)
	return pid
}

// eventually asks until the answer is yes.
func eventually(t testing.TB, what string, yes func() bool) {
	t.Helper()
	for begin := time.Now(); !yes(); time.Sleep(time.Millisecond) {
		if time.Since(begin) > long {
			require.Fail(t, "never came about: "+what)
		}
	}
}

// gone requires that a process is there no more, not even as a zombie.
func gone(t testing.TB, pid int) {
	t.Helper()
	_, err := readStat(pid)
	require.ErrorIs(t, err, os.ErrNotExist, "process %d", pid)
}
