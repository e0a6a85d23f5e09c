package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/spec"
	"github.com/oizys-protocol/oizys/vectors"
)

// DriverGate is the first case of all for a driver: one short message delivered. Without it no other shows anything.
const DriverGate = Gate

// Drivers returns the cases for a driver: a program around a library, whose session API is judged. The error says what is
// wrong with the vectors.
func Drivers(set *vectors.Set) ([]Case, error) {
	var cases []Case
	for _, part := range [][]Case{
		driverVectors(set), headersAloneForDrivers(), refusals(set), sendCases(), queueCases(), countCases(), closedSendCases(), readingCases(), twiceCases(), failingCases(),
		closeOnceCases(), localCloseCases(), causeCases(), lateHandlerCases(), closeAgainCases(), silenceCases(),
		releaseCases(), reentrantCases(), independentCases(), wireCases(),
	} {
		cases = append(cases, part...)
	}
	for i := range cases {
		cases[i].Needs = append(append(cases[i].Needs, closeNeeds(cases[i].ID)...), abilityNeeds(cases[i].ID)...)
	}
	return gated(cases, DriverGate)
}

// act is a case of a few steps on one stage; what nothing is said against in the end has passed.
func act(id, title string, steps func(s *stage), also ...string) Case {
	return Case{
		ID: id, Title: title, Requirements: append([]string{familyOf(id)}, also...),
		Run: func(ctx context.Context, e *Env) *Finding {
			s := e.stage(ctx)
			steps(s)
			return s.finish()
		},
	}
}

// besideAnother is act for one session while another is open, which goes on as it was.
func besideAnother(id, title string, steps func(d *driven)) Case {
	c := act(id, title, func(s *stage) {
		d, other := s.open(), s.open()
		other.both()
		steps(d)
		other.lives()
	})
	c.Needs = []string{byTurns}
	return c
}

// driverVectors makes a case of every golden stream, but of a choice only of those that differ in the value of the
// reserved byte alone: the driver's session receives it.
func driverVectors(set *vectors.Set) []Case {
	var cases []Case
	for _, v := range set.All() {
		value, single := strings.CutPrefix(v.ID, "hdr/reserved-nonzero/0x")
		rules := ofDriver(v.Requirements)
		if v.Kind != vectors.KindStream || single && !slices.Contains(reservedValues(), value) || len(rules) == 0 || rules[0] != v.Requirements[0] {
			continue
		}
		cases = append(cases, Case{
			ID: v.ID, Title: v.Description, Requirements: rules, Bytes: 3 * v.WireLength,
			Needs: needsOf(v.ID, v.WireLength, declared(v), v.Pieces),
			Run:   func(ctx context.Context, e *Env) *Finding { return receiveVector(ctx, e, v) },
		})
	}
	return cases
}

func ofDriver(ids []string) []string {
	var bound []string
	for _, id := range ids {
		if r, ok := spec.Find(id); ok && r.Binds(spec.Driver) {
			bound = append(bound, id)
		}
	}
	return bound
}

// receiveVector has a session receive a golden stream, and wants its messages and its end reported.
func receiveVector(ctx context.Context, e *Env, v *vectors.Vector) *Finding {
	return e.receive(ctx, v.Wire(), v.Pieces, v.EndOfStream)
}

func (e *Env) receive(ctx context.Context, stream []byte, pieces []int, ended bool) *Finding {
	s := e.stage(ctx)
	d := s.open()
	d.both()
	out := model.Judge(stream, ended)
	d.write(stream, pieces...)
	if ended {
		d.endOfStream()
	}
	if out.End != model.Open && out.End != model.EndOfStream && len(out.Messages) > 0 {
		return afterWhole(d, stream, out)
	}
	for _, m := range out.Messages {
		d.delivers(stream[m.Offset : m.Offset+m.Length])
	}
	if out.End == model.Open {
		d.lives()
		return s.finish()
	}
	return ending(d, out)
}

// ending wants the session closed for the reason that the model gives.
func ending(d *driven, out model.Outcome) *Finding {
	d.closes(true)
	rule := "close/on-error"
	if out.End == model.EndOfStream {
		rule = "close/end-of-stream"
	}
	d.citing(rule, d.hangsUp)
	f := d.finish()
	switch {
	case !f.Bad() || out.End != model.Reserved:
	case d.gone:
		f.Requirement = "close/on-error"
	case f.Stalled || f.Requirement == "": // it went on, or took what it was sent for a message
		f.Verdict, f.Requirement = report.Warn, "hdr/reserved-nonzero"
	}
	return f
}

// afterWhole is ending for a stream with messages that were whole before the error: whether they are delivered is left
// open (silence 2), but not which, and in which order.
func afterWhole(d *driven, stream []byte, out model.Outcome) *Finding {
	d.closes(true)
	if d.f == nil {
		n := 0
		for _, e := range d.talk.events {
			if e.Session == d.name && e.Event == "message" {
				n++
			}
		}
		for _, m := range out.Messages[:min(n, len(out.Messages))] {
			d.delivers(stream[m.Offset : m.Offset+m.Length])
		}
	}
	d.closed = 0
	return ending(d, out)
}

// MeetDriver runs the driver for the first time, and returns how long it took until a message was delivered. The env's
// patience is how long it may take. Of a program that is no driver, [IsNoDriver] holds for the error.
func MeetDriver(ctx context.Context, e *Env) (time.Duration, error) {
	began := time.Now()
	s := e.stage(ctx)
	if s.talk == nil {
		return 0, notStartedError(s.f.Actual)
	}
	s.sync()
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case s.f == nil:
		return time.Since(began), nil
	case s.f.Verdict == report.Skip:
		return 0, fmt.Errorf("%w: it does not support the command sync", errNoDriver)
	default:
		return 0, fmt.Errorf("%w: %s", errNoDriver, s.f.Actual)
	}
}

// errNoDriver is the error of a program that does not behave as a driver.
var errNoDriver = errors.New("the program did not answer its first command, a sync, as a driver does")

// IsNoDriver reports whether MeetDriver's error says that the program is no driver.
func IsNoDriver(err error) bool { return errors.Is(err, errNoDriver) }
