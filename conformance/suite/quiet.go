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

// quiet are the cases of sessions in which the server must say nothing of its own, and of the two directions of one.
func quiet() []Case {
	return []Case{
		{
			ID: "stream/unsolicited/at-once", Title: "nothing is sent before the first message",
			Requirements: []string{"stream/unsolicited"},
			Run:          noGreeting,
		},
		{
			ID: "stream/unsolicited/at-end", Title: "nothing but the answers is sent before the session is closed",
			Requirements: []string{"stream/unsolicited", "close/end-of-stream"}, Needs: []string{coalesced},
			Run: noTrailer,
		},
		{
			ID: "stream/unsolicited/after-error", Title: "no farewell is sent when an error closes the session",
			Requirements: []string{"stream/unsolicited", "close/on-error"}, Needs: []string{emptyCloses},
			Run: noFarewell,
		},
		{
			ID: "stream/idle/silent-and-usable", Title: "a session that idles is sent nothing, stays open and still works",
			Requirements: []string{"stream/idle", "stream/unsolicited"}, Mode: Throughout,
			Run: idle,
		},
		{
			ID: "stream/idle/before-the-first-message", Title: "a session that idles before its first message stays open and works",
			Requirements: []string{"stream/idle", "stream/unsolicited"}, Mode: Throughout,
			Run: idleAtFirst,
		},
		{
			ID: "stream/idle/inside-a-message", Title: "a session that idles in the middle of a message stays open and still works",
			Requirements: []string{"stream/idle", "stream/split"}, Mode: Throughout, Needs: []string{splitContent},
			Run: idleInside(spec.HeaderLen + 5),
		},
		{
			ID: "stream/idle/inside-a-header", Title: "a session that idles in the middle of a header stays open and still works",
			Requirements: []string{"stream/idle", "stream/split"}, Mode: Throughout, Needs: []string{splitHeader},
			Run: idleInside(2),
		},
		unreadThroughout(),
		{
			ID: "stream/duplex/unread-answers", Title: "answers that wait unread are not lost",
			Requirements: []string{"stream/duplex", "stream/order"}, Bytes: 16 << 20, Needs: longStream(),
			Run: func(ctx context.Context, e *Env) *Finding {
				return e.unreadAnswers(ctx, e.mixed("unread", 70_000), 64<<10)
			},
		},
		{
			ID: "stream/duplex/unread-long-answers", Title: "answers of over 32 MiB that wait unread are not lost",
			Requirements: []string{"stream/duplex", "stream/order"}, Bytes: 40 << 20,
			Needs: append(longStream(), "msg/sizes/65536", "msg/sizes/8388608"),
			Run: func(ctx context.Context, e *Env) *Finding {
				wire := e.buffer(33 << 20)
				for range 2 {
					wire = appendMessage(wire, "unread", spec.MaxContentLen)
				}
				return e.unreadAnswers(ctx, appendMessage(wire, "and a short one", 40), len(wire))
			},
		},
	}
}

// noGreeting lets the server accept and settle before it sends: what it says of its own then comes first.
func noGreeting(ctx context.Context, e *Env) *Finding {
	c, f := e.dial(ctx, "session")
	if f != nil {
		return f
	}
	greeted, f := e.settle(ctx)
	if f == nil {
		if greeted != nil {
			greeted.Close()
		}
		x := exchange{conn: c, sent: frame([]byte("first"))}
		c.Expect(x.sent)
		greeted, f = c, x.echoed(ctx, x.sent, nil)
	}
	if f != nil && greeted != nil && len(greeted.Snapshot().Stray) > 0 {
		f.Requirement = "stream/unsolicited"
		f.Hints = append(f.Hints, "a greeting is sent when a session begins; the protocol has none")
	}
	return f
}

// settle has the server serve a whole round trip on another session, where it can: whatever it does of its own for the
// sessions before has then had its turn.
func (e *Env) settle(ctx context.Context) (*transport.Conn, *Finding) {
	if e.Capacity < 2 {
		return nil, nil
	}
	c, f := e.dial(ctx, "settling session")
	if f != nil {
		return nil, f
	}
	return c, e.answered(ctx, c, frame([]byte("settle")))
}

func noTrailer(ctx context.Context, e *Env) *Finding {
	c, f := e.dial(ctx, "session")
	if f != nil {
		return f
	}
	f = e.playOn(ctx, c, script{wire: join(frame([]byte("one")), frame([]byte("two"))), ended: true})
	if s := c.Snapshot(); f != nil && f.Verdict == report.Fail && s.Matched == s.Want && !f.Stalled {
		f.Requirement = "stream/unsolicited"
		f.Hints = append(f.Hints, "something is sent when a session ends; the protocol has no farewell")
	}
	return f
}

