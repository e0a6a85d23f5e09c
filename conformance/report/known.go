package report

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/oizys-protocol/oizys/conformance/pattern"
)

// Known is an expected failure: an entry of a list of known failures, and what became of it in the run.
type Known struct {
	// Case is a pattern of case IDs, Reason why they fail.
	Case   string `json:"case"`
	Reason string `json:"reason"`
	// Actual is a text that the cases' own Actual must hold for the failure to be the known one; empty means any failure.
	Actual string `json:"actual,omitempty"`
	// Cases is how many cases failed as expected.
	Cases int `json:"cases"`
	// Problem says in one sentence why the entry does not fit what happened, or is empty.
	Problem string `json:"problem,omitempty"`
}

// ExpectFailures marks the cases of r that fail as the entries expect, and keeps the entries with what became of them.
// [Report.Settle] is to follow. A case's verdict stays what it is.
//
// An entry does not fit, and says so in Problem, when a case that it covers passed: it is stale if none failed, and too
// wide if others did. Nor does it fit a failure whose Actual does not hold the expected text: that one is not known.
// Cases that were skipped, not run or could not be judged say nothing. Of a shard no entry is called stale or too wide:
// what passes here may fail in another, and [Merge] sees both.
func (r *Report) ExpectFailures(entries []Known) {
	r.Known = make([]Known, len(entries))
	for i, e := range entries {
		r.Known[i] = Known{Case: e.Case, Reason: e.Reason, Actual: e.Actual}
	}
	fates := make([]fate, len(entries))
	for i := range r.Cases {
		c := &r.Cases[i]
		c.Known = ""
		for k := range r.Known {
			if pattern.Matches(c.ID, r.Known[k].Case) {
				fates[k].meets(c, &r.Known[k])
				break
			}
		}
	}
	for k := range r.Known {
		r.Known[k].Problem = fates[k].problem(&r.Known[k], r.Shard != nil)
	}
}

// fate is what became of one entry.
type fate struct {
	passed []string // cases
	other  *Case    // a failure that is not the known one
}

func (f *fate) meets(c *Case, k *Known) {
	switch c.verdict() {
	case Pass, Info:
		f.passed = append(f.passed, c.ID)
	case Fail, Warn:
		if !strings.Contains(c.Actual, k.Actual) {
			if f.other == nil {
				f.other = c
			}
			return
		}
		c.Known = k.Reason
		k.Cases++
	}
}

func (f *fate) problem(k *Known, shard bool) string {
	switch {
	case f.other != nil:
		return fmt.Sprintf("%s fails in another way than %q says: %s", f.other.ID, k.Actual, shorten(f.other.Actual, shownText))
	case shard || len(f.passed) == 0:
		return ""
	case k.Cases == 0:
		return fmt.Sprintf("stale: %s; take the entry out", passing(f.passed))
	default:
		return fmt.Sprintf("too wide: %s, and %s; name only what fails", passing(f.passed), plural(k.Cases, "other case fails", "other cases fail"))
	}
}

func passing(ids []string) string {
	if len(ids) == 1 {
		return ids[0] + " passes"
	}
	return fmt.Sprintf("%s and %s pass", ids[0], plural(len(ids)-1, "more case", "more cases"))
}

// KnownProblems returns a sentence for each entry of the list of known failures that does not fit what happened.
func (r *Report) KnownProblems() []string {
	var all []string
	for _, k := range r.Known {
		if k.Problem != "" {
			all = append(all, fmt.Sprintf("%s: %s", k.Case, k.Problem))
		}
	}
	return all
}

// misfit says, behind why the result is what it is, that the list of known failures does not fit; nothing if it does.
func (r *Report) misfit() string {
	first, more := "", -1
	for _, k := range r.Known {
		if k.Problem != "" {
			if more++; more == 0 {
				first = k.Case
			}
		}
	}
	switch more {
	case -1:
		return ""
	case 0:
		return fmt.Sprintf("; but the list of known failures does not fit: see its entry %s", first)
	default:
		return fmt.Sprintf("; but the list of known failures does not fit: see its entry %s and %d more", first, more)
	}
}

// ForBuild returns what the run means for a build that has to pass or not, which is what exit codes are made of. It is
// Result, save that failures that are known count as judged and not as failures, that a shard in which nothing else is
// broken is no reason to stop, and that a list of known failures that does not fit is a finding.
func (r *Report) ForBuild() Result {
	if r.Shard == nil && len(r.Known) == 0 {
		return r.Result
	}
	s := r.Summary
	for i := range r.Cases {
		if c := &r.Cases[i]; c.Known != "" {
			s.Pass++
			if c.Verdict == Fail {
				s.Fail--
			} else {
				s.Warn--
			}
		}
	}
	result, _ := Decide(s, r.Complete, r.Strict)
	if result == Conforming && len(r.KnownProblems()) > 0 {
		return NonConforming
	}
	return result
}

// howKnown says how many of the failures are known, behind what says how many there are; nothing without a list.
func (r *Report) howKnown() string {
	failures, known := 0, 0
	for i := range r.Cases {
		c := &r.Cases[i]
		if c.Verdict == Fail || r.Strict && c.Verdict == Warn {
			failures++
			if c.Known != "" {
				known++
			}
		}
	}
	switch {
	case len(r.Known) == 0 || failures == 0:
		return ""
	case failures == 1 && known == 1:
		return ", and it is known"
	case known == failures:
		return ", all of them known"
	case known == 0:
		return ", none of them known"
	default:
		return fmt.Sprintf(", %d of them known", known)
	}
}

// checkKnown finds what [Report.ExpectFailures] would not have made.
func (r *Report) checkKnown() error {
	again := *r
	again.Cases = append([]Case(nil), r.Cases...)
	again.ExpectFailures(r.Known)
	for i, c := range again.Cases {
		if c.Known != r.Cases[i].Known {
			return invalid("case %q is called known where its list of known failures does not say so, or the other way round", c.ID)
		}
	}
	if len(r.Known) > 0 && !reflect.DeepEqual(again.Known, r.Known) {
		return invalid("its list of known failures does not fit its cases")
	}
	return nil
}

// entriesOf returns the list of known failures as it was given.
func entriesOf(r *Report) []Known {
	entries := make([]Known, len(r.Known))
	for i, k := range r.Known {
		entries[i] = Known{Case: k.Case, Reason: k.Reason, Actual: k.Actual}
	}
	return entries
}
