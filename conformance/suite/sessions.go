package suite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
	"github.com/oizys-protocol/oizys/spec"
)

// beside are the cases of several sessions at once.
func beside() []Case {
	return []Case{
		{
			ID: "srv/isolation/contents", Title: "eight sessions at once, their messages cut into pieces, never mix",
			Requirements: []string{"srv/isolation"}, Sessions: 8, Needs: longStream(),
			Run: contentsApart,
		},
		{
			ID: "srv/isolation/long-contents", Title: "long messages of four sessions, cut into halves that arrive turn by turn, never mix",
			Requirements: []string{"srv/isolation"}, Sessions: 4, Needs: append(longStream(), "msg/sizes/65536"), Bytes: 24 << 20,
			Run: func(ctx context.Context, e *Env) *Finding {
				for _, length := range []int{70_000, 3 << 20} {
					if f := e.interleaved(ctx, 4, 2, func(i, round int) int { return length + 100*i + round }); f != nil {
						return f
					}
				}
				return nil
			},
		},
		{
			ID: "srv/isolation/unread-neighbour", Title: "a session that does not read its answers: are others served meanwhile?",
			Requirements: []string{"srv/isolation"}, Sessions: 3, Mode: Alone, Needs: append(longStream(), "msg/sizes/65536"),
			Run: unreadNeighbour,
		},
		{
			ID: "srv/isolation/errors", Title: "one session's error leaves the others open",
			Requirements: []string{"srv/isolation", "close/on-error"}, Sessions: 2, Needs: append(longStream(), emptyCloses),
			Run: errorsApart,
		},
		{
			ID: "srv/isolation/unfinished-neighbour", Title: "a session that waits inside a message does not hold up another",
			Requirements: []string{"srv/isolation"}, Sessions: 2, Needs: longStream(),
			Run: unfinishedNeighbour,
		},
		{
			ID: "srv/isolation/hundred-sessions", Title: "100 sessions open at once, each with a message under way",
			Requirements: []string{"srv/isolation"}, Sessions: 100, Mode: Alone, Needs: longStream(),
			Run: func(ctx context.Context, e *Env) *Finding { return e.interleave(ctx, 100, 2) },
		},
		{
			ID: "srv/isolation/sessions-at-once", Title: "how many sessions the server serves at once",
			Requirements: []string{"srv/isolation"},
			Run: func(_ context.Context, e *Env) *Finding {
				return recorded(fmt.Sprintf("%s at once (%d were tried; silence 5)", count(e.Capacity, "session"), MaxCapacity),
					map[string]float64{"sessions": float64(e.Capacity)})
			},
		},
	}
}

// MaxCapacity is the number of sessions at once up to which a server's capacity is looked for.
const MaxCapacity = 100

// Capacity returns how many sessions at once the peer serves, up to most: every session in the count has an answer
// while all the others are open. A server that serves fewer leaves a later one without an answer for as long as the
// env's patience.
func Capacity(ctx context.Context, e *Env, most int) (int, error) {
	served := 0
	for served < most {
		c, f := e.dial(ctx, fmt.Sprintf("session %d", served+1))
		if f != nil {
			break
		}
		message := frame([]byte("capacity"))
		c.Expect(message)
		if err := c.Send(message); err != nil {
			break
		}
		if s, err := c.AwaitExpected(ctx); err != nil || s.Matched != s.Want || s.Ended != "" {
			break
		}
		served++
	}
	return max(served, 1), ctx.Err()
}

func contentsApart(ctx context.Context, e *Env) *Finding { return e.interleave(ctx, 8, 40) }

// interleave opens sessions and has each send its messages in halves, turn by turn, so that every session has a message
// under way whenever another one's goes on.
func (e *Env) interleave(ctx context.Context, sessions, rounds int) *Finding {
	return e.interleaved(ctx, sessions, rounds, func(i, round int) int { return 30 + (i*7+round*13)%400 })
}

