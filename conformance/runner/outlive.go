package runner

import (
	"context"
	"regexp"
	"sync"
	"syscall"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
)

// settling is for how long, at least, a server is kept running behind its last case, and seen not to end.
const settling = 200 * time.Millisecond

// anew puts another process of the peer in the place of the present one, of which it is seen before that it has not ended
// by itself.
func (r *run) anew(ctx context.Context) error {
	if !r.subject.perCase && !r.subject.rests() {
		if err := r.ensureAlive(ctx); err != nil {
			return err
		}
		r.subject.stop()
		r.farewell()
	}
	return r.subject.start(ctx)
}

// lastLook sees to it that the peer has not ended by itself behind its last case, and still serves. An end is looked into
// as ever. The peer is told to end then, unless it is attached to or held.
func (r *run) lastLook(ctx context.Context) error {
	if r.subject.perCase || r.subject.rests() {
		return nil
	}
	r.settle(ctx)
	r.serves(ctx)
	if err := r.ensureAlive(ctx); err != nil || ctx.Err() != nil || r.subject.attached() || r.o.Hold != nil {
		return err
	}
	r.subject.stop()
	r.farewell()
	return nil
}

// settle waits until the last case is so long ago that what it brings about has been seen.
func (r *run) settle(ctx context.Context) {
	r.mu.Lock()
	var last time.Time
	for _, p := range r.pasts {
		if p.ended.After(last) {
			last = p.ended
		}
	}
	r.mu.Unlock()
	if wait := time.Until(last.Add(settling)); wait > 0 {
		r.endsWithin(ctx, wait)
	}
}

// serves sees whether the peer serves a new session, and if not, gives it time to end. If it does neither, with a longer
// deadline either, that is kept for the judgement of the whole run, unless something has failed that may be why.
func (r *run) serves(ctx context.Context) {
	for _, res := range r.results {
		if res.verdictNow() == report.Fail {
			return
		}
	}
	if r.trip == 0 {
		return // it never did
	}
	var f *suite.Finding
	for _, patience := range []time.Duration{r.patience, confirmFactor * r.patience} {
		if !r.subject.alive() || ctx.Err() != nil {
			return
		}
		env := r.loneEnv("served?", patience)
		f = suite.Served(ctx, env)
		env.Close()
		if !f.Bad() {
			return
		}
	}
	if r.subject.alive() && ctx.Err() == nil {
		r.mystery = append(r.mystery, "the server runs, but serves no new session behind its last case: "+f.Actual)
	}
}

// complaint is how the sanitizers of C, C++, Rust and Go begin what they report.
var complaint = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(Address|Leak|Thread|Memory|UndefinedBehavior)Sanitizer|: runtime error: |WARNING: DATA RACE`)
})

// farewell records how the peer ended that was told to, when it crashed instead or a sanitizer complained.
func (r *run) farewell() {
	s := r.subject
	said := complaint().FindString(s.output)
	if s.spoiled != "" || r.parting != nil || said == "" && !s.crashed {
		return
	}
	how := "when it was told to end (SIGTERM), the server ended so: " + s.exit
	if said != "" {
		how += "; it had printed what a sanitizer reports"
	}
	r.parting = failed(suite.Case{}, report.Info, "nothing: how a server ends that is told to is not judged", how)
	r.parting.exit, r.parting.output = s.exit, tail(s.output)
}

// crash reports whether a signal is one that a program brings upon itself.
func crash(s syscall.Signal) bool {
	switch s {
	case syscall.SIGSEGV, syscall.SIGABRT, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGILL, syscall.SIGTRAP, syscall.SIGSYS:
		return true
	default:
		return false
	}
}
