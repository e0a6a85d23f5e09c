package runner

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/oizys-protocol/oizys/conformance/suite"
)

// maxVain is how many searches may find nothing before there is none any more.
const maxVain = 2

// past is a case that was run on a process of the peer.
type past struct {
	c            suite.Case
	start        int // of the process
	began, ended time.Time
}

// remember notes that a case was run, for when the peer ends later.
func (r *run) remember(p past) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pasts = append(r.pasts, p)
}

// lately returns the cases that were under way when a peer ended, or had ended not long before, in the order in which
// they began. It is to be asked before the peer is buried.
func (r *run) lately(s *subject) []past {
	died, known := s.died()
	r.mu.Lock()
	defer r.mu.Unlock()
	late := slices.DeleteFunc(slices.Clone(r.pasts), func(p past) bool { return p.start != s.starts })
	if !known { // long ago, perhaps: something waited for it in vain
		for i, p := range late {
			if i == 0 || p.ended.After(died) {
				died = p.ended
			}
		}
	}
	late = slices.DeleteFunc(late, func(p past) bool { return p.ended.Before(died.Add(-suspicion)) })
	slices.SortStableFunc(late, func(a, b past) int { return a.began.Compare(b.began) })
	return late
}

// died returns when the peer ended, and whether that is known: it is not of a daemon, or of one that a signal stopped, and
// then it is now at the latest.
func (s *subject) died() (at time.Time, known bool) {
	if s.proc != nil && s.proc.Ended() && !s.proc.ExitedCleanly() {
		return s.proc.EndedAt(), true
	}
	return time.Now(), false
}

// end is an end of the peer that no case has brought about at once.
type end struct {
	how     string
	outside bool // by a signal that programs do not bring upon themselves
	at      time.Time
	late    []past
}

// bury clears away the remains of the peer and says how it ended.
func (r *run) bury() end { return r.buryThis(r.subject) }

func (r *run) buryThis(s *subject) end {
	e := end{outside: s.endedFromOutside(), late: r.lately(s)}
	e.at, _ = s.died()
	e.how = r.buriedWithin(s, stopGrace)
	return e
}

// unexplained looks for a case after which the peer has ended by itself, some time later, and makes that the result of
// the case, which it returns. Without one the end is kept for the judgement of the whole run, as what says. The peer runs
// afterwards.
func (r *run) unexplained(ctx context.Context, e end, what string) (*result, error) {
	res, err := r.search(ctx, e)
	if err != nil || ctx.Err() != nil {
		return nil, err
	}
	switch {
	case res != nil:
		r.deaths[family(res.c.ID)]++
		r.named++
		r.keep(res)
	case e.outside:
		return nil, fromOutside(e.how)
	default:
		r.mystery = append(r.mystery, what)
	}
	if r.stopsItself {
		return nil, fmt.Errorf("the server's process is stopped by a signal also when nothing is asked of it, and %w", errGivenUp)
	}
	return res, r.ensureAlive(ctx)
}

// search finds, among the cases before an end, one after which a fresh peer ends as well, where one that is left alone
// goes on. All of them are run once more, which shows how long the peer takes to end; then they are halved, and each half is
// run on a fresh peer that is given as long.
func (r *run) search(ctx context.Context, e end) (*result, error) {
	if len(e.late) == 0 || r.vain >= maxVain {
		return nil, nil
	}
	begin, stops := time.Now(), r.stops
	bounded, cancel := context.WithTimeout(ctx, r.searchLimit()-r.searched)
	defer cancel()
	r.o.Progress.Note("the peer ended; looking for the case after which it does")
	res, itself, err := r.repeated(bounded, e)
	if bounded.Err() != nil {
		res, itself, err = nil, false, nil // the caller looks at ctx
	}
	r.searched += time.Since(begin)
	r.subject.stopWithin(0)
	r.stops = min(r.stops, stops+1) // however often it was seen again
	switch {
	case itself:
		r.vain = maxVain // whatever was run before has nothing to do with it
		r.stopsItself = r.stops > stops
	case res == nil:
		r.vain++
	}
	return res, err
}

