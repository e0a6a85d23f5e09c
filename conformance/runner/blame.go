package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
)

const (
	deathsPerFamily = 3  // killings by one family after which the rest of it is not run
	deathsInAll     = 40 // deaths after which a peer is not started any more
	stopsInAll      = 5  // and stops by a signal: each costs a deadline
	maxLingers      = 5  // waits for the end of a peer that serves nobody, and that did not end
)

// errGivenUp is wrapped by the error of a run whose peer ends again and again.
var errGivenUp = errors.New("is not started any more")

// alone runs one case with nothing beside it, and finds out whether the peer lived through it. If not, the peer is
// started anew and the case run once more, to make sure that it was this one.
func (r *run) alone(ctx context.Context, c suite.Case) (*result, error) {
	return r.aloneFor(ctx, c, r.patience)
}

// loneEnv is the env of a case with nothing beside it.
func (r *run) loneEnv(id string, patience time.Duration) *suite.Env {
	env := r.env(id, patience)
	env.Alone = true
	env.Restless = r.restless && patience <= r.patience // what fails is tried again, with all the time that there is
	return env
}

func (r *run) aloneFor(ctx context.Context, c suite.Case, patience time.Duration) (*result, error) {
	if err := r.ensureAlive(ctx); err != nil {
		return nil, err
	}
	if err := r.calm(ctx); err != nil {
		return nil, err
	}
	res := r.executeIn(ctx, c, r.loneEnv(c.ID, patience), nil)
	if r.subject.spoiled != "" {
		r.subject.stop()
		return res, nil
	}
	if ctx.Err() != nil || r.lived(ctx, res) {
		return res, nil
	}
	e := r.bury()
	if r.subject.attached() {
		return nil, fmt.Errorf("the attached server no longer takes connections since case %s; whether it crashed or was stopped cannot be seen from here", c.ID)
	}
	if err := r.restart(ctx, c.ID); err != nil {
		return nil, err
	}
	env := r.loneEnv(c.ID, patience)
	res = r.executeIn(ctx, c, env, nil)
	if ctx.Err() != nil {
		return res, nil
	}
	if r.subject.spoiled != "" || r.lived(ctx, res) {
		if r.subject.spoiled != "" {
			r.subject.stop()
		}
		guilty, err := r.unexplained(ctx, e, fmt.Sprintf("the server ended (%s) during %s, and on a fresh start lived through that case: something that went before adds up", e.how, c.ID))
		if err != nil {
			return nil, err
		}
		if guilty != nil && guilty.c.ID == c.ID {
			return guilty, nil
		}
		return res, nil
	}
	if len(res.traces) == 0 {
		res.traces = env.Transcripts() // the case itself may have gone well
	}
	how := r.buried()
	r.deaths[family(c.ID)]++
	return r.killed(c, res, how), r.restart(ctx, c.ID)
}

// lived reports whether the peer is there after a case: its process runs and, where the case is in doubt, it serves a
// new session.
func (r *run) lived(ctx context.Context, res *result) bool {
	if !r.subject.alive() {
		return false
	}
	if r.subject.perCase || res.f == nil || res.stalled() || !res.bad() && res.c.Mode == suite.Alone {
		// It ended with an answer, with a session that stayed open, or with a look at the living peer.
		return true
	}
	return r.outlived(ctx)
}

// outlived reports whether the peer is there: it serves a new session, or at least does not end. Connections of a
// process that ends are closed before its end can be seen, so that alone proves nothing.
func (r *run) outlived(ctx context.Context) bool {
	if r.subject.perCase {
		return true
	}
	env := r.loneEnv("served?", r.patience)
	defer env.Close()
	if r.subject.alive() && suite.Served(ctx, env).Bad() {
		r.awaitEnd()
	}
	return r.subject.alive()
}

// awaitEnd gives a process that is on its way out the time to end.
func (r *run) awaitEnd() {
	if r.subject.proc == nil || r.lingers >= maxLingers {
		return
	}
	timer := time.NewTimer(r.patience)
	defer timer.Stop()
	select {
	case <-r.subject.proc.Done():
	case <-timer.C:
		r.lingers++
	}
}

// killed is the result of a case in which the peer died.
func (r *run) killed(c suite.Case, last *result, how string) *result {
	res := failed(c, report.Fail, "the server outlives the session", fmt.Sprintf("the server's process ended: %s; it did so again on a fresh start", how))
	res.began, res.traces = last.began, last.traces
	res.f.Requirement = "srv/stays-up"
	res.exit, res.output = how, tail(r.subject.printed())
	res.f.Hints = endHints(how)
	return res
}

