// Package diagnosis names the mistake that is likeliest behind what a peer did wrong.
//
// Begin with [Diagnose]. It compares the findings of a report with those that the suite made of every faulty peer of
// package faulty, which is what the [Dictionary] holds, and tells the faults that come nearest, how sure that is, and the
// kind of mistake that it is. Where nothing is near it says so. The dictionary is written by `oizys selftest --full
// --report dictionary=FOLDER`; how often it is right is measured by `oizys selftest --full --diagnose`.
//
// A diagnosis is advice. It makes no verdict and changes none.
package diagnosis

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/oizys-protocol/oizys/conformance/faulty"
	"github.com/oizys-protocol/oizys/conformance/report"
)

// What likeness is worth. The bounds were set by diagnosing every fault again from runs with another seed, and from a
// dictionary without it: see docs/diagnosis.md for the figures.
const (
	almostCertain = 0.80 // likeness from which on, with nothing else near, the fault is almost certainly this one
	likely        = 0.45 // from which on it is likely,
	possible      = 0.20 // and below which no known fault fits
	clearlyAhead  = 0.10 // by how much the next fault has to be less like it
	mostShown     = 3
	fewCases      = 3 // fewer cases that find the fault say little where little was judged
)

// Diagnose returns what is likeliest wrong with the peer of a report, or nil when nothing was found or no fault of its
// role is known. It may be called concurrently; the report is only read.
func Diagnose(r *report.Report) *report.Diagnosis {
	seen := Observe(r)
	d, err := Embedded(seen.Role)
	if err != nil || len(seen.Findings) == 0 {
		return nil
	}
	return d.Diagnose(seen)
}

// Diagnose compares an observation with every fault of the dictionary. It is nil for one without findings, and for a
// dictionary without faults.
func (d *Dictionary) Diagnose(seen Observation) *report.Diagnosis {
	ranked := d.Rank(seen)
	if len(ranked) == 0 || len(seen.Findings) == 0 {
		return nil
	}
	out := &report.Diagnosis{Class: classOf(ranked, seen.evidence())}
	for _, m := range ranked {
		if m.Likeness < possible || len(out.Candidates) == mostShown {
			break
		}
		if len(out.Candidates) > 0 && m.Likeness < out.Candidates[0].Likeness/2 {
			break
		}
		if c := d.candidate(m, seen); len(c.Shared) > 0 {
			out.Candidates = append(out.Candidates, c)
		}
	}
	if len(out.Candidates) == 0 {
		out.Summary = "no known fault fits"
		return out
	}
	first := ranked[slices.IndexFunc(ranked, func(m Match) bool { return m.Fault == out.Candidates[0].Fault })]
	out.Sure = sureness(first, ranked)
	if len(out.Candidates[0].Shared) < fewCases && d.littleJudged(seen) && !d.sameRelation(first.Fault, seen) {
		out.Sure = report.Possible
	}
	out.Summary = summary(out)
	return out
}

// sureness is how sure a fault is by its likeness, and by that of the others.
func sureness(first Match, ranked []Match) report.Sureness {
	others := slices.DeleteFunc(slices.Clone(ranked), func(m Match) bool { return m.Fault == first.Fault })
	switch {
	case first.Likeness >= almostCertain && (len(others) == 0 || first.Likeness-others[0].Likeness >= clearlyAhead):
		return report.AlmostCertain
	case first.Likeness >= likely:
		return report.Likely
	default:
		return report.Possible
	}
}

// littleJudged reports whether less than half of the cases that find any fault came to a verdict: then very different
// faults look alike.
func (d *Dictionary) littleJudged(seen Observation) bool {
	all, judged := map[string]bool{}, 0
	for i := range d.entries {
		for _, id := range d.entries[i].cases() {
			if !all[id] && seen.judged(id) {
				judged++
			}
			all[id] = true
		}
	}
	return judged*2 < len(all)
}

// sameRelation reports whether what came differs from what was expected in a way that it does with the fault: of that, one
// case says much.
func (d *Dictionary) sameRelation(fault string, seen Observation) bool {
	own := d.find(fault).marks
	for key, m := range seen.marks() {
		if _, ok := own[key]; ok && m.kind == "relation" {
			return true
		}
	}
	return false
}

