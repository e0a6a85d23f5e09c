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
)

// everything is a cap that caps nothing.
const everything = 1 << 30

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
	t.diagnosis()
	t.known()
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
	if r.Shard != nil {
		facts = append(facts, r.Shard.String())
	}
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

// known writes the failures that were expected, and what of the list of them does not fit.
func (t *text) known() {
	if all := knownGroups(t.r); len(all) > 0 {
		t.heading("Known failures")
		for i, g := range all {
			c := g.first()
			if !t.o.Verbose {
				t.brief(g, c.Actual+"; known: "+c.Known, "like it")
				continue
			}
			if i > 0 {
				t.line()
			}
			t.line(t.word(g.verdict), bold.apply(t.color, Printable(c.ID)))
			t.evidence(c, true)
			t.alike(g, everything)
		}
	}
	if problems := t.r.KnownProblems(); len(problems) > 0 {
		t.heading("The list of known failures does not fit")
		for _, problem := range problems {
			t.para(0, Printable(problem))
		}
	}
}

func (t *text) recorded() {
	all := groups(t.r, Info)
	if len(all) == 0 {
		return
	}
	t.heading("Recorded: where the protocol is silent, nothing fails")
	for _, g := range all {
		what := g.first().Actual
		if m := measured(g.first()); m != "" {
			what += " [" + m + "]"
		}
		t.brief(g, what, "like it")
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
			names += ", " + others
		}
		reason := Printable(orWord(g.first().Actual, "no reason was given"))
		t.item(Skip, fmt.Sprintf("%s: %s (%s)", plural(len(g.cases), "case", "cases"), reason, names))
	}
}

func (t *text) foot() {
	r := t.r
	end := &page{width: t.width}
	if end.peerEnd(r, t.o.Verbose); end.Len() > 0 {
		t.heading("The peer's last output")
		t.WriteString(end.String())
	}
	t.line()
	t.para(0, counts(r))
	if s := flaky(r, t.names()); s != "" {
		t.para(0, s)
	}
	if !r.Complete && len(r.Cases) > 0 {
		t.line(verdictPaint(Error).apply(t.color, "The run was cut short: this report is incomplete."))
	}
	// One line, however long: what reads the last line of the output reads all of it, and a terminal breaks it by itself.
	word := Printable(string(r.Result))
	t.line(resultPaint(r.Result).apply(t.color, word), strings.TrimPrefix(resultLine(r), word))
}
