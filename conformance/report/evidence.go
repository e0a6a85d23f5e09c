package report

import (
	"fmt"
	"slices"
	"strings"
)

// Caps of what is shown of one case's evidence; the JSON report has all of it.
const (
	shownOutput = 8    // lines of the peer's last output
	shownStacks = 12   // lines of the stacks of a peer that hung
	shownText   = 1000 // runes of what was expected or seen
)

// evidence writes what is known of c below its heading. With all, nothing is left out.
func (p *page) evidence(c *Case, all bool) {
	p.para(2, Printable(c.Title))
	e := c.Evidence
	if e == nil {
		e = &Evidence{}
	}
	for _, rule := range e.Requirements {
		p.label(Printable(rule.Level), Printable(rule.Statement))
		p.label("", fmt.Sprintf("(%s; source: %s)", Printable(rule.ID), Printable(rule.Source)))
	}
	if len(e.Requirements) == 0 {
		p.label("rule", Printable(strings.Join(c.Requirements, ", ")))
	}
	limit := shownText
	if all {
		limit = everything
	}
	p.label("known", Printable(c.Known))
	p.label("expected", shorten(Printable(c.Expected), limit))
	p.label("actual", shorten(Printable(c.Actual), limit))
	for i, hint := range e.Hints {
		p.label([]string{"likely", "or"}[min(i, 1)], Printable(hint))
	}
	if c.Flaky {
		p.label("flaky", "repetitions differ: "+verdictList(c.Verdicts))
	}
	p.label("measured", measured(c))
	p.transcripts(e.Sessions, all)
	p.output(e.PeerOutput, all)
	p.label("exit", Printable(e.PeerExit))
	p.stacks(e.PeerStacks, all)
	p.whole("replay", Printable(c.Replay))
}

func verdictList(verdicts []Verdict) string {
	words := make([]string, len(verdicts))
	for i, v := range verdicts {
		words[i] = Printable(string(v))
	}
	return strings.Join(words, ", ")
}

// measured returns what a case recorded, by name.
func measured(c *Case) string {
	names := make([]string, 0, len(c.Measured))
	for name := range c.Measured {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		names[i] = fmt.Sprintf("%s=%s", Printable(name), number(c.Measured[name]))
	}
	return strings.Join(names, " ")
}

// number returns a measurement with as many decimals as matter.
func number(f float64) string {
	s := fmt.Sprintf("%.2f", f)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// output writes the end of what the peer printed.
func (p *page) output(text string, all bool) {
	lines := PrintableLines(text)
	if !all && len(lines) > shownOutput {
		left := len(lines) - shownOutput
		lines = append([]string{"… " + plural(left, "earlier line", "earlier lines")}, lines[left:]...)
	}
	p.printed("output", lines, all)
}

// stacks writes the beginning of what a peer that hung printed on SIGQUIT.
func (p *page) stacks(text string, all bool) {
	lines := PrintableLines(text)
	if left := len(lines) - shownStacks; !all && left > 0 {
		lines = append(lines[:shownStacks:shownStacks], "… "+plural(left, "line more, in the JSON report", "lines more, in the JSON report"))
	}
	p.printed("stacks", lines, all)
}

// printed writes lines that the peer has printed.
func (p *page) printed(name string, lines []string, all bool) {
	for _, line := range lines {
		if !all {
			line = shorten(line, 4*p.width)
		}
		p.line("  ", pad(name, labelWidth), "| ", line)
		name = ""
	}
}

// orWord returns s, or word if s is empty.
func orWord(s, word string) string {
	if s == "" {
		return word
	}
	return s
}
