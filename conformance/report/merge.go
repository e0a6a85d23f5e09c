package report

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// ErrParts is what every error of [Merge] wraps: the reports are not the parts of one run.
var ErrParts = errors.New("not the parts of one run")

// Part is a shard's report, and the name by which errors call it: that of its file.
type Part struct {
	Name   string
	Report *Report
}

// DigestOf returns a digest of a set of case IDs, whose order does not matter.
func DigestOf(ids []string) string {
	sum := sha256.Sum256([]byte(strings.Join(slices.Sorted(slices.Values(ids)), "\n")))
	return "sha256:" + hex.EncodeToString(sum[:16])
}

// Merge makes one report of the shards of a run, each of which must be there once and whole, and judges the whole. A case
// that ran in several shards has the worst of its verdicts, and is flaky if they differ. The whole has no Diagnosis: those of
// the parts are of the parts. An error wraps [ErrParts], names the report that does not fit and says why.
func Merge(parts []Part) (*Report, error) {
	ordered, err := inOrder(parts)
	if err != nil {
		return nil, err
	}
	first := ordered[0].Report
	merged := *first
	merged.Shard, merged.Diagnosis = nil, nil
	merged.DurationMS, merged.Peer.Starts = 0, 0
	for _, p := range ordered {
		r := p.Report
		merged.DurationMS += r.DurationMS
		merged.Peer.Starts += r.Peer.Starts
		merged.Peer.RoundTripMS = max(merged.Peer.RoundTripMS, r.Peer.RoundTripMS)
		merged.Peer.DeadlineMS = max(merged.Peer.DeadlineMS, r.Peer.DeadlineMS)
		merged.Peer.Sessions = min(merged.Peer.Sessions, r.Peer.Sessions)
		merged.Jobs = max(merged.Jobs, r.Jobs)
		if r.Started.Before(merged.Started) {
			merged.Started = r.Started
		}
	}
	if merged.Cases, err = mergedCases(ordered); err != nil {
		return nil, err
	}
	if entries := entriesOf(first); len(entries) > 0 {
		merged.ExpectFailures(entries)
	}
	merged.Settle()
	return &merged, nil
}

func notParts(name, format string, args ...any) error {
	return fmt.Errorf("%w: %s %s", ErrParts, name, fmt.Sprintf(format, args...))
}

