package known

import (
	"bytes"
	"fmt"
	"strings"

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
// is kept, and so is what it says of cases that this run does not tell of. Every is the IDs of all cases there are for the
// role.
func Write(rep *report.Report, every []string) ([]byte, error) {
	doc := &yaml.Node{Kind: yaml.SequenceNode, HeadComment: heading}
	written := map[string]bool{}
	whole := wholeFamilies(rep, every)
	for _, c := range failures(rep) {
		e := Entry{Case: c.ID, Reason: Unexplained}
		if k, ok := saidOf(rep, c); ok {
			e.Case, e.Reason, e.Actual = k.Case, k.Reason, k.Actual
		} else if f := pattern.Family(c.ID); whole[f] {
			e.Case = f
		}
		if !written[e.Case] {
			written[e.Case] = true
			doc.Content = append(doc.Content, e.node(c.Actual))
		}
	}
	for _, k := range rep.Known {
		if k.Problem == "" && k.Cases == 0 && !written[k.Case] {
			written[k.Case] = true
			doc.Content = append(doc.Content, Entry{Case: k.Case, Reason: k.Reason, Actual: k.Actual}.node(""))
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

// failures returns the cases that make the result what it is.
func failures(rep *report.Report) []*report.Case {
	var all []*report.Case
	for i := range rep.Cases {
		if c := &rep.Cases[i]; c.Verdict == report.Fail || c.Verdict == report.Warn && rep.Strict {
			all = append(all, c)
		}
	}
	return all
}

// saidOf returns the entry of the run's own list that expected the failure, if it needs no change.
func saidOf(rep *report.Report, c *report.Case) (report.Known, bool) {
	for _, k := range rep.Known {
		if c.Known != "" && k.Problem == "" && pattern.Matches(c.ID, k.Case) {
			return k, true
		}
	}
	return report.Known{}, false
}

// wholeFamilies returns the families of which every case there is failed and none was known before.
func wholeFamilies(rep *report.Report, every []string) map[string]bool {
	left := map[string]int{}
	for _, id := range every {
		left[pattern.Family(id)]++
	}
	for _, c := range failures(rep) {
		if c.Known == "" {
			left[pattern.Family(c.ID)]--
		}
	}
	whole := map[string]bool{}
	for f, n := range left {
		whole[f] = n == 0
	}
	return whole
}

// node returns the entry in YAML, with what the peer did, if that is known, as a comment.
func (e Entry) node(actual string) *yaml.Node {
	text := func(s string) *yaml.Node {
		n := &yaml.Node{}
		n.SetString(s)
		return n
	}
	n := &yaml.Node{Kind: yaml.MappingNode}
	n.Content = append(n.Content, text("case"), text(e.Case), text("reason"), text(e.Reason))
	if e.Actual != "" {
		n.Content = append(n.Content, text("actual"), text(e.Actual))
	} else {
		n.HeadComment = strings.TrimSpace(report.Printable(short(actual)))
	}
	return n
}

// short returns the beginning of a text, as much as a comment needs.
func short(s string) string {
	const most = 150 // bytes
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
