package suite

import (
	"context"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/spec"
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
			Needs:        needsOf(v.ID, v.WireLength, declared(v), v.Pieces),
			Run: func(ctx context.Context, e *Env) *Finding {
				return e.play(ctx, script{wire: v.AppendWire(e.buffer(v.WireLength)), pieces: v.Pieces, ended: v.EndOfStream})
			},
		})
	}
	return cases
}

// declared returns the outcome that a vector itself tells, without its bytes.
func declared(v *vectors.Vector) model.Outcome {
	out := model.Outcome{End: model.End(v.Outcome.Error)}
	if v.Outcome.Error == vectors.ErrorNone {
		out.End = model.Open
	}
	for _, m := range v.Messages {
		out.Messages = append(out.Messages, model.Span{Offset: out.Valid + spec.HeaderLen, Length: m.Length})
		out.Valid += spec.HeaderLen + m.Length
	}
	return out
}
