// Package runner puts a peer through the cases of the suite and makes a report of what came of them.
//
// Begin with [Run]. It starts the peer, finds out how quick it is and how many sessions it serves at once, runs the
// cases beside each other where that is possible, and believes no failure that it has not seen again with nothing else
// going on. A peer that dies is started anew, and the case that killed it is found by running the suspects alone.
package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/oizys-protocol/oizys/conformance/known"
	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
)

// ErrUsage is wrapped by errors that the caller's options cause: nothing was run.
var ErrUsage = errors.New("usage")

// ErrNoPeer is wrapped by errors of a peer that could not be brought to listen: nothing was judged.
var ErrNoPeer = errors.New("the peer did not begin to listen")

// Options say what to run. The zero value of each field but Command and Attach is a default.
type Options struct {
	// Role is what the peer is: a server, which is the default, or a client.
	Role spec.Role
	// Command is the peer's command line; "{socket}" in it stands for the socket's path and, in a client's, "{message}"
	// for the text to send. Exactly one of Command and Attach must be set.
	Command []string
	// Attach is the socket of a server that is already running.
	Attach string
	// Env are variables of the command's environment beside the runner's own, as NAME=VALUE; Dir is its working directory,
	// which a relative path of the program is looked for in, too. Empty means the runner's.
	Env []string
	Dir string
	// Embedded says that Command is the built-in reference, which the report then calls so.
	Embedded bool
	// Only and Skip are patterns of case IDs; no Only means all. In a pattern * stands for anything but a slash, ** for
	// anything; a pattern that matches the beginning of an ID up to a slash matches it.
	Only, Skip []string
	// Tier is how much is done; empty means suite.Default. The exhaustive tier is for servers.
	Tier suite.Tier
	// Known is the list of failures that are expected.
	Known known.List
	// Shard is the part of the chosen cases to run; the zero value means all of them.
	Shard Shard
	// Seed determines everything that is random; 0 is a seed like any other.
	Seed uint64
	// Jobs is how many cases run beside each other; 0 means as many as serve the run best.
	Jobs int
	// Timeout is how long the peer may go without progress; 0 means a deadline made from its round trips, at least 1 s.
	Timeout time.Duration
	// StartTimeout is how long the peer may take to listen; 0 means 15 s.
	StartTimeout time.Duration
	// Strict makes warnings failures.
	Strict bool
	// Repeat is how often every case is run; 0 means once.
	Repeat int
	// Version is the suite's version, for the report.
	Version string
	// Program is the words with which a shell calls this program, for the commands that run a case again; none means
	// oizys.
	Program []string
	// Restart says when a server is started anew; the zero value is RestartNeeded.
	Restart Restart
	// Hold is called once, with the peer of the first case that fails and, if none does, at the end of the run; it keeps
	// the peer until it returns, which it does when the context ends. Nil means that no peer is kept.
	Hold func(context.Context, Held)
	// Guard clears away what the run has started and made when the runner is killed; nil means that nobody does.
	Guard *process.Guard
	// Progress is told how the run goes; nil means that nobody is.
	Progress Progress

	temporary string // where the directory of the sockets is made; empty means the system's place for such
}

// Progress is told how a run goes. Its methods may be called concurrently.
type Progress interface {
	Begin(total int)
	Done(c report.Case)
	Note(format string, args ...any)
	End()
}

type silent struct{}

func (silent) Begin(int)           {}
func (silent) Done(report.Case)    {}
func (silent) Note(string, ...any) {}
func (silent) End()                {}

const (
	floorPatience    = time.Second
	defaultStart     = 15 * time.Second
	confirmFactor    = 3                // how much longer a case may take when it is run again alone
	confirmBudget    = 10 * time.Second // for missing a deadline again, alone
	freshBudget      = 8 * time.Second  // for starting peers anew only to run a failed case again
	stalledPerFamily = 2                // cases of one family that may miss a deadline before the rest of it waits
	defaultJobs      = 8
	stopGrace        = 500 * time.Millisecond
)

