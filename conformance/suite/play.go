package suite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
	"github.com/oizys-protocol/oizys/spec"
)

// script is a stream for an echo server, judged by the model.
type script struct {
	wire   []byte
	pieces []int // sizes in which the wire is sent; none means in one piece
	ended  bool  // the writing side is shut down behind the wire
	burst  bool  // whole messages and the error behind them go out together
	bare   bool  // nothing is sent behind the error
}

// play opens a session, sends the script's stream and holds what the server does against the model.
func (e *Env) play(ctx context.Context, s script) *Finding {
	c, f := e.dial(ctx, "session")
	if f != nil {
		return f
	}
	f = e.playOn(ctx, c, s)
	if f == nil || f.Verdict == report.Pass {
		e.drop(c) // it is no evidence, and the server may serve one session at a time
		if !s.burst {
			e.Seen.right(s.wire, s.pieces)
		}
	}
	return f
}

func (e *Env) playOn(ctx context.Context, c *transport.Conn, s script) *Finding {
	out := model.Judge(s.wire, s.ended)
	x := exchange{conn: c, sent: s.wire, out: out, pieces: s.pieces, seen: e.Seen}
	if out.End == model.Open {
		return x.mustStayOpen(ctx, s.pieces)
	}
	before, after := cutPieces(s.pieces, len(s.wire), out.Valid)
	c.Expect(s.wire[:out.Valid])
	if s.burst {
		if err := c.SendPieces(s.wire, s.pieces); err != nil && !x.closedAgainst(err) {
			return x.sendFailed(err)
		}
	} else {
		if f := x.echoed(ctx, s.wire[:out.Valid], before); f != nil {
			return f
		}
		if err := c.SendPieces(s.wire[out.Valid:], after); err != nil && !x.closedAgainst(err) {
			return x.sendFailed(err)
		}
	}
	if s.ended {
		if err := c.HalfClose(); err != nil {
			return unjudged(err)
		}
		return x.mustClose(ctx)
	}
	if s.bare {
		return x.mustClose(ctx)
	}
	bait := frame(content("bait behind the error", 32))
	x.tail = bait
	if err := c.Send(bait); err != nil && !x.closedAgainst(err) {
		return x.sendFailed(err)
	}
	return x.mustClose(ctx)
}

// closedAgainst reports whether err comes of a server that has closed, as the stream's error demands. One that has ended
// its own side of the session need not read on: an end of stream is a close.
func (x exchange) closedAgainst(err error) bool {
	return errors.Is(err, transport.ErrPeerClosed) || errors.Is(err, transport.ErrStalled) && x.conn.Ended()
}

// cutPieces splits sizes that add up to total at the given offset; none stays none.
func cutPieces(sizes []int, total, at int) (before, after []int) {
	switch {
	case at == 0:
		return nil, sizes
	case at == total:
		return sizes, nil
	}
	for _, n := range sizes {
		if head := min(n, max(at, 0)); head > 0 {
			before = append(before, head)
		}
		if tail := n - max(at, 0); tail > 0 {
			after = append(after, min(n, tail))
		}
		at -= n
	}
	return before, after
}

// exchange is one session under judgement.
type exchange struct {
	conn *transport.Conn
	sent []byte // what the session's stream consists of,
	tail []byte // and what the judge has sent behind it
	out  model.Outcome

	pieces []int // sizes in which sent was sent; none means in one piece, or that it is not known
	seen   *Seen // what the peer got right before
}

// stream returns all that was sent, or is to be.
func (x exchange) stream() []byte {
	if len(x.tail) == 0 {
		return x.sent
	}
	return join(x.sent, x.tail)
}

// mustStayOpen sends a stream of whole messages, takes their echoes, and has the session prove that it is still open.
func (x exchange) mustStayOpen(ctx context.Context, pieces []int) *Finding {
	x.conn.Expect(x.sent)
	if f := x.echoed(ctx, x.sent, pieces); f != nil {
		return f
	}
	sentinel := frame([]byte("sentinel: is it still open?")) // text, so that it fails no server that cannot do more
	x.tail = sentinel
	x.conn.Expect(sentinel)
	return x.echoed(ctx, sentinel, nil)
}

// echoed sends bytes whose echo is already expected and waits for it.
func (x exchange) echoed(ctx context.Context, b []byte, pieces []int) *Finding {
	if err := x.conn.SendPieces(b, pieces); err != nil {
		if f := x.sendFailed(err); f != nil {
			return f
		}
	}
	state, err := x.conn.AwaitExpected(ctx)
	return x.judgeOpen(ctx, x.rest(ctx, state), err)
}

// rest lets a server that has begun to send something wrong send the rest of it, so that neither the verdict nor its
// hints depend on how many bytes the first read returned.
func (x exchange) rest(ctx context.Context, s transport.State) transport.State {
	if len(s.Stray) == 0 || s.Ended != "" {
		return s
	}
	const enough, pause, limit = 1 << 10, 20 * time.Millisecond, 100 * time.Millisecond
	return x.conn.AwaitQuiet(ctx, enough, pause, limit)
}

func (x exchange) sendFailed(err error) *Finding {
	switch {
	case errors.Is(err, transport.ErrPeerClosed):
		return nil // the reading side knows more
	case errors.Is(err, transport.ErrStalled):
		f := broken("the server reads what is sent to it", err.Error())
		f.Stalled = true
		return f
	default:
		return unjudged(err)
	}
}

