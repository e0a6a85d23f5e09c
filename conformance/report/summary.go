package report

import (
	"fmt"
	"strings"
)

// peerName says in one line what was judged.
func peerName(p Peer) string {
	switch {
	case p.Attach != "":
		return "the server at " + Printable(p.Attach)
	case p.Embedded:
		return "the embedded reference"
	default:
		return orWord(Printable(strings.Join(p.Command, " ")), "unknown")
	}
}

func peerFacts(p Peer) string {
	var facts []string
	if p.RoundTripMS > 0 {
		facts = append(facts, fmt.Sprintf("round trip %s ms", number(p.RoundTripMS)))
	}
	if p.DeadlineMS > 0 {
		facts = append(facts, "deadline "+seconds(p.DeadlineMS))
	}
	if p.Sessions > 0 {
		facts = append(facts, plural(p.Sessions, "session", "sessions")+" at once")
	}
	if p.Starts > 1 {
		facts = append(facts, fmt.Sprintf("started %d times", p.Starts))
	}
	return strings.Join(facts, ", ")
}

// counts is a report's summary in one sentence.
func counts(r *Report) string {
	if len(r.Cases) == 0 {
		return "no case was run"
	}
	cases := plural(len(r.Cases), "case", "cases")
	if r.Suite.Cases > len(r.Cases) {
		cases = fmt.Sprintf("%d of %s", len(r.Cases), plural(r.Suite.Cases, "case", "cases"))
	}
	s := r.Summary
	return fmt.Sprintf("%s in %s: %d pass, %d fail, %d warn, %d info, %d skip, %d error", cases, seconds(r.DurationMS),
		s.Pass, s.Fail, s.Warn, s.Info, s.Skip, s.Error)
}

// peerEnd writes the peer's last output and how it ended, where something went wrong and no case says so. How it ended
// alone says nothing of a peer that was judged: the suite itself ends each.
func (p *page) peerEnd(r *Report, all bool) {
	if r.Result == Conforming {
		return
	}
	for _, c := range r.Cases {
		if e := c.Evidence; e != nil && e.PeerOutput+e.PeerExit != "" && (r.Complete || endsWith(r.Peer.Output, e.PeerOutput)) {
			return
		}
	}
	if len(PrintableLines(r.Peer.Output)) > 0 || r.Result == Inconclusive {
		p.output(r.Peer.Output, all)
		p.label("exit", Printable(r.Peer.Exit))
	}
}

// endsWith reports whether the end of what the peer printed is what a case shows of it, which may be cut at its beginning.
func endsWith(output, shown string) bool {
	return (shown != "" || output == "") && strings.HasSuffix(output, strings.TrimPrefix(shown, "…"))
}

// resultLine is a report's result and why, on one line. What the peer printed, which follows a reason on lines of its own,
// is shown elsewhere.
func resultLine(r *Report) string {
	if r.Why == "" {
		return Printable(string(r.Result))
	}
	why, printed, _ := strings.Cut(r.Why, "\n")
	if at := strings.LastIndex(why, "; "); printed != "" && at >= 0 {
		why = why[:at]
	}
	return Printable(string(r.Result)) + ": " + Printable(why)
}

// flaky names the cases whose repetitions differed, at most limit of them.
func flaky(r *Report, limit int) string {
	var names []string
	for _, c := range r.Cases {
		if c.Flaky {
			names = append(names, fmt.Sprintf("%s (%s)", Printable(c.ID), verdictList(c.Verdicts)))
		}
	}
	if len(names) == 0 {
		return ""
	}
	s := fmt.Sprintf("Flaky: %s: %s", plural(len(names), "case came out differently when repeated", "cases came out differently when repeated"),
		strings.Join(names[:min(limit, len(names))], ", "))
	if more := len(names) - limit; more > 0 {
		s += " and " + plural(more, "other", "others")
	}
	return s
}
