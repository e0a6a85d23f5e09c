package runner

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
)

// Shard is one of several parts into which a run is split, to be run on several machines: part Index, from 1, of Count.
type Shard struct{ Index, Count int }

// ParseShard reads a shard written as I/N, such as 2/4. The error wraps ErrUsage.
func ParseShard(s string) (Shard, error) {
	index, count, ok := strings.Cut(s, "/")
	i, err1 := strconv.Atoi(index)
	n, err2 := strconv.Atoi(count)
	shard := Shard{i, n}
	if !ok || err1 != nil || err2 != nil || n < 1 || shard.check() != nil {
		return Shard{}, fmt.Errorf("%w: %q is no shard; it is I/N, part I of N, such as 1/4, with I from 1 to N and N at most %d", ErrUsage, s, report.MaxShards)
	}
	return shard, nil
}

func (s Shard) check() error {
	if s == (Shard{}) || s.Index >= 1 && s.Index <= s.Count && s.Count <= report.MaxShards {
		return nil
	}
	return fmt.Errorf("%w: there is no shard %d of %d", ErrUsage, s.Index, s.Count)
}

// part is the cases of one shard.
type part struct {
	cases []suite.Case    // in the order of the catalogue
	own   map[string]bool // those that no other shard has; nil when nothing is split
	shard report.Shard
}

// of returns the shard's part of the chosen cases: every N-th of them, and beside these what they rest on and what is
// judged by how a whole run went. Every chosen case is some shard's own, and no two shards'.
func (s Shard) of(chosen []suite.Case) (part, error) {
	if s == (Shard{}) {
		return part{cases: chosen}, nil
	}
	if s.Count > len(chosen) {
		return part{}, fmt.Errorf("%w: %s cannot be split into %d shards; make them fewer", ErrUsage, cases(len(chosen)), s.Count)
	}
	ids := make([]string, len(chosen))
	p := part{own: map[string]bool{}}
	taken := map[string]bool{}
	for i, c := range chosen {
		ids[i] = c.ID
		p.own[c.ID] = i%s.Count == s.Index-1
		taken[c.ID] = p.own[c.ID] || c.Mode == suite.WholeRun
	}
	takeNeeds(chosen, taken)
	for _, c := range chosen {
		if taken[c.ID] {
			p.cases = append(p.cases, c)
		}
	}
	p.shard = report.Shard{Index: s.Index, Count: s.Count, Chosen: len(chosen), Digest: report.DigestOf(ids)}
	return p, nil
}

// takeNeeds takes what the taken cases rest on, and what that rests on.
func takeNeeds(chosen []suite.Case, taken map[string]bool) {
	ordered := inOrderOfNeed(chosen)
	for i := len(ordered) - 1; i >= 0; i-- {
		if !taken[ordered[i].ID] {
			continue
		}
		for _, id := range ordered[i].Needs {
			if _, known := taken[id]; known {
				taken[id] = true
			}
		}
	}
}

// mark says in a report which shard it is of, and which of its cases are other shards'.
func (p part) mark(rep *report.Report) {
	if p.own == nil {
		return
	}
	shard := p.shard
	rep.Shard = &shard
	for i := range rep.Cases {
		rep.Cases[i].Shared = !p.own[rep.Cases[i].ID]
	}
}

// cases counts them in words.
func cases(n int) string {
	if n == 1 {
		return "1 case"
	}
	return fmt.Sprintf("%d cases", n)
}
