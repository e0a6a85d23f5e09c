package report

import (
	"fmt"
	"io"
	"strings"
)

// TextOptions says how [WriteText] writes; its zero value fits a file.
type TextOptions struct {
	// Color allows ANSI colours. Everything is said in words, too.
	Color bool
	// Width is the number of columns; 0 stands for 80. Commands and the peer's own lines are never broken.
	Width int
	// Verbose shows every case and all of the evidence, where otherwise the first of those that are alike stands for all.
	Verbose bool
}

// Caps of a page that is not verbose.
const (
	shownGroups = 6  // findings in full; further ones get a line each
	shownOthers = 8  // names of cases like the one shown
	shownBriefs = 40 // findings of one verdict that get a line each
	everything  = 1 << 30
)

// WriteText writes r as a page for people: what failed and why, what was recorded, what was skipped, and last the
// counts and the result. Nothing that the peer sent or printed reaches w unescaped.
func WriteText(w io.Writer, r *Report, o TextOptions) error {
	if o.Width <= 0 {
		o.Width = 80
	}
	t := &text{page: page{width: max(o.Width, 40), color: o.Color}, o: o, r: r, budget: shownGroups}
	t.head()
	if o.Verbose {
		t.passed()
	}
	t.findings(Fail, "Failures: a MUST is broken")
	t.findings(Error, "Errors: the suite could not judge")
	warnings := "Warnings: a SHOULD is broken"
	if r.Strict {
		warnings += ", a failure under --strict"
	}
	t.findings(Warn, warnings)
	t.recorded()
	t.skipped()
	t.foot()
	_, err := io.WriteString(w, t.String())
	return err
}

// text is a report's page under construction; budget is how many findings are still shown in full.
type text struct {
	page
	o      TextOptions
	r      *Report
	budget int
}

func (t *text) head() {
	r := t.r
	t.line(bold.apply(t.color, "oizys certify"), ": ", Printable(r.Role), " ", peerName(r.Peer))
	facts := []string{"suite " + Printable(orWord(r.Suite.Version, "unknown"))}
	if r.Suite.VectorsDigest != "" {
		facts = append(facts, "vectors "+shorten(Printable(r.Suite.VectorsDigest), 19))
	}
	facts = append(facts, fmt.Sprintf("seed %d", r.Seed))
	if r.Jobs > 0 {
		facts = append(facts, plural(r.Jobs, "job", "jobs"))
	}
	if r.Repeat > 1 {
		facts = append(facts, fmt.Sprintf("repeated %d times", r.Repeat))
	}
	if r.Strict {
		facts = append(facts, "strict")
	}
	t.para(0, strings.Join(facts, ", "))
	if s := peerFacts(r.Peer); s != "" {
		t.para(0, s)
	}
}

