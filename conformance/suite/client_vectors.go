package suite

import (
	"context"
	"slices"
	"strings"

	"github.com/oizys-protocol/oizys/spec"
	"github.com/oizys-protocol/oizys/vectors"
)

// repliesOf makes a case of every vector whose first message is a valid reply and in which nothing is wrong behind it.
func repliesOf(set *vectors.Set) []Case {
	return fromVectorsFor(set, func(v *vectors.Vector) bool {
		return len(v.Messages) > 0 && (v.Outcome.Error == vectors.ErrorNone || v.Outcome.Error == vectors.ErrorEndOfStream)
	})
}

// invalidOf makes a case of every vector that has no valid reply, and of a choice of those that differ only in the value
// of the reserved byte.
func invalidOf(set *vectors.Set) []Case {
	return fromVectorsFor(set, func(v *vectors.Vector) bool {
		value, single := strings.CutPrefix(v.ID, "hdr/reserved-nonzero/0x")
		return len(v.Messages) == 0 && v.Outcome.Error != vectors.ErrorNone && (!single || slices.Contains(reservedValues(), value))
	})
}

// reservedValues are the wrong reserved bytes that are tried: each bit alone, and values with a meaning elsewhere.
func reservedValues() []string {
	return []string{"01", "02", "04", "08", "10", "20", "40", "80", "ff", "7f", "fe", "0a", "0d", "30", "7b", "81"}
}

// fromVectorsFor makes cases of the vectors that are taken: their bytes are what the client gets for a reply.
func fromVectorsFor(set *vectors.Set, taken func(*vectors.Vector) bool) []Case {
	var cases []Case
	for _, v := range set.All() {
		if v.Kind != vectors.KindStream || !taken(v) {
			continue
		}
		rules := ofClient(v.Requirements)
		if len(rules) == 0 || rules[0] != v.Requirements[0] {
			continue
		}
		needs := needsOf(v.ID, v.WireLength, declared(v), v.Pieces)
		if len(v.Messages) > 0 {
			needs = append(needs, plainReply)
		}
		cases = append(cases, Case{
			ID:           v.ID,
			Title:        v.Description,
			Requirements: append(rules, vectorRule(v)),
			Bytes:        3 * v.WireLength,
			Needs:        needs,
			Run: func(ctx context.Context, e *Env) *Finding {
				return e.serve(ctx, serving{stream: v.Wire(), pieces: v.Pieces, ended: v.EndOfStream})
			},
		})
	}
	return cases
}

// vectorRule is what a client shows with a vector beside the vector's own requirements.
func vectorRule(v *vectors.Vector) string {
	if len(v.Messages) > 0 {
		return "cli/reply"
	}
	return "cli/invalid-reply"
}

// ofClient returns the requirements that bind a client.
func ofClient(ids []string) []string {
	var bound []string
	for _, id := range ids {
		if r, ok := spec.Find(id); ok && r.Binds(spec.Client) {
			bound = append(bound, id)
		}
	}
	return bound
}