func noFarewell(ctx context.Context, e *Env) *Finding {
	c, f := e.dial(ctx, "session")
	if f != nil {
		return f
	}
	f = e.playOn(ctx, c, script{wire: rawFrame(0, 0, nil)})
	if s := c.Snapshot(); f != nil && f.Verdict == report.Fail && len(s.Stray) >= spec.HeaderLen && s.Stray[3] > 0 {
		f.Hints = append(f.Hints, "an error message is sent to the peer; the protocol has none")
	}
	return f
}

// leastIdle is how long an idle session idles when the rest of the run is shorter: longer than a limit of a second.
const leastIdle = 1100 * time.Millisecond

func idle(ctx context.Context, e *Env) *Finding {
	c, f := e.dial(ctx, "idle session")
	if f != nil {
		return f
	}
	x := exchange{conn: c, sent: frame([]byte("before"))}
	c.Expect(x.sent)
	if f := x.echoed(ctx, x.sent, nil); f != nil {
		return f
	}
	return x.afterIdling(ctx, e, join(x.sent, frame([]byte("after idling"))), len(x.sent))
}

// idleAtFirst opens a session and sends nothing for as long as the run takes: a limit for the first message shows then.
func idleAtFirst(ctx context.Context, e *Env) *Finding {
	if e.TurnsAway {
		return skipped("the server closes surplus sessions, so that each has to prove with a first message that it was taken")
	}
	c, f := e.dial(ctx, "idle session")
	if f != nil {
		return f
	}
	return exchange{conn: c}.afterIdling(ctx, e, frame([]byte("the first message, late")), 0)
}

// idleInside sends the first bytes of a message and the rest when the run is over: a limit for a message, or for a header
// that has begun, shows then.
func idleInside(first int) action {
	return func(ctx context.Context, e *Env) *Finding {
		c, f := e.dial(ctx, "idle session")
		if f != nil {
			return f
		}
		wire := frame([]byte("a message with a long break in it"))
		if err := c.Send(wire[:first]); err != nil {
			return unjudged(err)
		}
		return exchange{conn: c, sent: wire}.afterIdling(ctx, e, wire, first)
	}
}

// afterIdling waits out the run, then sends what is left of wire from the given offset on.
func (x exchange) afterIdling(ctx context.Context, e *Env, wire []byte, from int) *Finding {
	begin := time.Now()
	if f := waitIdle(ctx, e); f != nil {
		return f
	}
	idled := time.Since(begin)
	s := x.conn.Snapshot()
	if s.Ended != "" && s.EndedAt.After(begin) {
		idled = min(idled, s.EndedAt.Sub(begin))
	}
	expected := "an idle session is left alone"
	after := fmt.Sprintf("after at most %.1f s without traffic", idled.Seconds())
	x.sent = wire
	switch {
	case len(s.Stray) > 0 && s.Want < int64(from) && bytes.HasPrefix(wire[:from], s.Stray):
		return x.cutThrough(s, after)
	case len(s.Stray) > 0:
		f := broken(expected, after+", "+x.whatCame(s))
		f.Requirement = "stream/unsolicited"
		f.Hints = []string{"a keep-alive or a timer's message is sent; the protocol has none"}
		return f
	case s.Ended != "":
		f := broken(expected, after+", the server closed the session ("+s.Ended+")")
		f.Hints = []string{"an idle timeout closes sessions"}
		return f
	}
	x.conn.Expect(wire[int(s.Want):])
	f := x.echoed(ctx, wire[from:], nil)
	if f == nil {
		f = &Finding{Verdict: report.Pass, Measured: map[string]float64{"idle_ms": millis(idled)}}
	}
	return f
}

// cutThrough judges the beginning of the right echo, sent before the message was whole.
func (x exchange) cutThrough(s transport.State, after string) *Finding {
	f := broken("a message is delivered whole: no byte of its echo comes before all of it has arrived",
		fmt.Sprintf("%s in the middle of a message, the first %s of its echo had come, of %s", after, count(len(s.Stray), "byte"), group(len(x.sent))))
	f.Requirement = "stream/split"
	f.Hints = []string{"bytes are sent on as they come, before the message is whole (cut-through): if the stream ends now, a part of a message has been delivered; send nothing of an answer until all of the content is there"}
	return f
}

