package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/oizys-protocol/oizys/conformance/playback"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
	"github.com/oizys-protocol/oizys/vectors"
)

// Change is a case to which this version of the suite says something else than the one that ran it.
type Change struct {
	ID       string
	Old, New report.Verdict // Old is empty for a case that there was not then, New for one that there is not any more
	Why      string
}

// Rejudgement is what came of judging a report again.
type Rejudgement struct {
	Report *report.Report
	// Changed are the cases whose verdict is another now, in the order of the new report.
	Changed []Change
	// Kept are the cases that cannot be judged again and keep their verdict, since it is this version's own; Lost are those
	// that cannot be judged again and have none now. Both say why.
	Kept, Lost []Change
}

// Rejudge judges what a report recorded by the cases of this version of the suite, without the peer: each case is run
// against a stand-in that says what the peer said when as much had been sent to it. What cannot be judged in that way
// keeps its verdict if the same version of the suite gave it, and is an error in the new report if not. The new report has
// no Diagnosis yet. The report that is given is left as it is.
func Rejudge(ctx context.Context, old *report.Report, version string) (*Rejudgement, error) {
	set, err := vectors.Embedded()
	if err != nil {
		return nil, fmt.Errorf("loading the golden vectors: %w", err)
	}
	all, err := Catalogue(spec.Role(old.Role), set)
	if err != nil {
		return nil, err
	}
	rep := *old
	was := old.Suite
	rep.Rejudged, rep.Diagnosis = &was, nil
	rep.Suite = report.Suite{Version: version, VectorsDigest: set.Digest(), Cases: len(all)}
	j := &rejudge{old: map[string]*report.Case{}, judged: map[string]report.Case{}, role: spec.Role(old.Role), seed: old.Seed, capacity: max(1, old.Peer.Sessions),
		same: old.Suite == rep.Suite, out: &Rejudgement{Report: &rep}}
	for i := range old.Cases {
		j.old[old.Cases[i].ID] = &old.Cases[i]
	}
	if j.run(ctx, all); ctx.Err() != nil {
		return nil, ctx.Err()
	}
	j.fill(all, len(old.Cases) >= old.Suite.Cases)
	if len(old.Known) > 0 {
		rep.ExpectFailures(old.Known)
	}
	rep.Settle()
	return j.out, nil
}

type rejudge struct {
	old      map[string]*report.Case
	role     spec.Role
	seed     uint64
	capacity int
	same     bool // the report is of this version of the suite
	out      *Rejudgement

	mu     sync.Mutex
	judged map[string]report.Case // by ID
}

// run judges every case again of which the report tells, several at once.
func (j *rejudge) run(ctx context.Context, all []suite.Case) {
	queue := make(chan suite.Case)
	var wg sync.WaitGroup
	for range 2 * runtime.NumCPU() {
		wg.Go(func() {
			for c := range queue {
				if old := j.old[c.ID]; old != nil && ctx.Err() == nil {
					e := j.one(ctx, c, *old)
					j.mu.Lock()
					j.judged[c.ID] = e
					j.mu.Unlock()
				}
			}
		})
	}
	for _, c := range all {
		queue <- c
	}
	close(queue)
	wg.Wait()
}

// one judges a case again. The entry keeps of the old one what was measured and recorded when it ran.
func (j *rejudge) one(ctx context.Context, c suite.Case, old report.Case) report.Case {
	e := old
	e.Title, e.Requirements = c.Title, c.Requirements
	f, err := j.played(ctx, c, old.Recording, old.Verdict)
	switch {
	case old.Verdict == report.Skip || old.Verdict == report.Error:
		return e // nothing was seen of it; whether that still is so is seen when all others are judged
	case err != nil:
		e.Actual = err.Error()
		e.Verdict = ""
		return e
	}
	e.Verdict = verdictOf(f)
	if e.Verdict == old.Verdict && (e.Verdict == report.Info || e.Verdict == report.Pass) {
		return e // what was recorded then is worth more than what is of the stand-in
	}
	if e.Verdict != old.Verdict {
		e.Verdicts, e.Flaky = nil, false
	}
	e.Expected, e.Actual, e.Evidence = "", "", nil
	if e.Verdict == report.Pass {
		return e
	}
	e.Expected, e.Actual = f.Expected, f.Actual
	e.Evidence = &report.Evidence{Requirements: rules(f, c), Hints: f.Hints}
	if old.Evidence != nil {
		e.Evidence.Sessions, e.Evidence.PeerOutput, e.Evidence.PeerExit = old.Evidence.Sessions, old.Evidence.PeerOutput, old.Evidence.PeerExit
	}
	return e
}

const (
	// What is recorded to have been waited for in vain is waited for in vain again, and need not be for long.
	vainPatience = 300 * time.Millisecond
	// Everything else comes at once, unless the machine is very busy.
	playPatience = 10 * time.Second
)

