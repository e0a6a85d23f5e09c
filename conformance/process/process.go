// Package process runs the program under test: in a process group of its own, with its output drained and capped, and
// ended with everything that it started.
//
// Begin with [Start]. Linux only in its finer points: what a process uses is read from /proc, and processes that left
// their group are found by the tag in their environment.
package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Command is what to run.
type Command struct {
	Args []string // the program and its arguments; never empty
	Env  []string // added to the runner's own environment, as KEY=value
	Dir  string   // working directory; empty means the runner's
	// Tag is a KEY=value of Env that no other process has: by it, processes that the program started are found when they
	// have left its process group. Empty means that only the group is ended.
	Tag string
	// Capture, if positive, keeps stdout and stderr apart, up to that many bytes of each; Stdout and Stderr return them.
	Capture int
	// Input gives the program a standard input, which [Process.Input] writes to; else it has none.
	Input bool
}

// Process is a running or ended program. Its methods may be called concurrently.
type Process struct {
	command  Command
	cmd      *exec.Cmd
	output   *Output  // nil when captured
	stdout   *Capture // nil unless captured, like stderr
	stderr   *Capture
	pipes    *pipes
	input    *os.File      // nil unless its command asked for that
	done     chan struct{} // closed when the program itself has ended and been reaped
	status   syscall.WaitStatus
	endedAt  time.Time
	stop     sync.Once
	imitated bool // nothing runs

	mu    sync.Mutex
	watch Watcher
	over  bool // the program has ended, and watch was told if it was set
}

// Start runs the command. The error says which program could not be run and why. The program gets no standard input,
// unless asked for; its stdout and stderr are one stream, as on a terminal, unless they are captured. It is sent SIGKILL
// when the runner dies. It may be called concurrently.
func Start(c Command) (*Process, error) {
	p := &Process{command: c, done: make(chan struct{})}
	if err := p.openPipes(); err != nil {
		return nil, err
	}
	p.cmd = exec.Command(c.Args[0], c.Args[1:]...)
	p.cmd.Env = append(os.Environ(), c.Env...)
	p.cmd.Dir = c.Dir
	p.cmd.Stdout, p.cmd.Stderr = p.pipes.write[0], p.pipes.write[len(p.pipes.write)-1]
	p.cmd.SysProcAttr = ownGroup()
	theirs, err := p.openInput()
	if err != nil {
		p.pipes.closeWriters()
		p.pipes.closeReaders()
		return nil, err
	}

	started := make(chan error)
	go p.hold(started)
	err = <-started
	p.pipes.closeWriters()
	theirs.Close() // nil where there is no input
	if err != nil {
		p.input.Close() // likewise
		p.pipes.closeReaders()
		return nil, startError(c, err)
	}
	p.drain()
	return p, nil
}

// hold starts the program and waits for it on one thread: the parent-death signal is that of the thread that forked.
func (p *Process) hold(started chan<- error) {
	runtime.LockOSThread() // never unlocked: the thread ends with the goroutine, after the program
	err := p.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	_ = p.cmd.Wait() // the state says it all
	p.ended(p.cmd.ProcessState.Sys().(syscall.WaitStatus))
}

// ended notes how the program has ended, once.
func (p *Process) ended(status syscall.WaitStatus) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return
	}
	p.status, p.endedAt, p.over = status, time.Now(), true
	if p.watch != nil {
		p.watch.Exited()
	}
	close(p.done)
}

func startError(c Command, err error) error {
	program := c.Args[0]
	if _, missing := os.Stat(c.Dir); c.Dir != "" && missing != nil {
		return fmt.Errorf("cannot run %q: its working directory: %w", program, missing)
	}
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("cannot run %q: no such program in PATH; for one in this directory write ./%s", program, program)
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("cannot run %q: no such file, or the interpreter in its first line is missing", program)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("cannot run %q: it is not an executable file (chmod +x?)", program)
	case errors.Is(err, syscall.ENOEXEC):
		return fmt.Errorf("cannot run %q: neither a program of this machine nor a script with a #! line", program)
	default:
		return fmt.Errorf("cannot run %q: %w", program, err)
	}
}

