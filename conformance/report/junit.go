package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The elements of JUnit XML as GitHub, GitLab and Jenkins read them.
type (
	junitSuites struct {
		XMLName  xml.Name      `xml:"testsuites"`
		Name     string        `xml:"name,attr"`
		Tests    int           `xml:"tests,attr"`
		Failures int           `xml:"failures,attr"`
		Errors   int           `xml:"errors,attr"`
		Skipped  int           `xml:"skipped,attr"`
		Time     string        `xml:"time,attr"`
		Suites   []*junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		XMLName    xml.Name        `xml:"testsuite"`
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`
		Timestamp  string          `xml:"timestamp,attr,omitempty"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
		millis     float64
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		XMLName   xml.Name      `xml:"testcase"`
		Name      string        `xml:"name,attr"`
		Classname string        `xml:"classname,attr"`
		Time      string        `xml:"time,attr"`
		Failure   *junitProblem `xml:"failure"`
		Error     *junitProblem `xml:"error"`
		Skipped   *junitProblem `xml:"skipped"`
		Output    *junitOutput  `xml:"system-out"`
	}
	junitProblem struct {
		Type    string `xml:"type,attr,omitempty"`
		Message string `xml:"message,attr"`
		Body    string `xml:",cdata"`
	}
	junitOutput struct {
		Body string `xml:",cdata"`
	}
)

const (
	runArea    = "run" // the suite of what is said of the run as a whole
	junitWidth = 100   // columns of evidence
)

// writeJUnit writes r as JUnit XML, a suite for each area. What is not conforming is never green: a run that was cut
// short has the error run/complete, a result that no case explains the error or failure run/result.
func writeJUnit(w io.Writer, r *Report) error {
	doc := &junitSuites{Name: "oizys " + Printable(r.Role), Time: junitTime(r.DurationMS)}
	index := map[string]*junitSuite{}
	for i := range r.Cases {
		c := &r.Cases[i]
		doc.add(index, area(c.ID), junitOf(r, c), c.DurationMS)
	}
	if !r.Complete {
		doc.add(index, runArea, runProblem(r, "run/complete", Error, "the run was cut short: cases are missing"), 0)
	}
	if problems := r.KnownProblems(); len(problems) > 0 {
		doc.add(index, runArea, runProblem(r, "run/known", Fail, "the list of known failures does not fit: "+strings.Join(problems, "; ")), 0)
	}
	if r.Result != Conforming && doc.Failures+doc.Errors == 0 {
		v := Error
		switch {
		case r.ForBuild() == Conforming:
			v = Skip // a shard that found nothing, or nothing but what is known
		case r.Result == NonConforming:
			v = Fail
		}
		doc.add(index, runArea, runProblem(r, "run/result", v, string(r.Result)+": "+r.Why), 0)
	}
	for _, s := range doc.Suites {
		s.Time = junitTime(s.millis)
		s.Properties = junitProperties(r)
		if !r.Started.IsZero() {
			s.Timestamp = r.Started.UTC().Format("2006-01-02T15:04:05")
		}
	}
	out, err := xml.MarshalIndent(doc, "", "  ")
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err = io.WriteString(w, xml.Header+string(out)+"\n")
	return err
}

// add puts a case into its area's suite and counts it.
func (d *junitSuites) add(index map[string]*junitSuite, area string, c junitCase, ms float64) {
	s := index[area]
	if s == nil {
		s = &junitSuite{Name: Printable(area)}
		index[area] = s
		d.Suites = append(d.Suites, s)
	}
	s.Cases = append(s.Cases, c)
	s.millis += ms
	d.Tests++
	s.Tests++
	switch {
	case c.Failure != nil:
		d.Failures++
		s.Failures++
	case c.Error != nil:
		d.Errors++
		s.Errors++
	case c.Skipped != nil:
		d.Skipped++
		s.Skipped++
	}
}

// junitOf returns one case. A warning is a failure under --strict only; otherwise it and what was recorded pass. A failure
// that is known is skipped, with its reason.
func junitOf(r *Report, c *Case) junitCase {
	t := junitCase{
		Name:      Printable(c.ID),
		Classname: strings.Join([]string{"oizys", Printable(r.Role), Printable(area(c.ID))}, "."),
		Time:      junitTime(c.DurationMS),
	}
	v := c.verdict()
	problem := func() *junitProblem {
		return &junitProblem{Type: string(v), Message: shorten(Printable(orWord(c.Actual, c.Title)), shownText), Body: junitEvidence(c)}
	}
	switch {
	case c.Known != "" && (v == Fail || r.Strict):
		t.Skipped = &junitProblem{Message: shorten("known: "+Printable(c.Known), shownText), Body: junitEvidence(c)}
	case v == Fail, v == Warn && r.Strict:
		t.Failure = problem()
	case v == Error:
		t.Error = problem()
	case v == Skip:
		t.Skipped = &junitProblem{Message: shorten(Printable(c.Actual), shownText)}
	case v == Warn, v == Info, c.Flaky:
		t.Output = &junitOutput{Body: string(v) + "\n" + junitEvidence(c)}
	}
	return t
}

func runProblem(r *Report, id string, v Verdict, message string) junitCase {
	c := Case{ID: id, Verdict: v, Actual: message}
	t := junitOf(r, &c)
	problem := t.Error
	switch v {
	case Fail:
		problem = t.Failure
	case Skip:
		problem = t.Skipped
	}
	p := &page{width: junitWidth}
	p.line()
	p.para(0, counts(r))
	p.peerEnd(r, false)
	problem.Body = p.String()
	return t
}

// junitEvidence returns the case's evidence as the text format shows it.
func junitEvidence(c *Case) string {
	p := &page{width: junitWidth}
	p.line()
	p.evidence(c, false)
	return p.String()
}

func junitProperties(r *Report) []junitProperty {
	return []junitProperty{
		{"result", Printable(string(r.Result))},
		{"why", Printable(r.Why)},
		{"complete", strconv.FormatBool(r.Complete)},
		{"seed", strconv.FormatUint(r.Seed, 10)},
		{"strict", strconv.FormatBool(r.Strict)},
		{"suite.version", Printable(r.Suite.Version)},
		{"suite.vectors_digest", Printable(r.Suite.VectorsDigest)},
		{"peer.command", peerName(r.Peer)},
	}
}

// junitTime returns a time in milliseconds as seconds with six decimals, as JUnit wants it.
func junitTime(ms float64) string { return strconv.FormatFloat(ms/1000, 'f', 6, 64) }
