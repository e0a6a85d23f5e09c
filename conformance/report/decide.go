package report

import "fmt"

// Count returns the number of cases by verdict.
func Count(cases []Case) Summary {
	var s Summary
	for _, c := range cases {
		switch c.Verdict {
		case Pass:
			s.Pass++
		case Fail:
			s.Fail++
		case Warn:
			s.Warn++
		case Info:
			s.Info++
		case Skip:
			s.Skip++
		default:
			s.Error++
		}
	}
	return s
}

// Decide returns the result that the summary of a run makes, and why. A run that was cut short is inconclusive whatever
// it had seen until then; so is one without a failure in which nothing was judged or in which the harness could not
// judge a case. With strict, a warning is a failure.
func Decide(s Summary, complete, strict bool) (Result, string) {
	switch {
	case !complete:
		return Inconclusive, "the run was cut short"
	case s.Fail > 0:
		return NonConforming, fmt.Sprintf("%s broken", plural(s.Fail, "case shows a MUST", "cases show a MUST"))
	case strict && s.Warn > 0:
		return NonConforming, fmt.Sprintf("%s broken, which --strict counts as a failure", plural(s.Warn, "case shows a SHOULD", "cases show a SHOULD"))
	case s.Error > 0:
		return Inconclusive, fmt.Sprintf("%s not be judged", plural(s.Error, "case could", "cases could"))
	case s.Pass == 0:
		return Inconclusive, "no case passed, so nothing was shown"
	case s.Warn > 0:
		return Conforming, fmt.Sprintf("no MUST is broken; %s broken", plural(s.Warn, "case shows a SHOULD", "cases show a SHOULD"))
	default:
		return Conforming, "no requirement is broken"
	}
}

// Settle counts the cases and sets Summary, Result and Why to what they make. A shard is never conforming: it says
// nothing of the cases of the others, and it is [Merge] that does.
func (r *Report) Settle() {
	r.Summary = Count(r.Cases)
	r.Result, r.Why = r.decide()
	r.Why += r.misfit()
}

func (r *Report) decide() (Result, string) {
	result, why := Decide(r.Summary, r.Complete, r.Strict)
	if result == NonConforming {
		why += r.howKnown()
	}
	if r.Shard == nil || !r.Complete {
		if result == Conforming && len(r.Cases) < r.Suite.Cases {
			why += fmt.Sprintf(" (of %s, %s chosen)", plural(r.Suite.Cases, "case", "cases"), plural(len(r.Cases), "was", "were"))
		}
		return result, why
	}
	if result == Conforming {
		return Inconclusive, fmt.Sprintf("this is %s, in which %s; `oizys report merge` judges the whole", r.Shard, why)
	}
	return result, fmt.Sprintf("in %s, %s", r.Shard, why)
}

// ShardFoundNothing reports whether this is one part of a run, in which nothing is broken: the result is inconclusive
// for no other reason than that the other parts are not here.
func (r *Report) ShardFoundNothing() bool {
	return r.Shard != nil && r.Result == Inconclusive && r.ForBuild() == Conforming
}

// String says which shard it is, as in "shard 2 of 4".
func (s Shard) String() string { return fmt.Sprintf("shard %d of %d", s.Index, s.Count) }

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