// judgeOpen judges a session that must have echoed everything and be open. That a session was closed behind its last
// answer shows at the next message, if one follows.
func (x exchange) judgeOpen(ctx context.Context, s transport.State, err error) *Finding {
	if len(s.Stray) == 0 && s.Matched == s.Want && err == nil {
		return nil
	}
	expected := fmt.Sprintf("%s echoed, and the session open", x.messages())
	switch {
	case len(s.Stray) > 0:
		return x.different(s, expected)
	case s.Ended != "":
		f := broken(expected, fmt.Sprintf("the server closed the session (%s) after %s", s.Ended, x.progress(s)))
		f.Hints = x.hintsOfSilence(s)
		return f
	case errors.Is(err, transport.ErrStalled):
		return x.stalled(ctx, s, expected)
	default:
		return unjudged(err)
	}
}

// stalled prods a server that does not answer with one more message, and one that has never answered with more than that:
// what comes then is evidence.
func (x exchange) stalled(ctx context.Context, s transport.State, expected string) *Finding {
	came := "only " + x.progress(s)
	if s.Got == 0 {
		came = "no byte of an answer"
	}
	f := broken(expected, came+" came within the deadline; the session stayed open")
	f.Stalled = true
	f.Hints = x.hintsOfSilence(s)
	x.conn.SetPatience(prodPatience)
	for i, p := range x.prods() {
		if p.do() != nil {
			break
		}
		later, _ := x.conn.AwaitAny(ctx, s.Got+1) // what matters is what came
		later = x.rest(ctx, later)
		answered := len(later.Stray) == 0 && later.Ended == "" || i > 0 && later.Matched == s.Want // with what answers the prods, perhaps
		switch {
		case later.Got == s.Got:
			continue
		case answered:
			f.Actual += "; when " + p.done + ", the answer came"
			f.Hints = append([]string{p.hint}, f.Hints...)
		default:
			f.Actual += "; when " + p.done + ", " + x.whatCame(later)
		}
		break
	}
	return f
}

// prod is something that makes a server speak, and what it waits for if it does.
type prod struct {
	done string
	do   func() error
	hint string
}

// prods are what a server is prodded with, one after the other.
func (x exchange) prods() []prod {
	send := func(content []byte) func() error { return func() error { return x.conn.Send(frame(content)) } }
	all := []prod{{
		"one more message was sent", send(content("prod", 16)),
		"a message is handled only when bytes of the next one arrive (a read waits for more than the message, or an off-by-one in \"is it whole?\")",
	}}
	if x.seen.any() {
		return all // it is no server that never speaks
	}
	return append(all,
		prod{"one with a line feed was sent", send([]byte("\n")), "answers wait for a line feed: the output is line-buffered, and is to be flushed behind each of them"},
		prod{"one of 8 KiB was sent", send(content("prod", 8<<10)), "answers wait until a buffer is full, and are to be flushed one by one"},
		prod{"the sending side was shut down", x.conn.HalfClose, "nothing is answered before the stream ends: all of it is read first, and each message is to be taken as soon as it is whole"},
	)
}

const prodPatience = 200 * time.Millisecond

// mustClose waits for the close that the stream's error or end demands.
func (x exchange) mustClose(ctx context.Context) *Finding {
	begin := time.Now()
	s, err := x.conn.AwaitEnd(ctx)
	s = x.rest(ctx, s)
	expected := fmt.Sprintf("the session closed because of %s, nothing delivered for it or behind it", reason(x.out))
	switch {
	case len(s.Stray) > 0:
		return x.afterError(s, expected)
	case s.Ended != "":
		return &Finding{Verdict: report.Pass, Measured: map[string]float64{"closed_after_ms": millis(s.EndedAt.Sub(begin))}}
	case errors.Is(err, transport.ErrStalled):
		f := broken(expected, fmt.Sprintf("the session was still open %v later, and nothing came back", x.conn.Patience()))
		f.Stalled = true
		if x.out.End == model.Reserved {
			f.Verdict, f.Requirement = report.Warn, "hdr/reserved-nonzero"
		}
		return f
	default:
		return unjudged(err)
	}
}

func millis(d time.Duration) float64 { return float64(max(d, 0).Microseconds()) / 1000 }

// afterError judges bytes that came although an error had closed the session.
func (x exchange) afterError(s transport.State, expected string) *Finding {
	if x.out.End == model.Reserved && x.reservedIgnored(s) {
		f := broken(expected, "the reserved byte was ignored: the server went on, and "+x.whatCame(s))
		f.Verdict, f.Requirement = report.Warn, "hdr/reserved-nonzero"
		return f
	}
	f := broken(expected, "the session went on: "+x.whatCame(s))
	f.Hints = x.hintsOfGoingOn(s)
	if x.out.End == model.Reserved && len(s.Stray) > 0 && s.Stray[0] != 0 && s.Matched == int64(x.out.Valid) {
		f.Requirement = "hdr/reserved-zero"
		f.Actual = fmt.Sprintf("the server sent a header whose own reserved byte is 0x%02x", s.Stray[0])
		if bytes.HasPrefix(x.stream()[x.out.Valid:], s.Stray[:min(len(s.Stray), spec.HeaderLen)]) {
			f.Hints = append([]string{"the header that was received is sent back as it came, without a check"}, f.Hints...)
		}
	}
	return f
}

// reservedIgnored reports whether what came is what a server sends that takes the reserved byte for nothing: it answers
// the message behind it, or leaves that one out and goes on with the next.
func (x exchange) reservedIgnored(s transport.State) bool {
	if s.Matched != int64(x.out.Valid) || len(s.Stray) == 0 {
		return false
	}
	rest := x.stream()[x.out.Valid:]
	return bytes.HasPrefix(model.LenientEcho(rest, true), s.Stray) || bytes.HasPrefix(model.LenientEcho(rest, false), s.Stray)
}
