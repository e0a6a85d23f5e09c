package report

import (
	"fmt"
	"html"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Caps of a Markdown report. GitHub takes a job summary of 1 MiB and drops a longer one whole; several may share it.
const (
	maxMarkdown      = 256 << 10 // bytes
	markdownEnd      = 2 << 10   // of these, kept for what is said of what was left out
	markdownRows     = 200
	markdownEvidence = 10
	markdownReplays  = 20
	markdownCell     = 300 // runes
	markdownWidth    = 100 // columns of evidence
)

// writeMarkdown writes r as a page for a CI job summary, shorter than maxMarkdown whatever the report holds.
func writeMarkdown(w io.Writer, r *Report) error {
	m := &markdown{r: r}
	m.head()
	var open, quiet []*group
	for _, v := range []Verdict{Fail, Error, Warn} {
		open = append(open, groups(r, v)...)
	}
	for _, v := range []Verdict{Info, Skip} {
		quiet = append(quiet, groups(r, v)...)
	}
	m.table("Findings", open)
	m.diagnosis()
	m.evidence(open)
	m.replays(open)
	m.known()
	m.table("Recorded and skipped", quiet)
	m.peerEnd()
	m.end()
	_, err := io.WriteString(w, m.String())
	return err
}

// markdown is a page under construction; left lists what did not fit.
type markdown struct {
	strings.Builder
	r    *Report
	left []string
}

// block writes s whole, or nothing if it does not fit any more.
func (m *markdown) block(s string) bool {
	if m.Len()+len(s) > maxMarkdown-markdownEnd {
		return false
	}
	m.WriteString(s)
	return true
}

func (m *markdown) head() {
	r := m.r
	sign := map[Result]string{Conforming: "✅", NonConforming: "❌"}[r.Result]
	if r.Result == NonConforming && r.ForBuild() == Conforming {
		sign = "⚠️" // nothing but what is known
	}
	m.block(fmt.Sprintf("## %s oizys: %s\n\n", orWord(sign, "❔"), mdText(string(r.Result))))
	if r.Why != "" {
		m.block(mdText(shorten(sentence(r.Why), markdownCell)) + ".\n\n")
	}
	if !r.Complete {
		m.block("**The run was cut short: this report is incomplete.**\n\n")
	}
	m.block("| pass | fail | warn | info | skip | error | cases | time |\n|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	s := r.Summary
	m.block(fmt.Sprintf("| %d | %d | %d | %d | %d | %d | %s | %s |\n\n", s.Pass, s.Fail, s.Warn, s.Info, s.Skip, s.Error,
		casesOf(r), seconds(r.DurationMS)))
	m.block(fmt.Sprintf("Peer %s, role %s, suite %s, seed %d", mdCode(shorten(peerName(r.Peer), markdownCell)),
		mdText(r.Role), mdCode(orWord(r.Suite.Version, "unknown")), r.Seed))
	if r.Suite.VectorsDigest != "" {
		m.block(", vectors " + mdCode(shorten(r.Suite.VectorsDigest, 19)))
	}
	if r.Shard != nil {
		m.block(", " + r.Shard.String())
	}
	if r.Strict {
		m.block(", strict: a warning is a failure")
	}
	m.block(".\n\n")
	if s := flaky(r, shownOthers); s != "" {
		m.block(mdText(shorten(s, 4*markdownCell)) + ".\n\n")
	}
}

// casesOf returns how many cases ran, and of how many where not all did.
func casesOf(r *Report) string {
	if r.Suite.Cases > len(r.Cases) {
		return fmt.Sprintf("%d of %d", len(r.Cases), r.Suite.Cases)
	}
	return fmt.Sprint(len(r.Cases))
}

// table writes a row for each group.
func (m *markdown) table(title string, all []*group) {
	if len(all) == 0 {
		return
	}
	if !m.block("### " + title + "\n\n| verdict | case | cases | expected | actual |\n|---|---|--:|---|---|\n") {
		m.left = append(m.left, "the table “"+title+"”")
		return
	}
	written := 0
	for _, g := range all[:min(len(all), markdownRows)] {
		c := g.first()
		word := string(g.verdict)
		if g.verdict == Fail || g.verdict == Error {
			word = "**" + word + "**"
		}
		seen := c.Actual
		if s := measured(c); s != "" && g.verdict == Info {
			seen += " [" + s + "]"
		}
		row := fmt.Sprintf("| %s | %s | %d | %s | %s |\n", word, g.cell(), len(g.cases), mdCell(c.Expected), mdCell(seen))
		if !m.block(row) {
			break
		}
		written++
	}
	m.block("\n")
	if rest := len(all) - written; rest > 0 {
		m.left = append(m.left, fmt.Sprintf("%s of the table “%s”", plural(rest, "row", "rows"), title))
	}
}

// known writes the failures that were expected, and what of the list of them does not fit.
func (m *markdown) known() {
	if problems := m.r.KnownProblems(); len(problems) > 0 {
		list := "### The list of known failures does not fit\n\n"
		for _, problem := range problems {
			list += "- " + mdText(shorten(problem, markdownCell)) + "\n"
		}
		if !m.block(list + "\n") {
			m.left = append(m.left, "what of the list of known failures does not fit")
		}
	}
	all := knownGroups(m.r)
	if len(all) == 0 {
		return
	}
	rows, shown := "### Known failures\n\n| verdict | case | cases | known | actual |\n|---|---|--:|---|---|\n", 0
	for _, g := range all[:min(len(all), markdownRows)] {
		c := g.first()
		row := fmt.Sprintf("| %s | %s | %d | %s | %s |\n", g.verdict, g.cell(), len(g.cases), mdCell(c.Known), mdCell(c.Actual))
		if m.Len()+len(rows)+len(row) > maxMarkdown-2*markdownEnd {
			break
		}
		rows += row
		shown++
	}
	if rest := len(all) - shown; rest > 0 {
		m.left = append(m.left, plural(rest, "row", "rows")+" of the table “Known failures”")
	}
	m.block(rows + "\n")
}

// cell names the group's first case, and says whether there are more.
func (g *group) cell() string {
	if len(g.cases) > 1 {
		return mdCell(g.first().ID) + " …"
	}
	return mdCell(g.first().ID)
}

// evidence writes what the first findings rest on, folded.
func (m *markdown) evidence(open []*group) {
	written := 0
	for _, g := range open[:min(len(open), markdownEvidence)] {
		c := g.first()
		p := &page{width: markdownWidth}
		p.evidence(c, false)
		p.alike(g, shownOthers)
		head := fmt.Sprintf("<details><summary>%s <code>%s</code></summary>\n\n", g.verdict, html.EscapeString(Printable(shorten(c.ID, markdownCell))))
		if !m.block(head + fenced("text", p.String()) + "\n</details>\n\n") {
			break
		}
		written++
	}
	if rest := len(open) - written; rest > 0 {
		m.left = append(m.left, "the evidence of "+plural(rest, "finding", "findings"))
	}
}

// replays writes the commands that run each finding's first case alone.
func (m *markdown) replays(open []*group) {
	var commands []string
	for _, g := range open {
		if c := g.first(); c.Replay != "" && len(commands) < markdownReplays {
			commands = append(commands, Printable(c.Replay))
		}
	}
	if len(commands) == 0 {
		return
	}
	if !m.block("Replay:\n\n" + fenced("sh", strings.Join(commands, "\n")+"\n") + "\n") {
		m.left = append(m.left, "the replay commands")
	}
}

// peerEnd writes the peer's last words where no case has them.
func (m *markdown) peerEnd() {
	p := &page{width: markdownWidth}
	p.peerEnd(m.r, false)
	if p.Len() > 0 && !m.block("The peer's last output:\n\n"+fenced("text", p.String())+"\n") {
		m.left = append(m.left, "the peer's last output")
	}
}

// end says what was left out; there is always room for it.
func (m *markdown) end() {
	if len(m.left) == 0 {
		return
	}
	m.WriteString("Left out here: " + strings.Join(m.left, ", ") + ". The JSON report holds everything.\n")
}

// fenced returns text, which is printable, as a code block that nothing in it can end.
func fenced(language, text string) string {
	fence := strings.Repeat("`", max(longestRun(text, '`')+1, 3))
	return fence + language + "\n" + text + fence + "\n"
}

// mdCell returns s as the content of a table's cell.
func mdCell(s string) string {
	if s == "" {
		return "–"
	}
	return codeSpan(escapePipes(Printable(shorten(s, markdownCell))))
}

// mdCode returns s as a code span outside of a table, in which nothing is markup.
func mdCode(s string) string { return codeSpan(Printable(s)) }

// escapePipes returns s with its pipes such that none ends a table's cell.
func escapePipes(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch {
		case s[i] != '|':
			b.WriteByte(s[i])
		case i > 0 && s[i-1] == '\\':
			b.WriteString(`x7c`) // \| would end the cell however it is escaped; \x7c is what Printable makes of others
		default:
			b.WriteString(`\|`)
		}
	}
	return b.String()
}

// codeSpan returns s, which is one line, between backticks that nothing in it can match.
func codeSpan(s string) string {
	fence := strings.Repeat("`", longestRun(s, '`')+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// mdText returns s as text in which nothing is markup.
func mdText(s string) string {
	var b strings.Builder
	for _, r := range Printable(s) {
		switch {
		case r == '<' || r == '>' || r == '&':
			b.WriteString(html.EscapeString(string(r)))
		case strings.ContainsRune("\\`*_{}[]#|~$@", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// sentence returns s with its first letter in upper case.
func sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// longestRun returns the length of the longest run of c in s.
func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != c {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