// played puts the stand-in through a case. The error says why nothing can be said about the case.
func (j *rejudge) played(ctx context.Context, c suite.Case, r *report.Recording, was report.Verdict) (*suite.Finding, error) {
	switch {
	case c.Run == nil:
		return nil, errors.New("it is judged by how a whole run went")
	case r == nil:
		return nil, errors.New("the report has no recording of it")
	case r.Missing != "":
		return nil, errors.New(r.Missing)
	}
	patience := []time.Duration{playPatience}
	if playback.NewPlayer(r).Waits() {
		patience = []time.Duration{vainPatience, playPatience}
	}
	var doubt error
	for _, p := range patience {
		var f *suite.Finding
		if f, doubt = j.play(ctx, c, r, p); doubt == nil && (p == playPatience || verdictOf(f) == was) {
			return f, nil // another verdict is believed only if the stand-in had all the time that it may need
		}
	}
	return nil, fmt.Errorf("this version puts a peer through something else: %w", doubt)
}

func verdictOf(f *suite.Finding) report.Verdict {
	if f == nil {
		return report.Pass
	}
	return f.Verdict
}

func (j *rejudge) play(ctx context.Context, c suite.Case, r *report.Recording, patience time.Duration) (*suite.Finding, error) {
	bounded, cancel := context.WithTimeout(ctx, caseLimit)
	defer cancel()
	player := playback.NewPlayer(r)
	finish := make(chan struct{})
	close(finish)
	env := &suite.Env{Patience: patience, Capacity: j.capacity, Rand: suite.NewRand(j.seed, c.ID), Finish: finish}
	switch j.role {
	case spec.Client:
		var err error
		if env.Manners, err = player.Manners(); err != nil {
			return nil, err
		}
		env.Standin, env.Capacity = player, 1
	case spec.Driver:
		env.Standin, env.Capacity = player, 1
	default:
		env.Connect = player.Connect
	}
	f := guarded(bounded, c, env)
	env.Close()
	player.Close()
	if err := player.Doubt(f != nil && f.Stalled); err != nil {
		return nil, err
	}
	if f != nil && (f.Verdict == report.Error || f.Verdict == report.Skip) {
		return nil, errors.New(f.Actual)
	}
	return confirmedOnce(f), nil
}

// fill makes the new report's cases, in the order of the catalogue. With whole, the old run left no case out, and those
// that have come since are missing.
func (j *rejudge) fill(all []suite.Case, whole bool) {
	rep := j.out.Report
	rep.Cases = nil
	for _, c := range all {
		old, e := j.old[c.ID], j.judged[c.ID]
		if old == nil {
			if whole {
				rep.Cases = append(rep.Cases, report.Case{ID: c.ID, Title: c.Title, Requirements: c.Requirements})
				j.lose(Change{ID: c.ID, Why: "there was no such case when the peer was run"})
			}
			continue
		}
		rep.Cases = append(rep.Cases, e)
		switch {
		case e.Verdict == "" && j.same:
			rep.Cases[len(rep.Cases)-1] = *old
			j.out.Kept = append(j.out.Kept, Change{ID: c.ID, Old: old.Verdict, New: old.Verdict, Why: e.Actual})
		case e.Verdict == "":
			j.lose(Change{ID: c.ID, Old: old.Verdict, Why: e.Actual})
		case e.Verdict == report.Skip && j.freed(c):
			j.lose(Change{ID: c.ID, Old: old.Verdict, Why: "it was not run, since something that it rests on had failed, which is no failure now"})
		case e.Verdict != old.Verdict:
			j.out.Changed = append(j.out.Changed, Change{ID: c.ID, Old: old.Verdict, New: e.Verdict, Why: e.Actual})
		}
	}
	j.out.Changed = append(j.out.Changed, j.gone(all)...)
}

// lose makes the last case of the report one that could not be judged.
func (j *rejudge) lose(c Change) {
	c.New = report.Error
	j.out.Lost = append(j.out.Lost, c)
	e := &j.out.Report.Cases[len(j.out.Report.Cases)-1]
	e.Verdict, e.Expected, e.Evidence, e.Verdicts, e.Flaky = report.Error, "what was recorded can be judged again", nil, nil, false
	e.Actual = "it cannot be judged again: " + c.Why
	if c.Old != "" {
		e.Actual += fmt.Sprintf(" (it was %s)", c.Old)
	}
}

// freed reports whether something on which the case rests has come to another verdict than that for which it was skipped.
func (j *rejudge) freed(c suite.Case) bool {
	freed := false
	for _, id := range c.Needs {
		old, now := j.old[id], j.judged[id]
		if old == nil {
			continue
		}
		bad := func(v report.Verdict) bool { return v == report.Fail || v == report.Warn }
		if bad(now.Verdict) {
			return false
		}
		freed = freed || bad(old.Verdict) && now.Verdict != ""
	}
	return freed
}

// gone returns the cases of the old report that there are not any more.
func (j *rejudge) gone(all []suite.Case) []Change {
	left := map[string]bool{}
	for id := range j.old {
		left[id] = true
	}
	for _, c := range all {
		delete(left, c.ID)
	}
	var gone []Change
	for _, id := range slices.Sorted(maps.Keys(left)) {
		gone = append(gone, Change{ID: id, Old: j.old[id].Verdict, Why: "there is no such case any more"})
	}
	return gone
}
