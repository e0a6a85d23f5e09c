package diagnosis

import (
	"regexp"
	"strings"
	"sync"

	"github.com/oizys-protocol/oizys/conformance/pattern"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/spec"
)

// Observation is what a run found, as far as a diagnosis looks at it.
type Observation struct {
	Role     spec.Role
	Findings []Finding
	// Judged are the IDs of the cases that came to a verdict.
	Judged map[string]bool
}

// Finding is a case that failed or warned.
type Finding struct {
	Case        string
	Requirement string // the one that was cited, or ""
	Expected    string // as in the report,
	Actual      string // and this too
	Hints       []string
}

// Observe returns what a report shows.
func Observe(r *report.Report) Observation {
	seen := Observation{Role: spec.Role(r.Role), Judged: map[string]bool{}}
	for _, c := range r.Cases {
		switch c.Verdict {
		case report.Pass, report.Info:
			seen.Judged[c.ID] = true
		case report.Fail, report.Warn:
			seen.Judged[c.ID] = true
			f := Finding{Case: c.ID, Expected: c.Expected, Actual: c.Actual}
			if c.Evidence != nil {
				f.Hints = c.Evidence.Hints
				if len(c.Evidence.Requirements) > 0 {
					f.Requirement = c.Evidence.Requirements[0].ID
				}
			}
			seen.Findings = append(seen.Findings, f)
		case report.Skip, report.Error:
		}
	}
	return seen
}

func (o Observation) judged(id string) bool { return o.Judged[id] }

// mark is something that tells one fault from another. One with a case can show only where that case is judged.
type mark struct {
	kind   string
	caseID string
}

// weights are the kinds of marks, and what each weighs. What holds for one case alone weighs less than what would be
// found of a similar mistake as well.
var weights = map[string]float64{
	"case":        0.5, // a case fails
	"family":      2,   // some case of a family fails,
	"share":       2,   // and how many of it do
	"word":        2,   // a case fails that has the word in its name
	"requirement": 4,   // a requirement is cited
	"said":        2,   // something is said, of whatever case
	"gist":        2,   // what is said begins so
	"relation":    4,   // what came differs from what was expected in this way
	"hint":        3,   // a cause is suggested,
	"hinted":      1.5, // with this word
	"told":        0.7, // what is said has this word
	"count":       1,   // so many cases fail
}

// marks returns what an observation shows, by a text that names it and begins with its kind.
func (o Observation) marks() map[string]mark {
	all := map[string]mark{}
	add := func(kind, text string) { all[kind+" "+text] = mark{kind: kind} }
	failed, judged := map[string]int{}, map[string]int{}
	for id := range o.Judged {
		judged[pattern.Family(id)]++
	}
	for _, f := range o.Findings {
		family, said := pattern.Family(f.Case), phrase(f.Actual)
		failed[family]++
		all["case "+f.Case] = mark{"case", f.Case}
		add("family", family)
		if f.Requirement != "" {
			add("requirement", f.Requirement)
		}
		add("said", said)
		words := strings.Fields(said)
		add("gist", strings.Join(words[:min(4, len(words))], " "))
		add("gist", strings.Join(words[:min(2, len(words))], " "))
		for _, word := range plainWords().FindAllString(said, -1) {
			add("told", word)
		}
		for _, word := range strings.Split(numbers().ReplaceAllString(strings.TrimPrefix(f.Case, family), "#"), "-") {
			add("word", strings.Trim(word, "/"))
		}
		for _, relation := range relations(f.Expected, f.Actual) {
			add("relation", relation)
		}
		for _, hint := range f.Hints {
			add("hint", phrase(hint))
			for _, word := range plainWords().FindAllString(phrase(hint), -1) {
				add("hinted", word)
			}
		}
	}
	for family, n := range failed {
		add("share", share(n, judged[family])+" of "+family)
	}
	add("count", magnitude(len(o.Findings)))
	return all
}

func share(n, of int) string {
	switch {
	case n*5 >= of*4:
		return "most"
	case n*3 >= of:
		return "many"
	default:
		return "few"
	}
}

func magnitude(n int) string {
	switch {
	case n < 2:
		return "one"
	case n < 5:
		return "some"
	case n < 16:
		return "several"
	default:
		return "many"
	}
}

// unmarked reads a mark from its text.
func unmarked(key string) mark {
	kind, rest, _ := strings.Cut(key, " ")
	if kind == "case" {
		return mark{kind, rest}
	}
	return mark{kind: kind}
}

var (
	quoted     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`"(\\.|[^"\\])*"…?`) })
	bytesOf    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\b[0-9a-f]{2}( [0-9a-f]{2})+…?`) })
	plainWords = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[a-z][a-z'-]{2,}`) })
	numbers    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`0x[0-9a-f]+|\d[\d,.]*`) })
)

const longestPhrase = 120 // bytes; what stands behind is detail

// phrase returns what a sentence says without the figures, bytes and words of the peer that differ from run to run.
func phrase(s string) string {
	s, _, _ = strings.Cut(s, "; again so alone")
	s = quoted().ReplaceAllString(s, "…")
	s = bytesOf().ReplaceAllString(s, "…")
	s = numbers().ReplaceAllString(s, "#")
	if len(s) > longestPhrase {
		s = strings.ToValidUTF8(s[:longestPhrase], "")
	}
	return s
}
