package report

import (
	"fmt"
	"strings"
)

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
	brief = byFamily(brief)
	for _, g := range brief[:min(len(brief), shownBriefs)] {
		t.brief(g, g.first().Actual, "of "+Printable(g.family))
	}
	if more := len(brief) - shownBriefs; more > 0 {
		t.para(7, "and findings of "+plural(more, "more family", "more families"))
	}
	t.line("In brief only; for the evidence of a case: ", Printable(anyReplay(brief[0].first())))
}

// anyReplay returns the command that runs a case like c alone, with ID in the place of which.
func anyReplay(c *Case) string {
	return strings.Replace(orWord(c.Replay, "oizys certify --case "+c.ID), "--case "+c.ID, "--case ID", 1)
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

// byFamily returns groups with those of one family made one.
func byFamily(all []*group) []*group {
	var merged []*group
	index := map[string]*group{}
	for _, g := range all {
		of := index[g.family]
		if of == nil {
			of = &group{verdict: g.verdict, family: g.family}
			index[g.family] = of
			merged = append(merged, of)
		}
		of.cases = append(of.cases, g.cases...)
	}
	return merged
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

// brief writes a group as one item: its first case and what it did, and how many more there are of what kind.
func (t *text) brief(g *group, what, kind string) {
	c := g.first()
	item := Printable(c.ID) + ": " + Printable(what)
	if n := len(g.cases) - 1; n > 0 {
		item += fmt.Sprintf(" (and %s more %s)", commas(n), kind)
	}
	t.item(g.verdict, item)
}

// item writes a text behind a verdict, continued below itself.
func (t *text) item(v Verdict, s string) {
	words := wordsOf(s)
	// Colours must not count as width: lay the item out first, then put the verdict in its place.
	p := &page{width: t.width}
	p.wrapped("       ", "       ", words)
	t.WriteString(t.word(v) + p.String()[7:])
}