// endHints are likely causes of an end.
func endHints(how string) []string {
	switch {
	case strings.Contains(how, "exit status 0"):
		return []string{"the program serves one session and ends, as it may be meant to: --restart always starts it for each session"}
	case strings.Contains(how, "SIGPIPE"):
		return []string{"SIGPIPE is not ignored: writing to a closed connection ends the process (signal(SIGPIPE, SIG_IGN), or send with MSG_NOSIGNAL)"}
	default:
		return nil
	}
}

// buried says how the peer ended, after its remains were cleared away.
func (r *run) buried() string { return r.buriedWithin(r.subject, stopGrace) }

func (r *run) buriedWithin(s *subject, grace time.Duration) string {
	if s.proc == nil {
		return "it no longer runs"
	}
	dead, stopped := s.proc.Ended(), s.stopped()
	s.stopWithin(grace)
	if stopped {
		r.stops++
		return "it was stopped by a signal, SIGSTOP or one like it"
	}
	if !dead {
		return "it no longer takes connections"
	}
	return s.exit
}

// blame finds, among cases during which the peer died, the one that killed it: each is run alone.
func (r *run) blame(ctx context.Context, suspects []*result) error {
	if r.subject.attached() {
		return fmt.Errorf("the attached server no longer takes connections; whether it crashed or was stopped cannot be seen from here")
	}
	before, known, named := r.subject.starts, len(r.mystery), r.named
	e := r.bury()
	if err := r.restart(ctx, "several cases at once"); err != nil {
		return err
	}
	guilty := 0
	for _, s := range suspects {
		if ctx.Err() != nil {
			return nil
		}
		if r.braked(s.c) {
			continue
		}
		res, err := r.alone(ctx, s.c)
		if err != nil {
			return err
		}
		if res.bad() && res.exit != "" {
			guilty++
		}
		if ctx.Err() == nil {
			r.keep(res)
		}
	}
	if guilty > 0 || r.named > named || len(r.mystery) > known || before == r.subject.starts {
		return nil
	}
	_, err := r.unexplained(ctx, e, fmt.Sprintf("the server ended (%s) while several cases ran; it lived through each of them alone", e.how))
	return err
}

// fromOutside says of a peer that someone else ended it, so that it cannot be judged.
func fromOutside(how string) error {
	return fmt.Errorf("the server was ended by %s, which it did not send itself: by the system, for want of memory, or by someone", how)
}

// endedFromOutside reports whether the peer was ended by a signal that programs do not bring upon themselves.
func (s *subject) endedFromOutside() bool { return (&Peer{s}).EndedFromOutside() }

// ensureAlive starts a peer that does not run: one that was stopped, or has ended for a reason that is noted.
func (r *run) ensureAlive(ctx context.Context) error {
	switch {
	case r.subject.rests():
		return r.subject.start(ctx)
	case r.subject.alive():
		return nil
	}
	if r.subject.attached() {
		return fmt.Errorf("the attached server has ended")
	}
	e := r.bury()
	what := fmt.Sprintf("the server ended (%s) between cases", e.how)
	if err := r.restart(ctx, "no case"); err != nil {
		r.mystery = append(r.mystery, what)
		return err
	}
	_, err := r.unexplained(ctx, e, what)
	return err
}

// giveUp brings a run to its end whose peer has ended too often: that it ends is certain, and the rest is skipped.
func (r *run) giveUp(why error) {
	for _, c := range r.cases {
		res, ok := r.results[c.ID]
		switch {
		case c.Mode == suite.WholeRun:
		case !ok:
			r.keep(skip(c, "not run: %v", why))
		case res.bad() && (res.beside || res.stalled()):
			r.keep(skip(c, "it failed once and was not run again: %v", why))
		}
	}
	r.judgeWhole(nil)
	for _, c := range suite.WholeRunCases() {
		if _, ok := r.results[c.ID]; !ok && slices.ContainsFunc(r.cases, func(have suite.Case) bool { return have.ID == c.ID }) {
			r.keep(skip(c, "not judged: %v", why))
		}
	}
}

// restart starts the peer anew.
func (r *run) restart(ctx context.Context, after string) error {
	r.subject.stop()
	if r.crashes++; r.crashes > deathsInAll || r.stops > stopsInAll {
		return fmt.Errorf("the server has ended or was stopped %d times and %w", r.crashes, errGivenUp)
	}
	r.o.Progress.Note("the peer ended during %s; starting it anew", after)
	return r.subject.start(ctx)
}