func summary(d *report.Diagnosis) string {
	first := d.Candidates[0]
	switch d.Sure {
	case report.AlmostCertain:
		return fmt.Sprintf("almost certainly %s (%s)", first.Fault, first.Class)
	case report.Likely:
		return fmt.Sprintf("most likely %s (%s)", first.Fault, first.Class)
	default:
		return fmt.Sprintf("possibly %s; what is wrong is of the kind %s", first.Fault, d.Class)
	}
}

// candidate says what speaks for a fault, and what against it.
func (d *Dictionary) candidate(m Match, seen Observation) report.Candidate {
	f, _ := faulty.Find(m.Fault)
	c := report.Candidate{Fault: m.Fault, Class: f.Class, Description: f.Description, Breaks: f.Breaks, Likeness: math.Round(m.Likeness*100) / 100}
	own := map[string]bool{}
	for _, id := range d.find(m.Fault).cases() {
		own[id] = true
	}
	for _, f := range seen.Findings {
		if own[f.Case] {
			c.Shared = append(c.Shared, f.Case)
			delete(own, f.Case)
		} else {
			c.Beside = append(c.Beside, f.Case)
		}
	}
	for id := range own {
		if seen.judged(id) {
			c.Missing = append(c.Missing, id)
		}
	}
	slices.Sort(c.Missing)
	return c
}

// Match is how like one fault an observation is, from 0 to 1.
type Match struct {
	Fault    string
	Likeness float64
}

// Rank returns every fault of the dictionary with its likeness to an observation, the likest first; equals are in the
// order of their names. Faults named in without are left out.
func (d *Dictionary) Rank(seen Observation, without ...string) []Match {
	marks := seen.marks()
	var all []Match
	for i := range d.entries {
		e := &d.entries[i]
		if !slices.Contains(without, e.Fault) {
			all = append(all, Match{e.Fault, d.likeness(e, marks, seen)})
		}
	}
	slices.SortStableFunc(all, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Likeness, a.Likeness), cmp.Compare(a.Fault, b.Fault))
	})
	return all
}

// likeness is the weight of the marks that both have, as a share of that of all marks that either has. A mark that the
// other run could not have shown, as the case came to no verdict there, is left out. Rare marks weigh more.
func (d *Dictionary) likeness(e *entry, marks map[string]mark, seen Observation) float64 {
	var both, all float64
	for key, m := range e.marks {
		if m.caseID != "" && !seen.judged(m.caseID) {
			continue
		}
		w := d.weight(key, m)
		all += w
		if _, ok := marks[key]; ok {
			both += w
		}
	}
	for key, m := range marks {
		if _, ok := e.marks[key]; ok || m.caseID != "" && !e.judged(m.caseID) {
			continue
		}
		all += d.weight(key, m)
	}
	if all == 0 {
		return 0
	}
	return both / all
}

func (d *Dictionary) weight(key string, m mark) float64 {
	return weights[m.kind] * math.Log(float64(len(d.entries)+1)/(float64(d.having[key])+0.5))
}

// Class returns the kind of mistake, one of [faulty.Classes], that the likest faults have in common and the findings speak
// for, or "" without any.
func (d *Dictionary) Class(seen Observation, without ...string) string {
	return classOf(d.Rank(seen, without...), seen.evidence())
}

// classOf returns the class whose two nearest faults are the nearest together, and for which the signs speak most. The
// nearest fault counts more than the other, and one alone in its class counts less.
func classOf(ranked []Match, spoken map[string]float64) string {
	const first, second, sign = 0.7, 0.3, 0.8
	nearness, members := map[string]float64{}, map[string]int{}
	for _, m := range ranked {
		f, _ := faulty.Find(m.Fault)
		switch members[f.Class]++; members[f.Class] {
		case 1:
			nearness[f.Class] = first * m.Likeness
		case 2:
			nearness[f.Class] += second * m.Likeness
		}
	}
	best, most := "", 0.0
	for _, class := range faulty.Classes() {
		if all := nearness[class] + sign*spoken[class]; all > most {
			best, most = class, all
		}
	}
	return best
}
