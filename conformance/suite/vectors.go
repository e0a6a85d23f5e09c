package suite

import (
	"context"

	"github.com/oizys-protocol/oizys/vectors"
)

// fromVectors makes a case of every vector that can be shown to an echo server: of those in which bytes reach it.
func fromVectors(set *vectors.Set) []Case {
	var cases []Case
	for _, v := range set.All() {
		if v.Kind != vectors.KindStream {
			continue
		}
		cases = append(cases, Case{
			ID:           v.ID,
			Title:        v.Description,
			Requirements: v.Requirements,
			Bytes:        v.WireLength,
			Needs:        needsOf(v.ID, v.Wire(), v.Pieces),
			Run: func(ctx context.Context, e *Env) *Finding {
				return e.play(ctx, script{wire: v.Wire(), pieces: v.Pieces, ended: v.EndOfStream})
			},
		})
	}
	return cases
}
