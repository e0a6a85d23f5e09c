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
	reset   bool          // and the client's message left unread, which makes that a reset at the client's end
	once    bool          // the client is watched for whether it comes again
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
	ask := (*visit).ask
	if s.reset {
		e.unrecorded(restsOnUnread)
		ask = (*visit).leaveUnread
	}
	v, f := e.visitedBy(ctx, s.message, len(s.stream), ask)
	if f != nil {
		return f
	}
	f = v.answer(ctx, s)
	if len(out.Messages) == 0 {
		if f != nil {
			return f
		}
		return v.mustClose(ctx, s, out)
	}
	first := out.Messages[0]
	content := s.stream[first.Offset : first.Offset+first.Length]
	if f != nil && !(f.Stalled && v.presents(content)) { // what stands behind the reply need not be read
		return f
	}
	v.behind = s.stream[first.Offset+first.Length:]
	v.reply = exchange{sent: s.stream[:first.Offset+first.Length], pieces: s.pieces, seen: e.Seen}
	if f = v.mustPresent(ctx, content); f == nil || f.Verdict == report.Pass {
		e.Seen.right(v.reply.sent, s.pieces)
	}
	return f
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
	return v.presentsMore(expected, content)
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
		v.course.Waited()
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
