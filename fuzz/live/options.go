// Package live fuzzes a running peer over its socket: it makes streams, valid and invalid, plays them some ten thousand a
// second, and holds what the peer does against the model of the protocol. A failure is believed when it was seen again on
// a fresh peer, made as small as it gets, and saved with all that is needed to see it again.
//
// Begin with [Run]. Scenarios and how they are judged are package scenario's.
package live

import (
	"errors"
	"fmt"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/spec"
)

// ErrUsage is wrapped by errors that the caller's options cause: nothing was tried. It is [runner.ErrUsage].
var ErrUsage = runner.ErrUsage

// ErrNotJudged is wrapped by errors of peers that could not be tried, or not to the end.
var ErrNotJudged = errors.New("not judged")

// Options say what to fuzz, and for how long. The zero value of each field but Command is a default.
type Options struct {
	// Role is what the peer is: a server, which is the default, or a client.
	Role spec.Role
	// Command is the peer's command line, as for [runner.Options].
	Command []string
	// Embedded says that Command is the built-in reference, which replay commands then leave out.
	Embedded bool
	// Program is the words with which a shell calls this program, for replay commands; none means oizys.
	Program []string
	// Strict has a broken SHOULD count as found, as for [runner.Options]; otherwise it is a warning.
	Strict bool
	// Seed determines what is tried; 0 is a seed like any other.
	Seed uint64
	// Duration and Runs end the run: after a time, or a number of acts. With neither it goes on until it is interrupted.
	Duration time.Duration
	Runs     uint64
	// MaxFindings ends the run when so many kinds of failure were found, those that are warnings not counted; 0 means never.
	MaxFindings int
	// Shard is the part of all acts to try; the zero value means all of them.
	Shard runner.Shard
	// Restart says when a server is started anew; the zero value is when it has ended.
	Restart runner.Restart
	// Lanes is how many connections are played at once; 0 means as many as serve best, at most 8.
	Lanes int
	// MaxLength is the longest content sent, in bytes; 0 means the protocol's limit, and for a client 65,536 in most answers and
	// as much as a command line holds in messages.
	MaxLength int
	// Timeout is how long the peer may go without progress; 0 means a deadline made from its round trips, at least 1 s.
	Timeout time.Duration
	// StartTimeout is how long the peer may take to listen; 0 means 15 s.
	StartTimeout time.Duration
	// Out is the folder in which findings are saved, made when there is one; empty means that none is saved.
	Out string
	// Corpus is a folder of acts that are tried first, and in which the acts that reached something new are kept, with
	// how far the run came, so that the next one goes on from there; empty means none.
	Corpus string
	// Coverage has what a server's program tells of its coverage choose two thirds of what is tried: it must have been
	// built to tell.
	Coverage bool
	// Replays are played in place of the plan, each on a fresh peer, and nothing else is done.
	Replays []Replay
	// Guard clears away what the run has started when it is killed; nil means that nobody does.
	Guard *process.Guard
	// Progress is told how the run goes; nil means that nobody is.
	Progress Progress
}

// Progress is told how a run goes: one thing at a time, but not always by the same goroutine.
type Progress interface {
	Status(Status)
	Found(*Finding)
	Note(format string, args ...any)
	End()
}

type silent struct{}

func (silent) Status(Status)       {}
func (silent) Found(*Finding)      {}
func (silent) Note(string, ...any) {}
func (silent) End()                {}

func (o *Options) check() error {
	switch {
	case len(o.Command) == 0:
		return fmt.Errorf("%w: no peer: give a command to run", ErrUsage)
	case o.Duration < 0, o.Timeout < 0, o.StartTimeout < 0, o.Lanes < 0, o.MaxFindings < 0, o.MaxLength < 0:
		return fmt.Errorf("%w: durations and numbers are 0 or more", ErrUsage)
	case o.Lanes > MaxLanes:
		return fmt.Errorf("%w: %d connections at once; at most %d", ErrUsage, o.Lanes, MaxLanes)
	case o.MaxLength > spec.MaxContentLen:
		return fmt.Errorf("%w: no message is longer than %d bytes", ErrUsage, spec.MaxContentLen)
	}
	if err := o.checkRestart(); err != nil {
		return err
	}
	if o.Coverage && (o.Role == spec.Client || len(o.Replays) > 0) {
		return fmt.Errorf("%w: coverage is for fuzzing servers", ErrUsage)
	}
	if o.Progress == nil {
		o.Progress = silent{}
	}
	if o.Shard.Count == 0 {
		o.Shard = runner.Shard{Index: 1, Count: 1}
	}
	if o.Role == "" {
		o.Role = spec.Server
	}
	return nil
}

const (
	// MaxLanes is how many connections are played at once at most.
	MaxLanes     = 64
	defaultLanes = 8
)

// index returns the plan's index of the shard's n-th act.
func (o *Options) index(n uint64) uint64 {
	return n*uint64(o.Shard.Count) + uint64(o.Shard.Index-1)
}