func (e *Env) interleaved(ctx context.Context, sessions, rounds int, length func(i, round int) int) *Finding {
	conns := make([]*transport.Conn, sessions)
	sent := make([][]byte, sessions)
	for i := range conns {
		c, f := e.dial(ctx, fmt.Sprintf("session %d", i+1))
		if f != nil {
			return f
		}
		conns[i] = c
		total := 0
		for round := range rounds {
			total += spec.HeaderLen + length(i, round)
		}
		sent[i] = e.buffer(total)
	}
	for round := range rounds {
		messages := make([][]byte, sessions)
		for i, c := range conns {
			before := len(sent[i])
			sent[i] = appendMessage(sent[i], fmt.Sprintf("session %d message %d", i+1, round+1), length(i, round))
			messages[i] = sent[i][before:]
			c.Expect(messages[i])
			if err := c.Send(messages[i][:len(messages[i])/2]); err != nil {
				return e.apart(ctx, exchange{conn: c, sent: sent[i]}, i, sent)
			}
		}
		for i := sessions - 1; i >= 0; i-- {
			if err := conns[i].Send(messages[i][len(messages[i])/2:]); err != nil {
				return e.apart(ctx, exchange{conn: conns[i], sent: sent[i]}, i, sent)
			}
		}
		for i, c := range conns {
			if f := e.apart(ctx, exchange{conn: c, sent: sent[i]}, i, sent); f != nil {
				return f
			}
		}
	}
	return nil
}

// apart waits for a session's answers and, when they are wrong, looks whether they are another session's.
func (e *Env) apart(ctx context.Context, x exchange, session int, sent [][]byte) *Finding {
	state, err := x.conn.AwaitExpected(ctx)
	f := x.judgeOpen(x.rest(ctx, state), err)
	if f == nil {
		return nil
	}
	f.Requirement = "srv/isolation"
	f.Actual = fmt.Sprintf("session %d of %d: %s", session+1, len(sent), f.Actual)
	for i := range sent {
		if i != session && contains(sent[i], state.Stray) {
			f.Hints = append([]string{fmt.Sprintf("session %d was sent content of session %d: state is shared between sessions", session+1, i+1)}, f.Hints...)
		}
	}
	return f
}

// contains reports whether a stretch of got that is too long for chance stands in stream.
func contains(stream, got []byte) bool {
	const stretch = 8
	for at := 0; at+stretch <= len(got) && at < 64; at++ {
		if bytes.Contains(stream, got[at:at+stretch]) {
			return true
		}
	}
	return false
}

func errorsApart(ctx context.Context, e *Env) *Finding {
	bad := [][]byte{rawFrame(0, 0, nil), {0, 0}, rawFrame(0, 9, []byte("cut")), rawFrame(0, 1<<24-1, []byte("cut"))}
	good, f := e.dial(ctx, "good session")
	if f != nil {
		return f
	}
	message := frame(content("the good session's message", 200))
	x := exchange{conn: good}
	for i, wire := range bad {
		good.Expect(message)
		x.sent = append(x.sent, message...)
		if err := good.Send(message[:100]); err != nil {
			return unjudged(err)
		}
		if f := e.play(ctx, script{wire: wire, ended: i > 0}); f != nil && f.Verdict != "pass" {
			return f
		}
		if f := x.echoed(ctx, message[100:], nil); f != nil {
			f.Requirement = "srv/isolation"
			f.Actual = "after an error on another session: " + f.Actual
			return f
		}
	}
	return nil
}

func unfinishedNeighbour(ctx context.Context, e *Env) *Finding {
	waiting, f := e.dial(ctx, "waiting session")
	if f != nil {
		return f
	}
	message := frame(content("the waiting session's message", 300))
	waiting.Expect(message)
	if err := waiting.Send(message[:7]); err != nil {
		return unjudged(err)
	}
	waiting.AwaitTaken()
	if f := e.play(ctx, script{wire: frame([]byte("beside"))}); f != nil {
		f.Actual = "while another session waited inside a message: " + f.Actual
		return f
	}
	return exchange{conn: waiting, sent: message}.echoed(ctx, message[7:], nil)
}

// unreadNeighbour has one session leave a long answer unread and looks whether another is served meanwhile: a server may
// write to one session at a time.
func unreadNeighbour(ctx context.Context, e *Env) *Finding {
	c, f := e.dialUnread(ctx, "session that does not read")
	if f != nil {
		return f
	}
	if f := pend(c, e.message("a large message", 1<<20)); f != nil {
		return f
	}
	f = e.served(ctx)
	switch {
	case f == nil:
		return recorded("another session was served meanwhile (silence 7)", map[string]float64{"served": 1})
	case f.Stalled:
		return recorded("another session was not served meanwhile: the server waits until its answer is read (silence 7)", map[string]float64{"served": 0})
	default:
		return f
	}
}

