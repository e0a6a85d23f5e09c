// Package suite is the catalogue of conformance cases: what is done to a peer, and what that shows.
//
// Begin with [Server], the cases for an echo server. Most are made from the golden vectors; the rest are what a vector
// cannot say: order under load, sessions beside each other, abrupt ends, what a peer holds when all is over. Every
// verdict is causal: a session is called open because a later message came back, and ignored because the bait behind an
// error did. Which cases run, when and how often is the business of package runner.
package suite

import (
	"context"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// Mode says beside what a case may run.
type Mode int

const (
	// Beside marks a case that runs beside others.
	Beside Mode = iota
	// Alone marks a case during which no other session may be open: it looks at the whole peer, or treats it roughly.
	Alone
	// Throughout marks a case that begins before the others and ends after them, where the peer serves several sessions.
	Throughout
	// WholeRun marks a case that is judged by how the whole run went; it has no Run of its own.
	WholeRun
)

// Case is one thing that a peer is put through.
type Case struct {
	// ID begins with the ID of its first requirement; it is stable.
	ID string
	// Title is what must hold, in a few words.
	Title string
	// Requirements are the IDs of the requirements that the case shows; the first is the one that a failure breaks
	// unless the finding names another.
	Requirements []string
	// Needs are the IDs of cases without whose success this one shows nothing.
	Needs []string
	// Sessions is how many sessions the peer must serve at once for the case to be possible; 0 means one.
	Sessions int
	// Bytes is about how much memory the case takes in the runner, when that is much.
	Bytes int
	// Mode says beside what the case may run.
	Mode Mode
	// Unread says that the case leaves answers unread for long, during which a server may stop serving others (silence 7).
	Unread bool
	// Fresh says that the peer is started anew before the case, where that is possible.
	Fresh bool
	// Limit is how long the case may take where that is longer than the runner gives every case; 0 where it is not.
	Limit time.Duration
	// Run puts the peer through the case. Nil means that it passed and that nothing was recorded.
	Run func(ctx context.Context, e *Env) *Finding
}

// Finding is what came of a case that did not simply pass.
type Finding struct {
	Verdict report.Verdict
	// Requirement is the one that was broken; empty means the case's first.
	Requirement string
	// Expected and Actual are one sentence each.
	Expected, Actual string
	// Hints are likely causes, the likeliest first.
	Hints []string
	// Stalled says that the finding rests on a deadline, and is to be confirmed alone before it is believed.
	Stalled bool
	// Refused says that the peer did not take the connection: it may be gone.
	Refused bool
	// Measured is what was recorded, by names with their unit.
	Measured map[string]float64
}

// recorded returns a finding of a silence: what the peer did, without a judgement.
func recorded(actual string, measured map[string]float64) *Finding {
	return &Finding{Verdict: report.Info, Expected: "the source is silent: recorded, not judged", Actual: actual, Measured: measured}
}

// broken returns a finding that the case's requirement was broken.
func broken(expected, actual string) *Finding {
	return &Finding{Verdict: report.Fail, Expected: expected, Actual: actual}
}

// unjudged returns a finding that the harness could not judge.
func unjudged(err error) *Finding {
	return &Finding{Verdict: report.Error, Expected: "the runner can judge", Actual: err.Error()}
}

// skipped returns a finding that the case was not possible.
func skipped(why string) *Finding {
	return &Finding{Verdict: report.Skip, Actual: why}
}

// Bad reports whether the finding says that a requirement was broken.
func (f *Finding) Bad() bool {
	return f != nil && (f.Verdict == report.Fail || f.Verdict == report.Warn)
}
