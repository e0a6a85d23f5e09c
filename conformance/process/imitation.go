package process

import (
	"os"
	"syscall"
)

// Imitation is what says how a process behaves that is none: what it prints, and how it ends. Its methods are for one
// goroutine at a time.
type Imitation struct {
	process *Process
	input   *os.File
}

// Imitate returns a captured process of which nothing runs. Of each stream the first keep bytes are kept. With input, it
// has a standard input, which is [Imitation.Input] at the other end. Stop ends it. The error is that of making a pipe for the
// input.
func Imitate(keep int, input bool) (*Process, *Imitation, error) {
	p := &Process{imitated: true, done: make(chan struct{}), stdout: newCapture(keep), stderr: newCapture(keep)}
	i := &Imitation{process: p}
	if input {
		var err error
		if i.input, p.input, err = os.Pipe(); err != nil {
			return nil, nil, err
		}
	}
	return p, i, nil
}

// Print has the process print on one of its streams, which it must not have closed.
func (i *Imitation) Print(stderr bool, b []byte) { i.stream(stderr).add(b) }

// EndOutput has the process close one of its streams.
func (i *Imitation) EndOutput(stderr bool) { i.stream(stderr).end() }

func (i *Imitation) stream(stderr bool) *Capture {
	if stderr {
		return i.process.stderr
	}
	return i.process.stdout
}

// Exit has the process end, unless it has ended or was stopped before.
func (i *Imitation) Exit(status syscall.WaitStatus) { i.process.ended(status) }

// Input returns what the process reads, nil if it has no input. Whoever takes it closes it.
func (i *Imitation) Input() *os.File { return i.input }

// forgo ends an imitation as a kill would.
func (p *Process) forgo() {
	p.ended(syscall.WaitStatus(syscall.SIGKILL))
	p.stdout.end()
	p.stderr.end()
	p.input.Close() // nil where there is none
}
