package process

import (
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	stacksLimit = 64 << 10               // bytes kept of what is printed on SIGQUIT
	stacksFirst = time.Second            // the longest wait for the first of them
	stacksPause = 200 * time.Millisecond // without another, after which they are complete
	stacksWhole = 3 * time.Second        // the longest wait for all
)

// Quit sends SIGQUIT to the program and all that it has started, and returns what they print then: the stacks of their
// threads, where the runtime prints them, the first 64 KiB. Go programs and most others end of it, Java's go on; whoever
// calls this is to stop the program next. It returns as soon as the program has ended, or is idle and prints nothing more,
// and leaves no core file.
func (p *Process) Quit() string {
	printed := newCapture(stacksLimit)
	p.tap(printed)
	defer p.tap(nil)
	ended := p.done
	if p.Ended() {
		ended = nil // what it left behind is meant
	}
	changed := printed.Changed() // before it is asked: it may be quick
	for _, pid := range p.Family() {
		// One byte is too little for a core file and, other than none, for a program that takes core files as well.
		_ = unix.Prlimit(pid, unix.RLIMIT_CORE, &unix.Rlimit{Cur: 1, Max: 1}, nil) // it may have ended meanwhile
		_ = syscall.Kill(pid, syscall.SIGQUIT)
	}
	whole, pause := time.NewTimer(stacksWhole), time.NewTimer(stacksFirst)
	defer whole.Stop()
	defer pause.Stop()
	for waiting := true; waiting; {
		select {
		case <-changed:
			changed = printed.Changed()
			pause.Reset(stacksPause)
		case <-ended:
			p.AwaitOutput(drainGrace)
			waiting = false
		case <-pause.C:
			// What is still at work may be about to print, or to end.
			if waiting = Running(p.Pid()) > 0; waiting {
				pause.Reset(stacksPause)
			}
		case <-whole.C:
			waiting = false
		}
	}
	return string(printed.Bytes())
}

// Family returns the processes that run of the program and of what it has started, as far as they can be seen.
func (p *Process) Family() []int {
	all := descendants(p.Pid())
	if !p.Ended() {
		all = append(all, p.Pid())
	}
	if p.command.Tag != "" {
		all = append(all, household{tags: []string{p.command.Tag}}.members(nil)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// tap gives what is printed from now on to c as well.
func (p *Process) tap(c *Capture) {
	if p.output != nil {
		p.output.tap(c)
		return
	}
	p.stdout.tap(c)
	p.stderr.tap(c)
}