// peerName says in one line what was judged.
func peerName(p Peer) string {
	switch {
	case p.Attach != "":
		return "the server at " + Printable(p.Attach)
	case p.Embedded:
		return "the embedded reference"
	default:
		return Printable(strings.Join(p.Command, " "))
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

func (t *text) passed() {
	first := true
	for i := range t.r.Cases {
		c := &t.r.Cases[i]
		if c.verdict() != Pass {
			continue
		}
		if first {
			t.heading("Passed")
			first = false
		}
		t.line(t.word(Pass), Printable(c.ID), "  ", millis(c.DurationMS))
	}
}

// word returns a verdict as a column of its own.
func (t *text) word(v Verdict) string {
	return verdictPaint(v).apply(t.color, strings.ToUpper(string(v))) + strings.Repeat(" ", 7-len(v))
}

// findings writes the groups of one verdict: some with their evidence, the others in a line each.
func (t *text) findings(v Verdict, title string) {
	all := groups(t.r, v)
	if len(all) == 0 {
		return
	}
	t.heading(title)
	full, brief := t.choose(all)
	for i, g := range full {
		if i > 0 {
			t.line()
		}
		c := g.first()
		t.line(t.word(v), bold.apply(t.color, Printable(c.ID)))
		t.evidence(c, t.o.Verbose)
		t.alike(g, t.names())
	}
	if len(brief) == 0 {
		return
	}
	if len(full) > 0 {
		t.line()
	}
	for _, g := range brief[:min(len(brief), shownBriefs)] {
		t.brief(g, g.first().Actual)
	}
	if more := len(brief) - shownBriefs; more > 0 {
		t.para(7, "and "+plural(more, "more finding", "more findings"))
	}
	t.para(0, "In brief only; for the evidence of a case: oizys certify --case ID")
}

// choose returns the groups that are shown in full, as many as the budget has, and those that are not. Where not all
// can be, a family has no more than one, so that the page shows as many kinds of trouble as it can.
func (t *text) choose(all []*group) (full, brief []*group) {
	if t.o.Verbose {
		return all, nil
	}
	seen := map[string]bool{}
	scarce := len(all) > t.budget
	for _, g := range all {
		if t.budget == 0 || scarce && seen[g.family] {
			brief = append(brief, g)
			continue
		}
		t.budget--
		seen[g.family] = true
		full = append(full, g)
	}
	return full, brief
}

// names returns how many cases are named behind the one that is shown for them.
func (t *text) names() int {
	if t.o.Verbose {
		return everything
	}
	return shownOthers
}

// alike names the cases for which the one above stands, at most limit of them.
func (p *page) alike(g *group, limit int) {
	if n := len(g.cases) - 1; n > 0 {
		p.para(2, fmt.Sprintf("and %s more like it: %s", commas(n), g.others(limit)))
	}
}

// brief writes a group as one item.
func (t *text) brief(g *group, what string) {
	c := g.first()
	item := Printable(c.ID) + ": " + Printable(what)
	if n := len(g.cases) - 1; n > 0 {
		item += fmt.Sprintf(" (and %s more like it)", commas(n))
	}
	t.item(g.verdict, item)
}

// item writes a text behind a verdict, continued below itself.
func (t *text) item(v Verdict, s string) {
	words := wordsOf(s)
	// The verdict's colour must not count as width: lay the item out first, then put the word in its place.
	p := &page{width: t.width}
	p.wrapped("       ", "       ", words)
	t.WriteString(t.word(v) + p.String()[7:])
}

func (t *text) recorded() {
	all := groups(t.r, Info)
	if len(all) == 0 {
		return
	}
	t.heading("Recorded: the protocol is silent here, so nothing of this is a failure")
	for _, g := range all {
		what := g.first().Actual
		if m := measured(g.first()); m != "" {
			what += " [" + m + "]"
		}
		t.brief(g, what)
		if t.o.Verbose && len(g.cases) > 1 {
			t.alike(g, everything)
		}
	}
}

func (t *text) skipped() {
	all := groups(t.r, Skip)
	if len(all) == 0 {
		return
	}
	t.heading("Skipped")
	for _, g := range all {
		limit := 3
		if t.o.Verbose {
			limit = everything
		}
		names := Printable(g.first().ID)
		if others := g.others(limit); others != "" {
			names += " " + others
		}
		reason := Printable(orWord(g.first().Actual, "no reason was given"))
		t.item(Skip, fmt.Sprintf("%s: %s: %s", plural(len(g.cases), "case", "cases"), reason, names))
	}
}

func (t *text) foot() {
	r := t.r
	t.line()
	t.peerEnd(r, t.o.Verbose)
	t.para(0, counts(r))
	if s := flaky(r, t.names()); s != "" {
		t.para(0, s)
	}
	if !r.Complete {
		t.line(verdictPaint(Error).apply(t.color, "The run was cut short: this report is incomplete."))
	}
	t.para(0, resultLine(r))
}

// peerEnd writes the peer's last output and how it ended, where something went wrong and no case says so.
func (p *page) peerEnd(r *Report, all bool) {
	if r.Result == Conforming {
		return
	}
	for _, c := range r.Cases {
		if c.Evidence != nil && c.Evidence.PeerOutput+c.Evidence.PeerExit != "" {
			return
		}
	}
	if len(PrintableLines(r.Peer.Output)) > 0 || r.Peer.Exit != "" {
		p.line("The peer")
		p.output(r.Peer.Output, all)
		p.label("exit", Printable(r.Peer.Exit))
	}
}

// resultLine is a report's result and why, in one sentence.
func resultLine(r *Report) string {
	if r.Why == "" {
		return Printable(string(r.Result))
	}
	return Printable(string(r.Result)) + ": " + Printable(r.Why)
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

// counts is a report's summary in one sentence.
func counts(r *Report) string {
	of := ""
	if r.Suite.Cases > len(r.Cases) {
		of = " of " + commas(r.Suite.Cases)
	}
	s := r.Summary
	return fmt.Sprintf("%s%s %s in %s: %d pass, %d fail, %d warn, %d info, %d skip, %d error",
		commas(len(r.Cases)), of, noun(int64(len(r.Cases)), "case", "cases"), seconds(r.DurationMS),
		s.Pass, s.Fail, s.Warn, s.Info, s.Skip, s.Error)
}
