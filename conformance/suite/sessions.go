package suite

import (
	"context"
	"fmt"
	"sync"
	"time"

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
					e.forget() // no more than four are open at once
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
			Run:          sessionsAtOnce,
		},
	}
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
	x.seen = e.Seen
	state, err := x.conn.AwaitExpected(ctx)
	f := x.judgeOpen(ctx, x.rest(ctx, state), err)
	if f == nil {
		return nil
	}
	f.Requirement = "srv/isolation"
	f.Actual = fmt.Sprintf("session %d of %d: %s", session+1, len(sent), f.Actual)
	if other := whose(sent, session, state.Stray); other >= 0 {
		f.Hints = append([]string{fmt.Sprintf("session %d was sent content of session %d: state is shared between sessions", session+1, other+1)}, f.Hints...)
	}
	return f
}

// whose returns which other session's stream has the longest stretch of got, or -1 where none has one that is too long
// for chance.
func whose(sent [][]byte, session int, got []byte) int {
	longest, other := 7, -1
	for i, stream := range sent {
		if i == session {
			continue
		}
		for at := range min(len(got), 64) {
			if n := longestPrefix(stream, head(got[at:], 64)); n > longest {
				longest, other = n, i
			}
		}
	}
	return other
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
		f.Requirement = "srv/isolation"
		f.Actual = "while another session did not read its answer: " + f.Actual
		return f
	}
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
