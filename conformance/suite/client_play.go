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

// serving is what the judge, as the server of one session, does: it takes the client's message and sends a stream.
type serving struct {
	message []byte // what the client is given; none means an ordinary one
	stream  []byte
	pieces  []int         // sizes in which the stream is sent; none means in one piece
	pause   time.Duration // before the stream, or before the rest of it
	from    int           // where the stream is interrupted for the pause
	ended   bool          // the writing side is shut down behind the stream
	hungUp  bool          // the connection is closed behind the stream
}

// ordinary is the message of cases that are about the reply.
func ordinary() []byte { return []byte("a question for the server") }

// serve runs the client once and holds what it does against the model: it presents the content of the stream's first
// message, or closes the session and presents nothing.
func (e *Env) serve(ctx context.Context, s serving) *Finding {
	out := model.Judge(s.stream, s.ended || s.hungUp)
	if s.message == nil {
		s.message = ordinary()
	}
	v, f := e.visited(ctx, s.message, len(s.stream))
	if f != nil {
		return f
	}
	if f := v.answer(ctx, s); f != nil {
		return f
	}
	if len(out.Messages) == 0 {
		return v.mustClose(ctx, s, out)
	}
	first := out.Messages[0]
	return v.mustPresent(ctx, s.stream[first.Offset:first.Offset+first.Length])
}

// answer sends the stream. A client that has closed the session already shows by other things whether that was right.
func (v *visit) answer(ctx context.Context, s serving) *Finding {
	rest, pieces := s.stream, s.pieces
	if s.pause > 0 {
		if err := v.conn.Send(rest[:s.from]); err != nil {
			return v.sendFailed(err)
		}
		rest = rest[s.from:]
		select {
		case <-time.After(s.pause):
		case <-ctx.Done():
			return unjudged(ctx.Err())
		}
	}
	if err := v.conn.SendPieces(rest, pieces); err != nil && !errors.Is(err, transport.ErrPeerClosed) {
		return v.sendFailed(err)
	}
	switch {
	case s.hungUp:
		v.hungUp = true
		v.conn.Close()
	case s.ended:
		if err := v.conn.HalfClose(); err != nil {
			return unjudged(err)
		}
	}
	return nil
}

func (v *visit) sendFailed(err error) *Finding {
	switch {
	case errors.Is(err, transport.ErrPeerClosed):
		return nil
	case errors.Is(err, transport.ErrStalled):
		f := broken("the client reads what is sent to it", err.Error())
		f.Stalled = true
		return f
	default:
		return unjudged(err)
	}
}

// mustPresent wants the reply's content printed, and the client to end with status 0. That it ends late is not judged
// here.
func (v *visit) mustPresent(ctx context.Context, content []byte) *Finding {
	expected := fmt.Sprintf("the reply's content of %s printed, unmodified, and exit status 0", count(len(content), "byte"))
	shown := func() bool {
		out, err := v.proc.Stdout(), v.proc.Stderr()
		return (len(out.Bytes()) >= len(content) || len(err.Bytes()) >= len(content)) && v.presents(content)
	}
	ended, ok := v.until(ctx, shown)
	switch {
	case ctx.Err() != nil:
		return unjudged(ctx.Err())
	case ok && !ended:
		v.leave(ctx)
	case !ok && !v.presents(content):
		return v.keepsWaiting(expected, content)
	}
	if f := v.nothingMore(ctx); f != nil {
		return f
	}
	if !v.presents(content) {
		return v.notPresented(expected, content)
	}
	if v.proc.Ended() && !v.proc.ExitedCleanly() {
		f := broken(expected, fmt.Sprintf("the reply was printed, and the client ended with %s", v.proc.Exit()))
		f.Requirement = "cli/reply"
		return f
	}
	return nil
}

// notPresented is the finding that the client has ended without printing the reply.
func (v *visit) notPresented(expected string, content []byte) *Finding {
	f := broken(expected, fmt.Sprintf("the client ended (%s); %s", v.proc.Exit(), v.printed()))
	f.Hints = v.whyNot(content)
	part := v.shownPart(content)
	switch {
	case part >= min(telling, len(content)-1) && part > 0:
		f.Requirement = "cli/reply"
		f.Actual = fmt.Sprintf("the client ended (%s) and had printed the reply up to byte %s of %s, and not all of it", v.proc.Exit(), group(part), group(len(content)))
	case v.proc.ExitedCleanly():
		f.Requirement = "cli/reply"
	}
	return f
}

// keepsWaiting is the finding that the client neither prints the reply nor ends. Shutting down the writing side, as most
// servers never do, tells what it waits for.
func (v *visit) keepsWaiting(expected string, content []byte) *Finding {
	f := broken(expected, fmt.Sprintf("within the deadline the reply was not printed, and the client did not end; %s", v.printed()))
	f.Stalled = true
	if v.conn.HalfClose() != nil {
		return f
	}
	timer := time.NewTimer(prodPatience)
	defer timer.Stop()
	select {
	case <-v.proc.Done():
		v.settle()
	case <-timer.C:
	}
	switch {
	case v.presents(content):
		f.Actual += "; when the server shut down its side, the reply was printed"
		f.Hints = []string{"the reply is printed only when the server closes the connection, which an echo server does not"}
	case v.proc.Ended():
		f.Actual += fmt.Sprintf("; when the server shut down its side, the client ended (%s)", v.proc.Exit())
		f.Hints = []string{"more bytes are waited for than the reply's header announces"}
	}
	return f
}

// mustClose wants the session closed by the client, and nothing presented.
func (v *visit) mustClose(ctx context.Context, s serving, out model.Outcome) *Finding {
	begin := time.Now()
	expected := fmt.Sprintf("the session closed because of %s, and nothing presented as a reply", reason(out))
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
	}
	v.leave(ctx)
	for name, n := range v.measures() {
		measured[name] = n
	}
	if f := v.presentedInvalid(expected, s.stream, out); f != nil {
		f.Measured = measured
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
	f.Stalled = true
	if out.End == model.Reserved {
		f.Verdict, f.Requirement = report.Warn, "hdr/reserved-nonzero"
	}
	if shown := v.presentedInvalid(expected, stream, out); shown != nil {
		f.Actual = fmt.Sprintf("%s; and the session was still open %v later", shown.Actual, v.conn.Patience())
		f.Verdict = shown.Verdict
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
		f.Requirement = b.rule
		if out.End == model.Reserved {
			f.Verdict, f.Requirement = report.Warn, "hdr/reserved-nonzero"
		}
		return f
	}
	if out.End == model.Empty && p.showsEmpty(failed) {
		f := broken(expected, fmt.Sprintf("an empty reply was presented: the client ended with status 0, and %s", v.printed()))
		f.Requirement = "cli/invalid-reply"
		return f
	}
	return nil
}

// bait is content in a stream that must not be presented.
type bait struct {
	content []byte
	what    string
	rule    string
}

// baits returns what a client that does not see the stream's error, or goes on behind it, might present.
func baits(stream []byte, out model.Outcome) []bait {
	rest := stream[out.Valid:]
	var found []bait
	switch out.End {
	case model.TruncatedContent:
		found = append(found, bait{rest[4:], "the content of a truncated message", "cli/invalid-reply"})
	case model.Empty:
		for _, m := range lenientMessages(rest[4:]) {
			found = append(found, bait{m, "a message behind an empty one", "close/nothing-after"})
		}
	case model.Reserved:
		for _, m := range lenientMessages(rest) {
			found = append(found, bait{m, "a message with, or behind, a wrong reserved byte", "cli/invalid-reply"})
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
