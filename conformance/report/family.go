package report

import (
	"regexp"
	"strings"
	"sync"

	"github.com/oizys-protocol/oizys/conformance/pattern"
)

// verdict returns the case's verdict; a word outside of the vocabulary is an error, as in [Count].
func (c *Case) verdict() Verdict {
	if known(c.Verdict, Verdicts()) {
		return c.Verdict
	}
	return Error
}

// area returns the first part of a case's ID.
func area(id string) string {
	first, _, _ := strings.Cut(id, "/")
	return first
}

// family returns the first two parts of a case's ID: that of hdr/reserved-nonzero/7f is hdr/reserved-nonzero.
func family(id string) string { return pattern.Family(id) }

// group is cases that tell the same: one verdict, one family, and texts that differ in nothing but numbers, bytes and
// quoted content. A peer that breaks one rule in 255 ways has one group, not 255 findings.
type group struct {
	verdict Verdict
	family  string
	cases   []*Case
}

// first is the case that is shown for its group.
func (g *group) first() *Case { return g.cases[0] }

// groups returns the cases of r that have the verdict v and are no known failures, grouped, in the order of each group's
// first case. Skipped cases are grouped by nothing but their reason.
func groups(r *Report, v Verdict) []*group {
	return groupsOf(r, func(c *Case) bool { return c.verdict() == v && c.Known == "" })
}

// knownGroups returns the cases of r that fail as expected, grouped in the same way.
func knownGroups(r *Report) []*group {
	return groupsOf(r, func(c *Case) bool { return c.Known != "" })
}

func groupsOf(r *Report, belongs func(*Case) bool) []*group {
	type key struct {
		verdict                         Verdict
		family, expected, actual, known string
		flaky                           bool
	}
	var all []*group
	index := map[key]*group{}
	for i := range r.Cases {
		c := &r.Cases[i]
		if !belongs(c) {
			continue
		}
		v := c.verdict()
		k := key{v, family(c.ID), shape(c.Expected), shape(c.Actual), c.Known, c.Flaky}
		if v == Skip {
			k = key{verdict: v, actual: c.Actual}
		}
		g := index[k]
		if g == nil {
			g = &group{verdict: v, family: family(c.ID)}
			index[k] = g
			all = append(all, g)
		}
		g.cases = append(g.cases, c)
	}
	return all
}

// varying matches what may differ between two cases of one shape: quoted content, numbers with their separators, and
// bytes in hex, alone or in a row.
var varying = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`"(?:\\.|[^"\\])*"|\b0x[0-9a-fA-F]+\b|\b[0-9a-fA-F]{8,}\b|\b(?:[0-9a-fA-F]{2} )*[0-9a-fA-F]{2}\b|\d+(?:[.,]\d+)*`)
})

// counted matches a plural behind a number, which one case has and the next, with 1, has not.
var counted = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`# (\w+)s\b`) })

// closed matches how a session was closed, which depends on what the peer had read by then.
var closed = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\((?:end of stream|ECONNRESET|EPIPE)\)`) })

// shaped is how many bytes of a text make its shape; what comes behind, a peer's flood perhaps, makes no difference.
const shaped = 300

// shape returns text with everything that varies within a group replaced.
func shape(text string) string {
	text = closed().ReplaceAllString(text[:min(len(text), shaped)], "(closed)")
	return counted().ReplaceAllString(varying().ReplaceAllString(text, "#"), "# $1")
}

// others lists the cases of a group behind its first, at most limit of them, without the family where they share one.
func (g *group) others(limit int) string {
	if len(g.cases) < 2 {
		return ""
	}
	rest := g.cases[1:]
	shown := rest[:min(limit, len(rest))]
	names, between := make([]string, len(shown)), " "
	if g.verdict == Skip {
		between = ", "
	}
	for i, c := range shown {
		names[i] = Printable(c.ID)
		if tail, ok := strings.CutPrefix(c.ID, g.family+"/"); ok && g.verdict != Skip {
			names[i] = "…/" + Printable(tail)
		}
	}
	list := strings.Join(names, between)
	if more := len(rest) - len(shown); more > 0 {
		list += " and " + plural(more, "other", "others")
	}
	return list
}