func waitIdle(ctx context.Context, e *Env) *Finding {
	least := time.NewTimer(max(leastIdle, e.Idle))
	defer least.Stop()
	if e.Finish != nil {
		select {
		case <-e.Finish:
		case <-ctx.Done():
			return unjudged(ctx.Err())
		}
	}
	select {
	case <-least.C:
		return nil
	case <-ctx.Done():
		return unjudged(ctx.Err())
	}
}

// unreadAnswers writes without reading for as long as the server takes it, then reads everything. A server that stops
// reading is sent so many bytes more, up to the end of a message: the others are not about answers that wait.
func (e *Env) unreadAnswers(ctx context.Context, wire []byte, more int) *Finding {
	c, f := e.dialUnread(ctx, "session")
	if f != nil {
		return f
	}
	c.SetPatience(unreadPatience)
	sent, begun, err := 0, 0, error(nil)
	for sent < len(wire) && err == nil {
		begun = min(sent+64<<10, len(wire))
		c.Expect(wire[sent:begun])
		before := c.Written()
		err = c.Send(wire[sent:begun])
		sent += int(c.Written() - before)
	}
	whole := upTo(wire, begun+more)
	c.Expect(whole[begun:])
	x := exchange{conn: c, sent: whole}
	c.SetPatience(e.Patience)
	c.Read()
	if err != nil && !errors.Is(err, transport.ErrStalled) {
		return x.sendFailed(err)
	}
	if f := x.echoed(ctx, whole[sent:], nil); f != nil {
		return f
	}
	what := fmt.Sprintf("took all %s that were sent while nobody read, and lost nothing (silence 7)", count(sent, "byte"))
	if sent < len(wire) {
		what = fmt.Sprintf("stopped reading after %s while nobody read, went on afterwards and lost nothing (silence 7)", count(sent, "byte"))
	}
	return recorded(what, map[string]float64{"taken_unread_bytes": float64(sent)})
}

// upTo returns the first messages of wire, as many as make n bytes or more, or all.
func upTo(wire []byte, n int) []byte {
	end := 0
	for end < min(n, len(wire)) {
		end += spec.HeaderLen + length24(wire[end:])
	}
	return wire[:end]
}

// unreadPatience is how long a server may take nothing before it counts as having stopped reading. When it had not,
// nothing is lost but the record's precision.
const unreadPatience = 50 * time.Millisecond

// silences are the cases that record what the source leaves open.
func silences() []Case {
	burst := func(name, what string, tail []byte, ended bool, needs ...string) Case {
		return Case{
			Needs: needs,
			ID:    "close/nothing-after/burst-" + name, Title: "messages that were whole before " + what + " in the same burst: answered or not",
			Requirements: []string{"close/nothing-after", "close/on-error"},
			Run: func(ctx context.Context, e *Env) *Finding {
				return e.burst(ctx, join(frame([]byte("one")), frame([]byte("two")), frame([]byte("three")), tail), ended)
			},
		}
	}
	return []Case{
		burst("empty", "an empty one", rawFrame(0, 0, nil), false, emptyCloses),
		burst("reserved", "a wrong reserved byte", rawFrame(0x7f, 3, []byte("bad")), false),
		burst("truncated", "a truncated one", rawFrame(0, 9, []byte("trunc")), true),
		{
			ID: "close/end-of-stream/answers-after-half-close", Title: "whole messages with the writing side shut down at once behind them: answered or not",
			Requirements: []string{"close/end-of-stream"},
			Run: func(ctx context.Context, e *Env) *Finding {
				return e.burst(ctx, join(frame([]byte("one")), frame([]byte("two")), frame([]byte("three"))), true)
			},
		},
	}
}

func (e *Env) burst(ctx context.Context, wire []byte, ended bool) *Finding {
	c, f := e.dial(ctx, "session")
	if f != nil {
		return f
	}
	f = e.playOn(ctx, c, script{wire: wire, ended: ended, burst: true})
	if f == nil || f.Verdict != report.Pass {
		return f
	}
	s := c.Snapshot()
	out := model.Judge(wire, ended)
	whole, inside, _ := exchange{sent: wire[:out.Valid]}.place(int(s.Matched))
	silence := 2
	if out.End == model.EndOfStream {
		silence = 3
	}
	f = recorded(fmt.Sprintf("%d of %d answered before the session was closed (silence %d)", whole, len(out.Messages), silence),
		map[string]float64{"answered": float64(whole), "sent": float64(len(out.Messages)), "closed_after_ms": f.Measured["closed_after_ms"]})
	if inside > 0 {
		f.Actual += fmt.Sprintf(", and %s of the next answer", count(inside, "byte"))
	}
	return f
}
