package known

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/oizys-protocol/oizys/conformance/pattern"
	"github.com/oizys-protocol/oizys/conformance/report"
)

// Unexplained is the reason of an entry that nobody has given one yet.
const Unexplained = "not explained yet (written by oizys certify --known-write)"

const heading = `Known failures, for oizys certify --known. Each entry is for the cases that match its pattern and needs a reason.
An entry whose cases pass, or that covers more than what fails, is an error.`

// Write returns a list in YAML of the failures of a run, under --strict of the warnings too. A family of which every case
// failed alike is one entry; otherwise each case has its own. What the run's own list of known failures says of a case
// is kept, and so is what it says of cases that this run does not tell of. An entry that does not fit is taken apart: each
// of its cases that did not pass has its own, with the old reason and, where it failed in another way than the entry says,
// the beginning of what it does now. Every is the IDs of all cases there are for the role.
func Write(rep *report.Report, every []string) ([]byte, error) {
	doc := &yaml.Node{Kind: yaml.SequenceNode, HeadComment: heading}
	written := map[string]bool{}
	add := func(e Entry, comment string) {
		if !written[e.Case] {
			written[e.Case] = true
			doc.Content = append(doc.Content, e.node(comment))
		}
	}
	whole := wholeFamilies(rep, every)
	for _, c := range failures(rep) {
		e, comment := Entry{Case: c.ID, Reason: Unexplained}, c.Actual
		k, ok := entryFor(rep, c.ID)
		switch f := pattern.Family(c.ID); {
		case ok && k.Problem == "":
			e = entryOf(k)
		case ok:
			e.Reason, e.Actual = k.Reason, k.Actual
		case whole[f]:
			e.Case = f
		}
		switch {
		case ok && c.Known == "": // it fails in another way than the entry says
			e.Actual, comment = beginning(c.Actual), "It was: "+k.Actual
		case e.Actual != "":
			comment = ""
		}
		add(e, comment)
	}
	for _, k := range rep.Known {
		if k.Problem == "" {
			add(entryOf(k), "")
			continue
		}
		for _, id := range untold(rep, every, k) {
			add(Entry{Case: id, Reason: k.Reason, Actual: k.Actual}, "")
		}
	}
	if len(doc.Content) == 0 {
		doc.Style = yaml.FlowStyle // [], which an empty list is
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("writing the list of known failures: %w", err)
	}
	return out.Bytes(), nil
}

// failures returns the cases that make the result what it is, and the warnings that the run's own list expects.
func failures(rep *report.Report) []*report.Case {
	var all []*report.Case
	for i := range rep.Cases {
		c := &rep.Cases[i]
		_, listed := entryFor(rep, c.ID)
		if c.Verdict == report.Fail || c.Verdict == report.Warn && (rep.Strict || listed) {
			all = append(all, c)
		}
	}
	return all
}

// entryFor returns the entry of the run's own list that covers a case, if one does.
func entryFor(rep *report.Report, id string) (report.Known, bool) {
	for _, k := range rep.Known {
		if pattern.Matches(id, k.Case) {
			return k, true
		}
	}
	return report.Known{}, false
}

func entryOf(k report.Known) Entry { return Entry{Case: k.Case, Reason: k.Reason, Actual: k.Actual} }

// untold returns the cases of an entry of which the run says nothing: they did not run, were skipped or not judged.
func untold(rep *report.Report, every []string, k report.Known) []string {
	told := map[string]bool{}
	for _, c := range rep.Cases {
		told[c.ID] = c.Verdict != report.Skip && c.Verdict != report.Error
	}
	var ids []string
	for _, id := range every {
		if pattern.Matches(id, k.Case) && !told[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

// wholeFamilies returns the families of which every case there is failed and none was known before.
func wholeFamilies(rep *report.Report, every []string) map[string]bool {
	left := map[string]int{}
	for _, id := range every {
		left[pattern.Family(id)]++
	}
	for _, c := range failures(rep) {
		if _, listed := entryFor(rep, c.ID); !listed {
			left[pattern.Family(c.ID)]--
		}
	}
	whole := map[string]bool{}
	for f, n := range left {
		whole[f] = n == 0
	}
	return whole
}

// node returns the entry in YAML, below a comment if there is one.
func (e Entry) node(comment string) *yaml.Node {
	text := func(s string) *yaml.Node {
		n := &yaml.Node{}
		n.SetString(s)
		return n
	}
	n := &yaml.Node{Kind: yaml.MappingNode}
	n.Content = append(n.Content, text("case"), text(e.Case), text("reason"), text(e.Reason))
	if e.Actual != "" {
		n.Content = append(n.Content, text("actual"), text(e.Actual))
	}
	n.HeadComment = strings.TrimSpace(report.Printable(short(comment)))
	return n
}

// short returns the beginning of a text, as much as a comment needs.
func short(s string) string {
	if b := upTo(s, mostBytes); b != s {
		return b + "…"
	}
	return s
}

// beginning returns what an entry expects of a case that does this: its first line, as much of it as tells it from others.
func beginning(actual string) string {
	line, _, _ := strings.Cut(strings.ToValidUTF8(strings.TrimSpace(actual), "\n"), "\n") // YAML has no other text
	return strings.TrimSpace(upTo(line, mostBytes))
}

const mostBytes = 150 // of a text in a list

// upTo returns the first bytes of s, at most n, that are whole characters.
func upTo(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
