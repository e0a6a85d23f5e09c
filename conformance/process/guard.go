package process

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

// Guard is a small process beside the runner. When the runner is gone, by whatever cause, the guard ends every process
// that the runner has started and that still runs, also those that have left their process group, and removes the
// runner's directories. Its methods may be called concurrently, and on nil, where they do nothing.
type Guard struct {
	cmd  *exec.Cmd
	pipe *os.File // it is closed when the runner is gone
}

// StartGuard starts a guard: command, whose program is named by an absolute path, must call [StandGuard]. All that this
// process starts from then on is the guard's to end. The guard is in a session of its own, so that what is typed at a
// terminal does not reach it. The error says that it could not be started.
func StartGuard(command ...string) (*Guard, error) {
	in, pipe, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("starting the guard: %w", err)
	}
	defer in.Close()
	g := &Guard{cmd: exec.Command(command[0], command[1:]...), pipe: pipe}
	g.cmd.Stdin, g.cmd.Dir = in, "/"
	g.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := g.cmd.Start(); err != nil {
		pipe.Close()
		return nil, fmt.Errorf("starting the guard: %w", err)
	}
	return g, g.say("limit", strconv.FormatUint(markLimit(rand.Uint64()), 10))
}

// Keep makes a directory, which need not exist yet, and every process whose environment holds tag the guard's to clear
// away. The error says that the guard is gone.
func (g *Guard) Keep(dir, tag string) error {
	if g == nil {
		return nil
	}
	return errors.Join(g.say("tag", tag), g.say("dir", dir))
}

func (g *Guard) say(word, arg string) error {
	if _, err := fmt.Fprintf(g.pipe, "%s %q\n", word, arg); err != nil {
		return fmt.Errorf("the guard is gone: %w", err)
	}
	return nil
}

// Close has the guard clear away what is left, and waits until it has done so and ended.
func (g *Guard) Close() {
	if g == nil {
		return
	}
	g.pipe.Close()
	_ = g.cmd.Wait() // it has nothing to say that could be acted upon
}

// StandGuard is what a guard's process does: it reads from in, the pipe that [StartGuard] gives it as its standard input,
// until the runner is gone, and clears away what that has left. The error says what of it was left, and which lines were
// nothing that a guard is told; those are passed over.
func StandGuard(in io.Reader) error {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	runner := os.Getppid()
	var kept keeping
	var errs []error
	lines := bufio.NewReader(in)
	for gone := false; !gone; {
		line, err := lines.ReadString('\n')
		if line != "" {
			errs = append(errs, kept.hear(strings.TrimSuffix(line, "\n")))
		}
		if gone = err != nil; gone && !errors.Is(err, io.EOF) {
			errs = append(errs, err)
		}
	}
	kept.endAll(runner, endLimit)
	for _, dir := range kept.dirs {
		errs = append(errs, os.RemoveAll(dir))
	}
	return errors.Join(errs...)
}

// keeping is what a guard clears away.
type keeping struct {
	household
	dirs []string
}

// hear takes a line of what the runner says.
func (k *keeping) hear(line string) error {
	word, quoted, _ := strings.Cut(line, " ")
	arg, err := strconv.Unquote(quoted)
	switch {
	case err != nil:
	case word == "limit":
		k.limit, err = strconv.ParseUint(arg, 10, 64)
	case word == "tag":
		k.tags = append(k.tags, arg)
	case word == "dir":
		k.dirs = append(k.dirs, arg)
	default:
		err = errors.New("unknown word")
	}
	if err != nil {
		return fmt.Errorf("%q is nothing that a guard is told: %w", line, err)
	}
	return nil
}
