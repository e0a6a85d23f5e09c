package runner

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
)

// Peer is a server that is started, watched and started anew, for those who judge it by other means than cases. It is used
// by one goroutine at a time, save for Alive.
type Peer struct{ s *subject }

// NewPeer prepares a server; Close must follow. In the command "{socket}" stands for the socket's path, which is in the
// environment, too, as OIZYS_SOCKET. Wait is how long the server may take to listen; 0 means 15 s. Guard may be nil. The error wraps ErrUsage.
func NewPeer(command []string, wait time.Duration, guard *process.Guard) (*Peer, error) {
	o := Options{Command: command, StartTimeout: wait, Guard: guard}
	if err := o.check(); err != nil {
		return nil, err
	}
	s, err := newSubject(o)
	if err != nil {
		return nil, err
	}
	s.env = sanitizers(os.LookupEnv)
	return &Peer{s}, nil
}

// sanitizers returns what makes the sanitizers of C, C++, Rust and Go end a peer at what they find, unless the user has
// said something else.
func sanitizers(set func(string) (string, bool)) []string {
	var env []string
	for _, option := range [][2]string{
		{"ASAN_OPTIONS", "exitcode=66:detect_leaks=0"}, {"UBSAN_OPTIONS", "halt_on_error=1:print_stacktrace=1"},
		{"TSAN_OPTIONS", "halt_on_error=1"}, {"MSAN_OPTIONS", "exitcode=66"}, {"GORACE", "halt_on_error=1"},
	} {
		if _, already := set(option[0]); !already {
			env = append(env, option[0]+"="+option[1])
		}
	}
	return env
}

// SetEnv adds to the server's environment, as KEY=value, from its next start on.
func (p *Peer) SetEnv(env ...string) { p.s.env = append(p.s.env, env...) }

// Start starts the server and waits until it listens. Errors wrap ErrUsage when it could not be run and ErrNoPeer when it
// did not listen; both say what it printed.
func (p *Peer) Start(ctx context.Context) error { return p.s.start(ctx) }

// Socket is where the server listens, another at each start.
func (p *Peer) Socket() string { return p.s.socket }

// Dir is the directory of the server's sockets; Close removes it.
func (p *Peer) Dir() string { return p.s.dir }

// Alive reports whether the server is there, as far as can be told.
func (p *Peer) Alive() bool { return p.s.alive() }

// Pid returns the process ID of the program that was started, or 0.
func (p *Peer) Pid() int {
	if p.s.proc == nil {
		return 0
	}
	return p.s.proc.Pid()
}

// Busy reports whether the server is at work.
func (p *Peer) Busy() bool { return p.s.proc != nil && process.Busy(p.s.proc.Pid()) }

// AwaitEnd gives a server that may be on its way out the time to end, and reports whether it has.
func (p *Peer) AwaitEnd(limit time.Duration) bool {
	if p.s.proc == nil {
		return true
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.s.proc.Done():
		return !p.s.alive()
	case <-timer.C:
		return false
	}
}

// Printed returns what the server has printed since its last start, capped.
func (p *Peer) Printed() string { return p.s.printed() }

// Exit says how the server has ended; it is empty while it runs.
func (p *Peer) Exit() string {
	if p.s.proc != nil {
		return p.s.proc.Exit()
	}
	return p.s.exit
}

// EndedFromOutside reports whether a signal has ended the server that programs do not bring upon themselves.
func (p *Peer) EndedFromOutside() bool {
	if p.s.proc == nil {
		return false
	}
	switch p.s.proc.Signal() {
	case syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP:
		return true
	default:
		return false
	}
}

// Stop ends the server and everything that it started; it can be started anew.
func (p *Peer) Stop() { p.s.stop() }

// Close stops the server and removes its directory.
func (p *Peer) Close() error {
	if err := p.s.close(); err != nil {
		return fmt.Errorf("after the peer: %w", err)
	}
	return nil
}
