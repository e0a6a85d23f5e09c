package report

import "fmt"

// Diagnosis is which known mistakes explain the findings of a report. It is advice: no verdict rests on it.
type Diagnosis struct {
	// Summary says it in half a sentence.
	Summary string `json:"summary"`
	// Sure is how sure the first candidate is; empty when no known fault fits.
	Sure Sureness `json:"sure,omitempty"`
	// Class is the kind of mistake that the nearest faults have in common.
	Class string `json:"class"`
	// Candidates are the faults that come nearest, the likeliest first.
	Candidates []Candidate `json:"candidates,omitempty"`
}

// Sureness is how sure a diagnosis is.
type Sureness string

// The degrees of sureness, a closed vocabulary. docs/diagnosis.md tells how often each was right when it was measured.
const (
	AlmostCertain Sureness = "almost-certain"
	Likely        Sureness = "likely"
	Possible      Sureness = "possible"
)

// Candidate is one known fault that may be what is wrong.
type Candidate struct {
	Fault       string   `json:"fault"` // its name, which `oizys explain` takes
	Class       string   `json:"class"`
	Description string   `json:"description"` // what is wrong, how it usually comes about, and how it is mended
	Breaks      []string `json:"breaks"`
	// Likeness is from 0 to 1: how much of what was found is found of this fault, and the other way round.
	Likeness float64 `json:"likeness"`
	// Shared are the cases that found something here and of the fault too, Beside those that only did here, and Missing
	// those that only did of the fault.
	Shared  []string `json:"shared,omitempty"`
	Beside  []string `json:"beside,omitempty"`
	Missing []string `json:"missing,omitempty"`
}

// words returns the sureness as it reads in a sentence.
func (s Sureness) words() string {
	switch s {
	case AlmostCertain:
		return "almost certain"
	case Likely:
		return "likely"
	case Possible:
		return "possible"
	default:
		return "no known fault fits"
	}
}

// balance says in one sentence what speaks for a candidate and what against it.
func (c Candidate) balance() string {
	s := fmt.Sprintf("%s of those that find this fault found something here", plural(len(c.Shared), "case", "cases"))
	if len(c.Missing) > 0 {
		s += fmt.Sprintf(", %d more did not, such as %s", len(c.Missing), c.Missing[0])
	}
	if len(c.Beside) > 0 {
		s += fmt.Sprintf("; so did %s that do not find it, such as %s", plural(len(c.Beside), "case", "cases"), c.Beside[0])
	}
	return s + "."
}

func (t *text) diagnosis() {
	d := t.r.Diagnosis
	if d == nil {
		return
	}
	t.heading("Diagnosis")
	if len(d.Candidates) == 0 {
		t.para(0, "No known fault fits. The nearest ones are of the kind "+Printable(d.Class)+".")
		return
	}
	first := d.Candidates[0]
	t.line(bold.apply(t.color, Printable(first.Fault)), " (", Printable(first.Class), "), ", d.Sure.words())
	t.para(2, Printable(first.Description))
	t.para(2, Printable(first.balance()))
	for _, c := range d.Candidates[1:] {
		t.para(0, fmt.Sprintf("or %s (%s), likeness %.2f where the first has %.2f", Printable(c.Fault), Printable(c.Class), c.Likeness, first.Likeness))
		if t.o.Verbose {
			t.para(2, Printable(c.Description))
			t.para(2, Printable(c.balance()))
		}
	}
	t.para(0, "More of it: oizys explain "+Printable(first.Fault))
}

func (m *markdown) diagnosis() {
	d := m.r.Diagnosis
	if d == nil {
		return
	}
	if len(d.Candidates) == 0 {
		m.block("### Diagnosis\n\nNo known fault fits. The nearest ones are of the kind " + mdText(d.Class) + ".\n\n")
		return
	}
	s := "### Diagnosis\n\n"
	for i, c := range d.Candidates {
		how := fmt.Sprintf("likeness %.2f", c.Likeness)
		if i == 0 {
			how = d.Sure.words() + ", " + how
		}
		s += fmt.Sprintf("%d. %s (%s), %s. %s %s\n", i+1, mdCode(c.Fault), mdText(c.Class), how, mdText(c.Description), mdText(c.balance()))
	}
	m.block(s + "\n")
}
