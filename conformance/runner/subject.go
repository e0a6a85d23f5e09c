package runner

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/transport"
	"github.com/oizys-protocol/oizys/spec"
)

// subject is the peer under test: a process that is started, watched and started anew, or a server that runs already.
// It is used by one goroutine at a time, save for alive.
type subject struct {
	command []string // empty for an attached server
	perCase bool     // each case starts it, once for each session, and here is nothing to watch
	wait    time.Duration
	env     []string // more of the peer's environment
	cwd     string   // its working directory; empty means the runner's
	dir     string
	tag     string // in the environment of all that is started
	socket  string
	proc    *process.Process // nil also for one that was stopped for good reason, until it is started again
	spoiled string           // what was done to it so that nothing that it does next counts, or empty
	tabled  bool             // the system's table shows the listening socket
	starts  int
	serial  *atomic.Int64 // of the last socket
	took    time.Duration // how long the last start took
	output  string        // of the last process that ended
	exit    string
	told    bool // that one was told to end, and did
	crashed bool // that one was ended by a signal which a program brings upon itself
}

// newSubject prepares a peer; close must follow.
func newSubject(o Options) (*subject, error) {
	perCase := o.Role != spec.Server || o.Restart == RestartAlways
	s := &subject{command: o.Command, perCase: perCase, wait: o.StartTimeout, socket: o.Attach, serial: &atomic.Int64{}, env: o.Env, cwd: o.Dir}
	if o.Attach != "" {
		return s, nil
	}
	for _, base := range []string{cmp.Or(o.temporary, os.TempDir()), "/tmp"} {
		base, err := filepath.Abs(base) // the peer may have another working directory
		if err != nil {
			return nil, fmt.Errorf("%w: no directory for the socket: %v", ErrUsage, err)
		}
		dir := filepath.Join(base, "oizys-"+strconv.FormatUint(rand.Uint64(), 36))
		if len(filepath.Join(dir, "999999.sock")) > spec.MaxSocketPath {
			continue // TMPDIR is too long for a socket
		}
		s.dir, s.tag = dir, "OIZYS_RUN="+dir
		if err := o.Guard.Keep(dir, s.tag); err != nil { // before it exists, so that it is never without a guard
			return nil, err
		}
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, fmt.Errorf("%w: no directory for the socket: %v", ErrUsage, err)
		}
		return s, nil
	}
	return nil, fmt.Errorf("%w: no directory with a path short enough for a socket (at most %d bytes); set TMPDIR to a shorter one", ErrUsage, spec.MaxSocketPath)
}

func (s *subject) attached() bool { return len(s.command) == 0 }

// start starts the peer and waits until it listens. Errors wrap ErrUsage when it could not be run and ErrNoPeer when it
// did not listen; both say what it printed.
func (s *subject) start(ctx context.Context) error {
	if s.perCase {
		return nil
	}
	if s.attached() {
		s.starts = 1
		s.tabled = shown(s.socket)
		return s.attachable(ctx)
	}
	s.starts++
	s.socket = filepath.Join(s.dir, fmt.Sprintf("%d.sock", s.serial.Add(1)))
	tag := "OIZYS_SOCKET=" + s.socket
	begin := time.Now()
	proc, err := process.Start(process.Command{Args: substitute(s.command, s.socket), Env: append([]string{tag, s.tag}, s.env...), Tag: tag, Dir: s.cwd})
	if err != nil {
		return fmt.Errorf("%w: %v", ErrUsage, err)
	}
	s.proc, s.spoiled = proc, ""
	if err := s.listening(ctx, tag); err != nil {
		s.stop()
		if ctx.Err() == nil {
			err = withOutput(err, "it printed", s.output)
		}
		return err
	}
	s.took = time.Since(begin)
	s.tabled = shown(s.socket)
	return nil
}

// attachable reports whether somebody listens at the socket of an attached server. The error wraps ErrNoPeer.
func (s *subject) attachable(ctx context.Context) error {
	if s.tabled {
		return nil
	}
	c, err := transport.Dial(ctx, s.socket, "is it there?", floorPatience)
	switch {
	case err == nil:
		c.Close()
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("%w: nobody listens at %q: the server has ended and left its socket behind", ErrNoPeer, s.socket)
	case !errors.Is(err, syscall.EAGAIN): // one that is too busy to accept is there
		return fmt.Errorf("%w: %v", ErrNoPeer, err)
	}
	return nil
}

// sibling returns another peer of the same command, in the same directory, which is to be stopped and not closed.
func (s *subject) sibling() *subject {
	return &subject{command: s.command, wait: s.wait, dir: s.dir, tag: s.tag, serial: s.serial, env: s.env, cwd: s.cwd}
}

func substitute(command []string, socket string) []string {
	args := make([]string, len(command))
	for i, word := range command {
		args[i] = strings.ReplaceAll(word, "{socket}", socket)
	}
	return args
}