// Pid returns the program's process ID, which of an imitation is none that a process has.
func (p *Process) Pid() int {
	if p.imitated {
		return -1
	}
	return p.cmd.Process.Pid
}

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Ended reports whether the program has ended.
func (p *Process) Ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// EndedAt returns when the program was seen to have ended; it is zero while the program runs.
func (p *Process) EndedAt() time.Time {
	if !p.Ended() {
		return time.Time{}
	}
	return p.endedAt
}

// Exit says how the program ended, such as "exit status 1" or "signal SIGPIPE"; it is empty while the program runs.
func (p *Process) Exit() string {
	if !p.Ended() {
		return ""
	}
	if p.status.Signaled() {
		text := "signal " + signalName(p.status.Signal())
		if p.status.CoreDump() {
			text += " (core dumped)"
		}
		return text
	}
	return fmt.Sprintf("exit status %d", p.status.ExitStatus())
}

// Status returns the status with which the program has ended, or -1 while it runs and when a signal ended it.
func (p *Process) Status() int {
	if !p.Ended() {
		return -1
	}
	return p.status.ExitStatus()
}

// WaitStatus returns how the program has ended, as wait(2) tells it; false while it runs.
func (p *Process) WaitStatus() (syscall.WaitStatus, bool) {
	if !p.Ended() {
		return 0, false
	}
	return p.status, true
}

// ExitedCleanly reports whether the program has ended with status 0.
func (p *Process) ExitedCleanly() bool {
	return p.Ended() && p.status.Exited() && p.status.ExitStatus() == 0
}

// Signal returns the signal that ended the program, or 0 while it runs and when none did.
func (p *Process) Signal() syscall.Signal {
	if p.Ended() && p.status.Signaled() {
		return p.status.Signal()
	}
	return 0
}

// Output returns what the program has printed, capped: its beginning and its end.
func (p *Process) Output() string {
	if p.output == nil {
		return p.stdout.String() + p.stderr.String()
	}
	return p.output.String()
}

// Stop ends the program and all that it started: SIGTERM to its group, then, after grace, SIGKILL to everything that is
// left. It returns when they are gone. Stopping again does nothing.
func (p *Process) Stop(grace time.Duration) {
	p.stop.Do(func() {
		if p.imitated {
			p.forgo()
			return
		}
		_ = syscall.Kill(-p.Pid(), syscall.SIGTERM) // gone already: nothing to end
		_ = syscall.Kill(-p.Pid(), syscall.SIGCONT) // one that is stopped is to hear of it, too
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-p.done:
		case <-timer.C:
		}
		_ = syscall.Kill(-p.Pid(), syscall.SIGKILL) // likewise
		<-p.done
		reapGroup(p.Pid())
		if p.command.Tag != "" {
			EndTagged(p.command.Tag)
		}
		p.AwaitOutput(drainGrace)
		p.pipes.closeReaders()
		p.input.Close() // nil where there is none
	})
}

// drainGrace is how long the last output may take to come through the pipe after everything that writes to it is dead.
const drainGrace = 200 * time.Millisecond

func signalName(s syscall.Signal) string {
	names := map[syscall.Signal]string{
		syscall.SIGHUP: "SIGHUP", syscall.SIGINT: "SIGINT", syscall.SIGQUIT: "SIGQUIT", syscall.SIGILL: "SIGILL",
		syscall.SIGTRAP: "SIGTRAP", syscall.SIGABRT: "SIGABRT", syscall.SIGBUS: "SIGBUS", syscall.SIGFPE: "SIGFPE",
		syscall.SIGKILL: "SIGKILL", syscall.SIGSEGV: "SIGSEGV", syscall.SIGPIPE: "SIGPIPE", syscall.SIGALRM: "SIGALRM",
		syscall.SIGTERM: "SIGTERM", syscall.SIGXCPU: "SIGXCPU", syscall.SIGXFSZ: "SIGXFSZ", syscall.SIGSYS: "SIGSYS",
	}
	if name, ok := names[s]; ok {
		return name
	}
	return fmt.Sprintf("%d (%s)", int(s), strings.ToLower(s.String()))
}