// again are the cases of a server that must serve the next session, however the last one ended.
func again() []Case {
	cases := []Case{
		{ID: "srv/serves-again/connect-and-close", Title: "a connection that is closed without a byte", Run: repeatedly(50, connectAndClose)},
		{ID: "srv/serves-again/half-close-inside-header", Title: "end of stream inside a header", Run: repeatedly(10, endInside([]byte{0, 0}))},
		{ID: "srv/serves-again/half-close-inside-content", Title: "end of stream inside content", Run: repeatedly(10, endInside(rawFrame(0, 50, []byte("cut"))))},
		{ID: "srv/serves-again/close-inside-header", Title: "a connection closed inside a header", Run: repeatedly(20, closeBehind([]byte{0, 0, 0}))},
		{ID: "srv/serves-again/close-inside-content", Title: "a connection closed inside content", Run: repeatedly(20, closeBehind(rawFrame(0, 5000, content("cut", 2500))))},
		{ID: "srv/serves-again/close-with-answer-unread", Title: "a connection closed with small answers unread", Run: repeatedly(20, closeBehind(new(Env).mixed("unread", 50)))},
		{ID: "srv/serves-again/close-with-large-answer-pending", Title: "a connection closed while a large answer is being written", Run: repeatedly(4, closePending(512<<10)), Needs: append(longStream(), "msg/sizes/65536")},
		{ID: "srv/serves-again/close-with-many-answers-pending", Title: "a connection closed while thousands of answers are being written", Run: repeatedly(2, closeFlooded), Needs: longStream()},
		{ID: "srv/serves-again/reset", Title: "a connection reset with answers unread while more is sent", Run: repeatedly(20, reset)},
		{ID: "srv/serves-again/thousand-errors", Title: "1,000 sessions that each end in an error", Run: thousandErrors},
	}
	for i := range cases {
		cases[i].Title = "the server serves a new session after " + cases[i].Title
		cases[i].Requirements = []string{"srv/serves-again", "srv/stays-up"}
		cases[i].Mode = Alone
	}
	return cases
}

type action func(ctx context.Context, e *Env) *Finding

// repeatedly does something to the server n times and wants a new session served after each time. With a server that
// keeps it waiting, without a fault, it is content with fewer; with one that serves a certain number of sessions at once
// it goes on until each that serves them has had its turn.
func repeatedly(n int, do action) action {
	return func(ctx context.Context, e *Env) *Finding {
		begin := time.Now()
		if e.Capacity > 1 && e.Capacity < MaxCapacity && n > 2 {
			n = max(n, e.Capacity+e.Capacity/4)
		}
		for i := range n {
			if i > 0 && time.Since(begin) > 2*e.Patience {
				break
			}
			if f := do(ctx, e); f != nil && f.Verdict != "pass" {
				return f
			}
			if f := e.served(ctx); f != nil {
				f.Actual = fmt.Sprintf("after time %d of %d: %s", i+1, n, f.Actual)
				return f
			}
			e.forget()
		}
		return nil
	}
}

// Served wants a new session to work; nil means that it does.
func Served(ctx context.Context, e *Env) *Finding { return e.served(ctx) }

func (e *Env) served(ctx context.Context) *Finding {
	f := e.play(ctx, script{wire: frame([]byte("again"))})
	if f != nil {
		f.Requirement = "srv/serves-again"
	}
	return f
}

// forget closes the sessions so far; a failure's evidence is that of its own round.
func (e *Env) forget() {
	e.Close()
	e.mu.Lock()
	e.conns = nil
	e.mu.Unlock()
}

func connectAndClose(ctx context.Context, e *Env) *Finding {
	c, f := e.dial(ctx, "closed at once")
	if f == nil {
		c.Close()
	}
	return f
}

func endInside(wire []byte) action {
	return func(ctx context.Context, e *Env) *Finding { return e.play(ctx, script{wire: wire, ended: true}) }
}

func closeBehind(wire []byte) action {
	return func(ctx context.Context, e *Env) *Finding {
		c, f := e.dialUnread(ctx, "closed abruptly")
		if f != nil {
			return f
		}
		if err := c.Send(wire); err != nil {
			return exchange{conn: c, sent: wire}.sendFailed(err)
		}
		c.AwaitTaken()
		c.Close()
		return nil
	}
}

// closePending closes a session in the middle of an answer that is larger than the socket holds.
func closePending(size int) action {
	wire := sync.OnceValue(func() []byte { return frame(content("a large message", size)) })
	return func(ctx context.Context, e *Env) *Finding {
		c, f := e.dialUnread(ctx, "closed with a large answer pending")
		if f != nil {
			return f
		}
		if f := pend(c, wire()); f != nil {
			return f
		}
		c.Close()
		return nil
	}
}

