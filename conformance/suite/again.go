package suite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

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
		{ID: "srv/serves-again/too-many-sessions", Title: "more sessions than it serves at once", Run: tooMany},
		{ID: "srv/serves-again/thousand-errors", Title: "1,000 sessions that each end in an error", Run: noting(thousandErrors)},
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
	for _, c := range e.conns {
		e.taped.keep(c)
	}
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
	c, f := e.unread(ctx, "abandoned")
	if f == nil {
		c.Close()
	}
	return f
}

// reset closes a session whose answers lie unread while more is on its way, which the kernel tells the server with
// ECONNRESET.
func reset(ctx context.Context, e *Env) *Finding {
	c, f := e.unread(ctx, "reset")
	if f != nil {
		return f
	}
	_ = c.Send(join(frame([]byte("under way")), []byte{0, 0, 1})) // the server may close first
	c.Close()
	return nil
}

// unread opens a session and leaves an answer unread in it.
func (e *Env) unread(ctx context.Context, name string) (*transport.Conn, *Finding) {
	c, f := e.dialUnread(ctx, name)
	if f != nil {
		return nil, f
	}
	wire := frame([]byte("answered, and never read"))
	if err := c.Send(wire); err == nil {
		c.AwaitUnread()
	} else if f := (exchange{conn: c, sent: wire}).sendFailed(err); f != nil {
		return nil, f
	}
	return c, nil
}

func thousandErrors(ctx context.Context, e *Env) *Finding {
	bait := frame([]byte("bait"))
	ways := []action{
		invalid(nil, rawFrame(0, 0, nil), bait), invalid(nil, rawFrame(0xff, 3, []byte("bad")), bait),
		leftBehind([]byte{0}), leftBehind(rawFrame(0, 700, []byte("cut"))),
	}
	done, f := e.inLanes(ctx, 1000, func(i int) *Finding {
		f := ways[i%len(ways)](ctx, e)
		if f != nil {
			f.Actual = fmt.Sprintf("in session %d of many: %s", i+1, f.Actual)
		}
		return f
	})
	if f != nil {
		return f
	}
	if f := e.served(ctx); f != nil {
		return f
	}
	return &Finding{Verdict: report.Pass, Measured: map[string]float64{"sessions": float64(done)}}
}

// tooMany asks for more sessions than the server serves at once, and wants the next one served when they are gone: what
// ran out for them must not end the accepting.
func tooMany(ctx context.Context, e *Env) *Finding {
	const surplus = 8
	if e.Capacity >= MaxCapacity {
		return nil // it serves all that this suite asks for: there are none too many
	}
	pid := 0
	for i := range e.Capacity + surplus {
		c, err := transport.DialUnread(ctx, e.Socket, fmt.Sprintf("session %d of too many", i+1), e.Patience)
		if err != nil {
			break // its backlog is full
		}
		e.keepConn(c)
		pid, _ = c.PeerPID()
		if err := c.Send(frame([]byte("is there room?"))); err != nil {
			break
		}
	}
	if pid > 0 { // it has to meet its limit before the sessions are gone: when it rests, it has done what it can
		for begin := time.Now(); process.Busy(pid) && time.Since(begin) < e.Patience; {
			if ctx.Err() != nil {
				return unjudged(ctx.Err())
			}
			time.Sleep(time.Millisecond)
		}
	}
	e.forget()
	return e.served(ctx)
}