// inOrder returns the parts by their index. The error says which does not belong to the others, or is missing.
func inOrder(parts []Part) ([]Part, error) {
	if len(parts) == 0 {
		return nil, fmt.Errorf("%w: there is no report", ErrParts)
	}
	first := parts[0]
	if first.Report.Shard == nil {
		return nil, notParts(first.Name, "is no shard's report: `oizys certify --shard I/N` makes those")
	}
	ordered := make([]Part, first.Report.Shard.Count)
	for _, p := range parts {
		switch s := p.Report.Shard; {
		case s == nil:
			return nil, notParts(p.Name, "is no shard's report: `oizys certify --shard I/N` makes those")
		case s.Count != len(ordered):
			return nil, notParts(p.Name, "is %v, and %s is %v", *s, first.Name, *first.Report.Shard)
		case ordered[s.Index-1].Report != nil:
			return nil, notParts(p.Name, "is %v, which %s is already", *s, ordered[s.Index-1].Name)
		case !p.Report.Complete:
			return nil, notParts(p.Name, "was cut short (%s): run %v again", Printable(p.Report.Why), *s)
		}
		if err := sameRun(first, p); err != nil {
			return nil, err
		}
		ordered[p.Report.Shard.Index-1] = p
	}
	var missing []string
	for i, p := range ordered {
		if p.Report == nil {
			missing = append(missing, fmt.Sprintf("%d/%d", i+1, len(ordered)))
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%w: %s of shard %s", ErrParts, plural(len(missing), "report is missing, that", "reports are missing, those"), strings.Join(missing, " "))
	}
	return ordered, nil
}

// sameRun says what of two parts differs that must not.
func sameRun(a, b Part) error {
	for _, same := range []struct {
		what string
		of   func(r *Report) any
	}{
		{"suite.version", func(r *Report) any { return r.Suite.Version }},
		{"suite.vectors_digest", func(r *Report) any { return r.Suite.VectorsDigest }},
		{"suite.cases", func(r *Report) any { return r.Suite.Cases }},
		{"role", func(r *Report) any { return r.Role }},
		{"peer.command", func(r *Report) any { return append([]string{}, r.Peer.Command...) }},
		{"peer.attach", func(r *Report) any { return r.Peer.Attach }},
		{"peer.embedded", func(r *Report) any { return r.Peer.Embedded }},
		{"seed", func(r *Report) any { return r.Seed }},
		{"strict", func(r *Report) any { return r.Strict }},
		{"repeat", func(r *Report) any { return r.Repeat }},
		{"known", func(r *Report) any { return entriesOf(r) }},
		{"shard.chosen", func(r *Report) any { return r.Shard.Chosen }},
		{"shard.digest", func(r *Report) any { return r.Shard.Digest }},
	} {
		if x, y := same.of(a.Report), same.of(b.Report); !reflect.DeepEqual(x, y) {
			return notParts(b.Name, "has the %s %s, and %s has %s", same.what, Printable(fmt.Sprint(y)), a.Name, Printable(fmt.Sprint(x)))
		}
	}
	return nil
}

// mergedCases returns every case once: each shard's own by turns, which is the order that the split found, and behind
// them those that are nobody's own.
func mergedCases(parts []Part) ([]Case, error) {
	owner := map[string]string{}
	var ids []string
	queues := make([][]Case, len(parts))
	runs := map[string][]Case{}
	for i, p := range parts {
		for _, c := range p.Report.Cases {
			if c.Shared {
				runs[c.ID] = append(runs[c.ID], c)
				continue
			}
			if other, twice := owner[c.ID]; twice {
				return nil, notParts(p.Name, "has case %s, and so has %s", c.ID, other)
			}
			owner[c.ID] = p.Name
			ids = append(ids, c.ID)
			queues[i] = append(queues[i], c)
		}
	}
	if want := parts[0].Report.Shard; len(ids) != want.Chosen || DigestOf(ids) != want.Digest {
		return nil, fmt.Errorf("%w: they have %d cases, and not the %d that the run was split into: cases are missing or foreign", ErrParts, len(ids), want.Chosen)
	}
	var cases []Case
	for i := range queues[0] {
		for _, q := range queues {
			if i < len(q) {
				cases = append(cases, mergedCase(q[i], runs[q[i].ID]))
				delete(runs, q[i].ID)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(runs)) {
		cases = append(cases, mergedCase(runs[id][0], runs[id][1:]))
	}
	return cases, nil
}

// mergedCase returns what a case came to that ran in several shards: what it came to in its own, unless it came to
// something worse in another.
func mergedCase(own Case, others []Case) Case {
	rank := map[Verdict]int{Fail: 3, Error: 2, Warn: 1}
	worst, all := own, verdictsOf(own)
	for _, c := range others {
		if c.Verdict == Skip {
			continue // what it rests on did not pass there, which has a verdict of its own
		}
		all = append(all, verdictsOf(c)...)
		if rank[c.Verdict] > rank[worst.Verdict] {
			worst = c
		}
	}
	worst.Shared = false
	if slices.ContainsFunc(all, func(v Verdict) bool { return v != all[0] }) {
		worst.Verdicts, worst.Flaky = all, true
	} else {
		worst.Verdicts, worst.Flaky = own.Verdicts, own.Flaky
	}
	return worst
}

func verdictsOf(c Case) []Verdict {
	if len(c.Verdicts) > 0 {
		return slices.Clone(c.Verdicts)
	}
	return []Verdict{c.Verdict}
}