// listening waits until the peer listens. A peer that has ended with status 0 may have left a daemon that does.
func (s *subject) listening(ctx context.Context, tag string) error {
	begin, gone := time.Now(), time.Time{}
	for pause := 500 * time.Microsecond; ; pause = min(pause*3/2, 20*time.Millisecond) {
		if s.listens(ctx, time.Since(begin)) {
			return nil
		}
		switch {
		case !s.proc.Ended() || s.proc.ExitedCleanly() && process.Tagged(tag):
			gone = time.Time{}
		case gone.IsZero() && s.proc.ExitedCleanly():
			gone = time.Now() // a daemon shows no environment while it executes another program
		case !s.proc.ExitedCleanly() || time.Since(gone) > daemonGrace:
			return fmt.Errorf("%w: it ended (%s) before it listened at the socket that it was given%s", ErrNoPeer, s.proc.Exit(), noSocketIn(s.command))
		}
		if time.Since(begin) > s.wait {
			s.quit() // where it hangs is in what it prints
			return fmt.Errorf("%w: it did not listen at %s within %v; does the command pass on {socket}, or read OIZYS_SOCKET?", ErrNoPeer, s.socket, s.wait)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// daemonGrace is how long nothing of a peer that has ended with status 0 may be seen before it is given up.
const daemonGrace = 300 * time.Millisecond

// listens looks for the listening socket in the system's table, which disturbs nobody. Where the table cannot show it
// (another network namespace), a connection shows it, after a while.
func (s *subject) listens(ctx context.Context, waited time.Duration) bool {
	if _, err := os.Stat(s.socket); err != nil {
		return false
	}
	found, readable := inTable(s.socket)
	if found || readable && waited < time.Second {
		return found
	}
	c, err := transport.Dial(ctx, s.socket, "is it there?", floorPatience)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// inTable reports whether the system's table of Unix sockets shows one that listens at path, and whether there is one.
func inTable(path string) (found, readable bool) {
	const acceptsConnections = "00010000"
	table, err := os.ReadFile("/proc/net/unix")
	for line := range bytes.Lines(table) {
		// Num, RefCount, Protocol, Flags, Type, St and Inode, then the path, which may have spaces of its own.
		if fields := bytes.Fields(line); len(fields) < 8 || string(fields[3]) != acceptsConnections {
			continue
		}
		if before, ok := bytes.CutSuffix(line, []byte(" "+path+"\n")); ok && len(bytes.Fields(before)) == 7 {
			return true, true
		}
	}
	return false, err == nil
}

// shown reports whether the table shows the socket in one of a few looks: one look can miss a socket while others come
// and go.
func shown(path string) bool {
	for look := range 5 {
		if look > 0 {
			time.Sleep(time.Millisecond)
		}
		if found, readable := inTable(path); found || !readable {
			return found
		}
	}
	return false
}

// alive reports whether the peer is there, as far as can be told: its process runs, or, for a daemon and an attached
// server, its socket listens.
func (s *subject) alive() bool {
	switch {
	case s.perCase:
		return true
	case s.proc != nil && !s.proc.Ended():
		return !s.stopped()
	case s.proc != nil && !s.proc.ExitedCleanly(), s.proc == nil && !s.attached():
		return false
	case !s.tabled:
		return true // the system does not show it; a refused connection will
	default:
		return shown(s.socket)
	}
}

// stopped reports whether the peer's process was stopped by a signal: it does nothing more.
func (s *subject) stopped() bool {
	return s.proc != nil && !s.proc.Ended() && process.Stopped(s.proc.Pid())
}

// stop ends the peer and keeps what it printed and how it ended.
func (s *subject) stop() { s.stopWithin(stopGrace) }

// stopWithin is stop with another time for the peer to end by itself when it is told to.
func (s *subject) stopWithin(grace time.Duration) {
	if s.proc == nil {
		return
	}
	s.told = !s.proc.Ended() && s.spoiled == ""
	s.proc.Stop(grace)
	s.output, s.exit, s.crashed = s.proc.Output(), s.proc.Exit(), crash(s.proc.Signal())
	if s.spoiled != "" {
		s.exit += ", " + s.spoiled
	}
	s.proc = nil
}

// ending says how the last process ended, and whether it was the suite that ended it.
func (s *subject) ending() string {
	if s.told {
		return s.exit + ", when the suite ended it"
	}
	return s.exit
}

// quit has the peer say where it hangs. It must be stopped next.
func (s *subject) quit() string {
	s.spoiled = "after the SIGQUIT that it was sent because it hung"
	return s.proc.Quit()
}

// rests reports whether the peer was stopped and is to be started again before it is asked for anything.
func (s *subject) rests() bool { return !s.perCase && !s.attached() && s.proc == nil }

// printed returns what the peer has printed.
func (s *subject) printed() string {
	if s.proc != nil {
		return s.proc.Output()
	}
	return s.output
}

// close ends the peer and removes its directory.
func (s *subject) close() error {
	s.stop()
	if s.dir == "" {
		return nil
	}
	if err := os.RemoveAll(s.dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("removing the socket's directory: %w", err)
	}
	return nil
}
