package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
)

// Visitor is a client that is started anew for each visit, for those who judge it by other means than cases. Its methods
// may be called concurrently, save for Close.
type Visitor struct {
	c        *clients
	s        *subject
	patience time.Duration
}

// NewVisitor prepares a client and runs it once, to see how it presents a reply and how long it takes; Close must follow.
// Errors wrap ErrUsage when the command is wrong or cannot be run, and ErrNoPeer when the client did not connect.
func NewVisitor(ctx context.Context, command []string, wait time.Duration, guard *process.Guard) (*Visitor, error) {
	o := Options{Role: spec.Client, Command: command, StartTimeout: wait, Guard: guard}
	if err := o.check(); err != nil {
		return nil, err
	}
	s, err := newSubject(o)
	if err != nil {
		return nil, err
	}
	v := &Visitor{c: newClients(s), s: s}
	if err := v.meet(ctx, o.StartTimeout); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	return v, nil
}

func (v *Visitor) meet(ctx context.Context, wait time.Duration) error {
	env := v.c.env("first run", 0, wait)
	defer env.Close()
	met, err := suite.Meet(ctx, env)
	output, exit := env.Printed()
	switch {
	case errors.Is(err, suite.ErrNoVisit):
		text := fmt.Sprintf("the client did not connect to the socket that it was given within %v", wait)
		if exit != "" {
			text = fmt.Sprintf("the client ended (%s) and had not connected to the socket that it was given", exit)
		}
		return withOutput(kindError{text, ErrNoPeer}, "it printed", output)
	case errors.Is(err, suite.ErrNotStarted):
		return fmt.Errorf("%w: %v", ErrUsage, err)
	case err != nil:
		return err
	}
	v.patience = max(floorPatience, tripFactor*max(met.Arrived, met.Whole))
	return nil
}

// Patience is how long the client may go without progress, by its first run.
func (v *Visitor) Patience() time.Duration { return v.patience }

// Visit runs the client once and answers it with the stream. It returns what was wrong, or nil, with what went over the
// session, what the client printed and how it ended.
func (v *Visitor) Visit(ctx context.Context, s suite.ReplyStream, patience time.Duration) Visited {
	env := v.c.env("visit", 0, patience)
	f := suite.ServeStream(ctx, env, s)
	got := Visited{Finding: f, Sessions: env.Transcripts()}
	got.Output, got.Exit = env.Printed()
	env.Close()
	return got
}

// Case runs a case for clients once. It returns what was wrong, or a finding that says otherwise.
func (v *Visitor) Case(ctx context.Context, c *suite.Case, patience time.Duration) *suite.Finding {
	env := v.c.env(c.ID, 0, patience)
	env.Manners = env.Manners.Patient()
	defer env.Close()
	return c.Run(ctx, env)
}

// Visited is what came of a visit.
type Visited struct {
	Finding      *suite.Finding
	Sessions     []report.Transcript
	Output, Exit string
}

// Close removes what visits need.
func (v *Visitor) Close() error { return v.s.close() }
