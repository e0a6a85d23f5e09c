package suite

import (
	"context"
	"errors"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// ErrNoVisit is the error of a client that never connected: nothing can be judged.
var ErrNoVisit = errors.New("the client did not connect to the socket that it was given")

// ErrNotStarted is wrapped by the error of a client that could not be run.
var ErrNotStarted = errors.New("the client was not started")

// Meeting is how long the first run of a client took: until it connected, and until it had printed the reply and ended.
// Whole is zero if it did not come to that, which the cases judge.
type Meeting struct {
	Arrived, Whole time.Duration
}

// Meet runs the client for the first time, which gives it a plain reply, and takes note of its manners. The env's
// patience is how long it may take to connect.
func Meet(ctx context.Context, e *Env) (Meeting, error) {
	message := []byte("Is anybody there?")
	began := time.Now()
	v, f := e.begin(message, 0)
	if f != nil {
		return Meeting{}, notStartedError(f.Actual)
	}
	if f := v.arrive(ctx); f != nil {
		if ctx.Err() != nil {
			return Meeting{}, ctx.Err()
		}
		if f.Verdict == report.Error {
			return Meeting{}, errors.New(f.Actual)
		}
		return Meeting{}, ErrNoVisit
	}
	m := Meeting{Arrived: time.Since(began)}
	e.Patience = max(firstAnswer, firstFactor*m.Arrived)
	v.conn.SetPatience(e.Patience)
	if f := v.ask(ctx); f != nil {
		return m, ctx.Err()
	}
	reply := []byte("Yes, I am here.")
	if err := v.conn.Send(frame(reply)); err != nil {
		return m, ctx.Err()
	}
	shown := func() bool { return v.presents(reply) }
	ended, ok := v.until(ctx, shown)
	whole := time.Since(began)
	if ok && !ended {
		v.leave(ctx)
		if !v.late {
			whole = time.Since(began)
		}
	}
	if v.presents(reply) {
		m.Whole = whole
		e.manners().learn(v.proc.Stdout().Bytes(), v.proc.Stderr().Bytes(), reply)
	}
	return m, ctx.Err()
}

// notStartedError is an ErrNotStarted that says no more than why.
type notStartedError string

func (e notStartedError) Error() string { return string(e) }
func (e notStartedError) Unwrap() error { return ErrNotStarted }

const (
	firstAnswer = 2 * time.Second // that a client may take to ask and to print, in its first run,
	firstFactor = 5               // or so many times as long as it took to connect
)