func (o *Options) check() error {
	switch {
	case len(o.Command) > 0 && o.Attach != "":
		return fmt.Errorf("%w: a peer is either attached to or started, not both: leave out --attach or the command", ErrUsage)
	case len(o.Command) == 0 && o.Attach == "":
		return fmt.Errorf("%w: no peer: give a command to run, or a socket to attach to", ErrUsage)
	case o.Attach != "" && o.Hold != nil:
		return fmt.Errorf("%w: an attached server runs on by itself: leave out --hold", ErrUsage)
	case o.Jobs < 0, o.Repeat < 0, o.Timeout < 0, o.StartTimeout < 0:
		return fmt.Errorf("%w: jobs, repeat and timeouts are 0 or more", ErrUsage)
	}
	if err := errors.Join(o.Shard.check(), o.checkRole(), o.checkRestart(), o.checkSurroundings()); err != nil {
		return err
	}
	switch {
	case o.Tier == "":
		o.Tier = suite.Default
	case !o.Tier.Valid():
		return fmt.Errorf("%w: the tier %q is unknown; it is quick, default or exhaustive", ErrUsage, o.Tier)
	case o.Tier == suite.Exhaustive && (o.Role != spec.Server || o.Restart == RestartAlways):
		return fmt.Errorf("%w: the exhaustive tier is for servers that serve many sessions; leave out --tier", ErrUsage)
	}
	if o.StartTimeout == 0 {
		o.StartTimeout = defaultStart
	}
	if o.Repeat == 0 {
		o.Repeat = 1
	}
	if o.Progress == nil {
		o.Progress = silent{}
	}
	return nil
}

func checkAttach(path string) error {
	if len(path) > spec.MaxSocketPath {
		return fmt.Errorf("%w: the socket path %q has %d bytes, and at most %d fit; use a shorter one", ErrUsage, path, len(path), spec.MaxSocketPath)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%w: there is nothing at %q: is the server running, and is this the path it listens at?", ErrUsage, path)
	case err != nil:
		return fmt.Errorf("%w: %v", ErrUsage, err)
	case info.Mode()&os.ModeSocket == 0:
		return fmt.Errorf("%w: %q is no socket; give the path that the server listens at", ErrUsage, path)
	}
	return nil
}

// replay returns a command line that runs one case alone, or with the few others that it takes.
func (o *Options) replay(ids ...string) string {
	var which []string
	for _, id := range ids {
		which = append(which, "--case", id)
	}
	return o.again(which...)
}

// replayAll returns a command line that runs the same cases again, for what no case shows alone.
func (o *Options) replayAll() string {
	var which []string
	for _, only := range o.Only {
		which = append(which, "--case", only)
	}
	for _, skip := range o.Skip {
		which = append(which, "--skip", skip)
	}
	if o.Shard.Count > 0 {
		which = append(which, "--shard", fmt.Sprintf("%d/%d", o.Shard.Index, o.Shard.Count))
	}
	if o.Jobs > 0 {
		which = append(which, "--jobs", fmt.Sprint(o.Jobs))
	}
	if o.Repeat > 1 {
		which = append(which, "--repeat", fmt.Sprint(o.Repeat))
	}
	return o.again(which...)
}

// again returns a command line like the run's own, for the given choice of cases.
func (o *Options) again(which ...string) string {
	words := append(slices.Clone(o.Program), "certify")
	if len(o.Program) == 0 {
		words = []string{"oizys", "certify"}
	}
	if o.Role != spec.Server && o.Role != "" {
		words = append(words, "--role", string(o.Role))
	}
	words = append(words, which...)
	if o.Seed != 0 {
		words = append(words, "--seed", fmt.Sprint(o.Seed))
	}
	if o.Tier != suite.Default && o.Tier != "" {
		words = append(words, "--tier", string(o.Tier))
	}
	if o.Timeout != 0 {
		words = append(words, "--timeout", o.Timeout.String())
	}
	if o.Restart == RestartAlways {
		words = append(words, "--restart", string(o.Restart))
	}
	if o.Strict {
		words = append(words, "--strict")
	}
	words = append(words, o.surroundings()...)
	switch {
	case o.Attach != "":
		words = append(words, "--attach", o.Attach)
	case !o.Embedded:
		words = append(append(words, "--"), o.Command...)
	}
	return CommandLine(words)
}

// CommandLine joins words so that a POSIX shell reads them back as they are.
func CommandLine(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = quote(w)
	}
	return strings.Join(quoted, " ")
}

// quote writes a word so that a POSIX shell reads it back as it is.
func quote(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,:=@%+{}"
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
