package suite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// mustClose wants the session closed by the client, and nothing presented.
func (v *visit) mustClose(ctx context.Context, s serving, out model.Outcome) *Finding {
	begin := time.Now()
	expected := fmt.Sprintf("the session closed because of %s, and nothing presented as a reply", s.reason(out))
	measured := map[string]float64{}
	if !s.hungUp {
		state, err := v.conn.AwaitEnd(ctx)
		switch {
		case len(state.Stray) > 0:
			return v.saysMore(expected, state)
		case state.Ended == "" && errors.Is(err, transport.ErrStalled):
			return v.staysOpen(expected, s.stream, out)
		case state.Ended == "":
			return unjudged(err)
		}
		measured["closed_after_ms"] = millis(state.EndedAt.Sub(begin))
		if !v.conn.AwaitGone(ctx) {
			return v.halfOpen(ctx, expected, out)
		}
	}
	if s.once {
		if f := v.comesAgain(ctx); f != nil {
			return f
		}
	}
	v.leave(ctx)
	for name, n := range v.measures() {
		measured[name] = n
	}
	if f := v.presentedInvalid(expected, s.stream, out); f != nil {
		f.Measured = measured
		if s.reset {
			f.Hints = []string{resetTaken}
		}
		return f
	}
	if f := v.nothingMore(ctx); f != nil {
		return f
	}
	if v.proc.Ended() && v.proc.Signal() != 0 && !v.late {
		return recorded(fmt.Sprintf("the session was closed by the client's death (%s), nothing was presented (silence 8)", v.proc.Exit()), measured)
	}
	return passed(measured)
}

// saysMore is the finding that the client answered an invalid reply.
func (v *visit) saysMore(expected string, s transport.State) *Finding {
	f := broken(expected, fmt.Sprintf("the client went on and sent %s: %s", count(len(s.Stray), "byte"), sample(s.Stray)))
	f.Requirement = "cli/request"
	f.Hints = []string{"an error message is sent to the server; the protocol has none"}
	return f
}

// staysOpen is the finding that the client did not close the session.
func (v *visit) staysOpen(expected string, stream []byte, out model.Outcome) *Finding {
	f := broken(expected, fmt.Sprintf("the session was still open %v later; %s", v.conn.Patience(), v.printed()))
	f.Stalled, f.Requirement = true, out.End.Requirement()
	switch out.End {
	case model.Reserved:
		f.Verdict = report.Warn
	case model.Empty:
		f.Hints = []string{emptySkipped}
	}
	if shown := v.presentedInvalid(expected, stream, out); shown != nil {
		f.Actual = fmt.Sprintf("%s; and the session was still open %v later", shown.Actual, v.conn.Patience())
		f.Verdict, f.Hints = shown.Verdict, shown.Hints
	}
	return f
}

// halfOpen is the finding that the client shut down its writing side, and did not close the session.
func (v *visit) halfOpen(ctx context.Context, expected string, out model.Outcome) *Finding {
	if ctx.Err() != nil {
		return unjudged(ctx.Err())
	}
	f := broken(expected, fmt.Sprintf("the client shut down its writing side, and the session was still open %v later", v.conn.Patience()))
	f.Stalled, f.Requirement = true, out.End.Requirement()
	f.Hints = []string{"the session is shut down for writing alone; whoever waits for the other side to close it keeps it open"}
	if out.End == model.Reserved {
		f.Verdict = report.Warn
	}
	return f
}

// presentedInvalid is a finding if content that was no valid reply is presented as one.
func (v *visit) presentedInvalid(expected string, stream []byte, out model.Outcome) *Finding {
	p := v.env.manners().look(v.proc.Stdout().Bytes(), v.proc.Stderr().Bytes())
	failed := v.proc.Ended() && !v.proc.ExitedCleanly()
	for _, b := range baits(stream, out) {
		if !p.shows(b.content, failed) {
			continue
		}
		f := broken(expected, fmt.Sprintf("%s was presented as a reply: %s", b.what, v.printed()))
		f.Requirement, f.Hints = b.rule, []string{b.cause}
		if out.End == model.Reserved {
			f.Verdict, f.Requirement = report.Warn, "hdr/reserved-nonzero"
		}
		return f
	}
	if out.End != model.EndOfStream && p.showsEmpty(failed) {
		f := broken(expected, fmt.Sprintf("an empty reply was presented: the client ended with status 0, and %s", v.printed()))
		f.Requirement = "cli/invalid-reply"
		switch out.End {
		case model.Empty:
			f.Hints = []string{emptyAnswered}
		case model.TruncatedContent:
			f.Hints = []string{partDelivered}
		}
		if out.End == model.Reserved {
			f.Verdict, f.Requirement = report.Warn, "hdr/reserved-nonzero"
		}
		return f
	}
	return nil
}

// bait is content in a stream that must not be presented.
type bait struct {
	content []byte
	what    string
	rule    string
	cause   string
}

// baits returns what a client that does not see the stream's error, or goes on behind it, might present.
func baits(stream []byte, out model.Outcome) []bait {
	rest := stream[out.Valid:]
	var found []bait
	switch out.End {
	case model.TruncatedContent:
		found = append(found, bait{rest[4:], "the content of a truncated message", "cli/invalid-reply", partDelivered})
	case model.Empty:
		for _, m := range lenientMessages(rest[4:]) {
			found = append(found, bait{m, "a message behind an empty one", "close/nothing-after", emptySkipped})
		}
	case model.Reserved:
		for _, m := range lenientMessages(rest) {
			found = append(found, bait{m, "a message with, or behind, a wrong reserved byte", "cli/invalid-reply", "a reply's reserved byte is not looked at"})
		}
	}
	return found
}

// lenientMessages returns the contents of the messages in a stream, whatever their reserved byte, up to the first that is
// not whole. Empty ones are left out.
func lenientMessages(stream []byte) [][]byte {
	var found [][]byte
	for len(stream) >= 4 && len(found) < 8 {
		length := length24(stream)
		if len(stream)-4 < length {
			break
		}
		if length > 0 {
			found = append(found, stream[4:4+length])
		}
		stream = stream[4+length:]
	}
	return found
}