// pend sends a message whose answer is larger than the socket holds and waits until the answer has begun. A server that
// answers before the message is whole may take no more of it: that is pending too.
func pend(c *transport.Conn, wire []byte) *Finding {
	err := c.Send(wire)
	if n, ok := c.Unread(); errors.Is(err, transport.ErrStalled) && ok && n > 0 {
		return nil
	}
	if err != nil {
		return exchange{conn: c, sent: wire}.sendFailed(err)
	}
	c.AwaitUnread()
	return nil
}

// closeFlooded closes a session that has sent many messages and read none of the answers, with the server's writes
// held up. A server that has stopped reading by then has taken enough.
func closeFlooded(ctx context.Context, e *Env) *Finding {
	c, f := e.dialUnread(ctx, "closed with many answers pending")
	if f != nil {
		return f
	}
	c.SetPatience(unreadPatience)
	_ = c.Send(e.mixed("flood", 20_000)) // it may stall: that is what is wanted
	c.AwaitUnread()
	c.Close()
	return nil
}

// abandon closes a session whose answer lies unread while the server waits for more, which the kernel tells its read with
// ECONNRESET.
func abandon(ctx context.Context, e *Env) *Finding {
	c, f := e.dialUnread(ctx, "abandoned")
	if f != nil {
		return f
	}
	wire := frame([]byte("answered, and never read"))
	if err := c.Send(wire); err != nil {
		return exchange{conn: c, sent: wire}.sendFailed(err)
	}
	c.AwaitUnread()
	c.Close()
	return nil
}

// reset closes a session whose answers lie unread, which the kernel tells the server with ECONNRESET.
func reset(ctx context.Context, e *Env) *Finding {
	c, f := e.dialUnread(ctx, "reset")
	if f != nil {
		return f
	}
	wire := frame([]byte("answered, and never read"))
	if err := c.Send(wire); err != nil {
		return exchange{conn: c, sent: wire}.sendFailed(err)
	}
	c.AwaitUnread()
	_ = c.Send(join(frame([]byte("under way")), []byte{0, 0, 1})) // the server may close first
	c.Close()
	return nil
}

func thousandErrors(ctx context.Context, e *Env) *Finding {
	wires := [][]byte{rawFrame(0, 0, nil), rawFrame(0xff, 3, []byte("bad")), {0}, rawFrame(0, 700, []byte("cut"))}
	done, f := e.inLanes(ctx, 1000, func(i int) *Finding {
		c, f := e.dial(ctx, "ends in an error")
		if f != nil {
			return f
		}
		defer e.drop(c)
		_ = c.Send(wires[i%len(wires)]) // the server may close first
		leave(ctx, c)
		return nil
	})
	if f != nil {
		return f
	}
	if f := e.served(ctx); f != nil {
		return f
	}
	return &Finding{Verdict: report.Pass, Measured: map[string]float64{"sessions": float64(done)}}
}

// leave ends a session in order: it shuts down the writing side and gives the server the time to close.
func leave(ctx context.Context, c *transport.Conn) {
	_ = c.HalfClose()      // the server may have closed
	_, _ = c.AwaitEnd(ctx) // one that does not close is another case's business
}

// inLanes does something n times, in as many lanes beside each other as the server serves sessions, at most four, and
// returns how often it was done. It stops at the first finding, and early with a server that is slow.
func (e *Env) inLanes(ctx context.Context, n int, do func(i int) *Finding) (int, *Finding) {
	lanes := min(4, e.Capacity)
	findings, counts := make([]*Finding, lanes), make([]int, lanes)
	begin := time.Now()
	var wg sync.WaitGroup
	for lane := range lanes {
		wg.Go(func() {
			for i := lane; i < n && findings[lane] == nil && ctx.Err() == nil && time.Since(begin) < lanesLimit; i += lanes {
				findings[lane] = do(i)
				counts[lane]++
			}
		})
	}
	wg.Wait()
	done := 0
	for lane := range lanes {
		done += counts[lane]
		if f := findings[lane]; f != nil {
			return done, f
		}
	}
	if ctx.Err() != nil {
		return done, unjudged(ctx.Err())
	}
	return done, nil
}

// lanesLimit is how long a case of many sessions goes on beginning new ones.
const lanesLimit = 5 * time.Second
