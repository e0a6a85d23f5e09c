package runner

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
)

// Restart says when a server is started anew, a closed vocabulary.
type Restart string

// When a server is started anew.
const (
	RestartNeeded Restart = "needed" // when it has ended, and for what looks at a fresh one; the default
	RestartAlways Restart = "always" // for each session: the server serves one and may then end
)

// ParseRestart reads a Restart. The error wraps ErrUsage.
func ParseRestart(word string) (Restart, error) {
	switch r := Restart(word); r {
	case RestartNeeded, RestartAlways:
		return r, nil
	default:
		return "", fmt.Errorf("%w: --restart %q is unknown; it is needed or always", ErrUsage, word)
	}
}

func (o *Options) checkRestart() error {
	switch {
	case o.Restart == "":
		o.Restart = RestartNeeded
	case o.Restart == RestartNeeded:
	case o.Restart != RestartAlways:
		_, err := ParseRestart(string(o.Restart))
		return err
	case o.Attach != "":
		return fmt.Errorf("%w: an attached server cannot be started anew: leave out --restart always", ErrUsage)
	}
	return nil
}

// onceEach starts a server for each session of one execution of a case.
type onceEach struct {
	from *subject // what all have in common

	mu      sync.Mutex
	started []*subject
}

// Serve starts a server and returns where it listens.
func (e *onceEach) Serve(ctx context.Context) (string, error) {
	s := e.from.sibling()
	if err := s.start(ctx); err != nil {
		return "", err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.started = append(e.started, s)
	return s.socket, nil
}

// End ends every server that was started.
func (e *onceEach) End() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.started {
		s.stop()
	}
}

// last returns the server that was started last, or nil.
func (e *onceEach) last() *subject {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.started) == 0 {
		return nil
	}
	return e.started[len(e.started)-1]
}

// always reports whether each session has a server of its own.
func (r *run) always() bool { return r.o.Restart == RestartAlways && r.o.Role == spec.Server }

// tryOut starts a server that is started for each session for the first time, and makes the deadline from its round trips.
func (r *run) tryOut(ctx context.Context) error {
	s := r.subject.sibling()
	if err := s.start(ctx); err != nil {
		r.subject.output, r.subject.exit, r.subject.told = s.output, s.exit, s.told
		return err
	}
	s.stop()
	r.jobs = r.o.Jobs
	if r.jobs == 0 {
		r.jobs = runtime.NumCPU()
	}
	return nil
}

// served returns the peer that a case has to do with: with a server for each session, the last one.
func (r *run) served(env *suite.Env) *subject {
	if each, ok := env.Starter.(*onceEach); ok && each.last() != nil {
		return each.last()
	}
	return r.subject
}

// roomForOne skips the cases that are about a server which outlives a session, where each session has its own.
func (r *run) roomForOne(cases []suite.Case) []suite.Case {
	if !r.always() {
		return cases
	}
	var left []suite.Case
	for _, c := range cases {
		if area(c.ID) == "srv" {
			r.keep(skip(c, "each session has a server of its own (--restart always)"))
			continue
		}
		left = append(left, c)
	}
	return left
}