// repeated brings the end about again, and looks for the case. It reports whether the peer ends also when nothing is asked
// of it.
func (r *run) repeated(ctx context.Context, e end) (res *result, itself bool, err error) {
	t, err := r.try(ctx, e.late, r.grown(min(suspicion, e.at.Sub(e.late[0].began))))
	if err != nil || !t.ended || len(t.ran) == 0 || ctx.Err() != nil {
		return nil, false, err
	}
	if itself, err = r.endsIdle(ctx, t.life()); itself || err != nil || ctx.Err() != nil {
		return nil, itself, err
	}
	wait := r.grown(t.delay())
	for len(t.ran) > 1 {
		if t, err = r.halved(ctx, t, wait); err != nil || !t.ended || len(t.ran) == 0 || ctx.Err() != nil {
			return nil, false, err // it takes more than one of them
		}
		wait = min(wait, r.grown(t.delay()))
	}
	last, err := r.try(ctx, t.ran, wait)
	if err != nil || !last.ended || len(last.ran) == 0 || ctx.Err() != nil {
		return nil, false, err
	}
	if itself, err = r.endsIdle(ctx, last.life()); itself || err != nil || ctx.Err() != nil {
		return nil, itself, err
	}
	return r.killedLater(last.ran[0].c, last), false, nil
}

// halved runs the later half of the cases, and if the peer lives through that, the other. Each is waited for as long as
// the peer took to end, at most, if its first case was the one.
func (r *run) halved(ctx context.Context, t trial, wait time.Duration) (trial, error) {
	middle := len(t.ran) / 2
	for _, half := range [][]past{t.ran[middle:], t.ran[:middle]} {
		next, err := r.try(ctx, half, min(wait, r.grown(t.died.Sub(half[0].ended))))
		if err != nil || next.ended || ctx.Err() != nil {
			return next, err
		}
	}
	return trial{}, nil
}

// endsIdle reports whether a peer of which nothing is asked ends within a time.
func (r *run) endsIdle(ctx context.Context, life time.Duration) (bool, error) {
	wait := r.grown(life)
	if wait <= r.idled {
		return false, nil
	}
	t, err := r.try(ctx, nil, wait)
	if err == nil && !t.ended && ctx.Err() == nil {
		r.idled = wait
	}
	return t.ended, err
}

// grown is a time with room for what a busy machine adds to it, of which the time that the peer takes to start tells.
func (r *run) grown(d time.Duration) time.Duration {
	return d + d/2 + 300*time.Millisecond + 5*r.subject.took
}

// searchLimit is for how long cases are looked for after which the peer ends, in one round: longer where it starts slowly.
func (r *run) searchLimit() time.Duration {
	const least, most, starts = 10 * time.Second, 20 * time.Second, 100
	return min(least+starts*r.subject.took, most)
}

// trial is what became of a fresh peer on which cases were run.
type trial struct {
	ended  bool
	ran    []past // up to the end
	last   *result
	began  time.Time
	died   time.Time
	how    string
	output string
}

// delay is how long it took to end from the first case on.
func (t trial) delay() time.Duration { return t.died.Sub(t.ran[0].began) }

// life is how long it has lived.
func (t trial) life() time.Duration { return t.died.Sub(t.began) }

// try runs cases one by one on a fresh peer until it ends, or until it has not for as long as wait after the last.
func (r *run) try(ctx context.Context, cases []past, wait time.Duration) (trial, error) {
	r.subject.stopWithin(0)
	if err := r.subject.start(ctx); err != nil {
		return trial{}, err
	}
	t := trial{began: time.Now()}
	for _, p := range cases {
		if ctx.Err() != nil || !r.subject.alive() {
			break
		}
		began := time.Now()
		t.last = r.execute(ctx, p.c, r.patience, nil)
		t.ran = append(t.ran, past{c: p.c, began: began, ended: t.last.ended})
	}
	if t.ended = r.endsWithin(ctx, wait); t.ended {
		t.died, _ = r.subject.died()
		t.output = r.subject.printed()
		t.how = r.buriedWithin(r.subject, 0)
	}
	return t, nil
}

// endsWithin waits for the peer's end.
func (r *run) endsWithin(ctx context.Context, wait time.Duration) bool {
	const look = 5 * time.Millisecond
	for begin := time.Now(); r.subject.alive(); time.Sleep(look) { // one that is stopped by a signal has not ended
		if time.Since(begin) > wait || ctx.Err() != nil {
			return false
		}
	}
	return true
}

// killedLater is the result of a case after which the peer ends.
func (r *run) killedLater(c suite.Case, t trial) *result {
	after := max(t.died.Sub(t.last.ended), 0)
	res := r.killed(c, t.last, t.how)
	res.f.Actual = fmt.Sprintf("the server's process ended %s after the case: %s; it did so again on a fresh start, and with nothing asked of it goes on",
		after.Round(time.Millisecond), t.how)
	res.ended, res.output, res.later = t.last.ended, tail(t.output), true
	return res
}
