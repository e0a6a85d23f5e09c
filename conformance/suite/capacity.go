package suite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oizys-protocol/oizys/conformance/transport"
)

// MaxCapacity is the number of sessions at once up to which a server's capacity is looked for: the 100 of the largest
// case, with those that idle and a few to spare.
const MaxCapacity = 108

// Capacity is what was seen of how many sessions a server serves at once.
type Capacity struct {
	// Sessions is how many were served at once, at least 1 and at most as many as were tried.
	Sessions int
	// TurnsAway says that the server closes the sessions beyond those, where others leave them waiting.
	TurnsAway bool
	// Mingled is what came over sessions that was not their own answers; nil means nothing.
	Mingled *Mingled
}

// MeasureCapacity returns how many sessions at once the peer serves, up to most: every session in the count has an answer
// while all the others are open. A server that leaves the next one waiting costs the env's patience. The error is the
// context's.
func MeasureCapacity(ctx context.Context, e *Env, most int) (Capacity, error) {
	var seen Capacity
	var all atOnce
	for begin, refused := time.Now(), 0; seen.Sessions < most && ctx.Err() == nil; {
		switch all.oneMore(ctx, e) {
		case taken:
			seen.Sessions, refused = seen.Sessions+1, 0
			continue
		case turnedAway:
			refused++
			if seen.Sessions == 0 && time.Since(begin) < e.Patience {
				_ = pause(ctx, time.Millisecond) // the session before may not be over
				continue
			}
			if refused < looks {
				continue // a server that closes one session and takes the next has a fault, and no limit
			}
			seen.TurnsAway = true
		case unanswered:
		}
		break
	}
	if seen.Sessions < most {
		all.onceMore(ctx, seen.Sessions)
	}
	seen.Sessions, seen.Mingled = max(seen.Sessions, 1), all.mingled()
	return seen, ctx.Err()
}

// looks is how often a session in a row is turned away by a server that serves no more.
const looks = 3

// What becomes of a session when others are open.
type admission int

const (
	taken admission = iota
	turnedAway
	unanswered
)

// atOnce are sessions that were opened one after the other and stay open, each with a message of its own.
type atOnce []exchange

// oneMore opens a session and reports whether its message is answered.
func (all *atOnce) oneMore(ctx context.Context, e *Env) admission {
	number := len(*all) + 1
	c, f := e.dial(ctx, fmt.Sprintf("session %d", number))
	if f != nil {
		return unanswered
	}
	x := exchange{conn: c, sent: frame([]byte(fmt.Sprintf("capacity, session %03d", number)))}
	*all = append(*all, x)
	c.Expect(x.sent)
	_ = c.Send(x.sent) // what comes, or does not, says more
	switch s, err := c.AwaitExpected(ctx); {
	case err == nil && s.Matched == s.Want && s.Ended == "":
		return taken
	case s.Ended != "" && s.Got == 0:
		return turnedAway
	default:
		return unanswered
	}
}

// more opens n sessions and reports whether the messages of all are answered.
func (all *atOnce) more(ctx context.Context, e *Env, n int) bool {
	for range n {
		if all.oneMore(ctx, e) != taken {
			return false
		}
	}
	return true
}

// onceMore sends one more message over each of the first sessions and waits until one is not answered, or all are, which
// it reports: what another session's message has left in them comes out.
func (all atOnce) onceMore(ctx context.Context, first int) bool {
	for i, x := range all[:first] {
		message := frame([]byte(fmt.Sprintf("once more, session %03d", i+1)))
		x.conn.Expect(message)
		_ = x.conn.Send(message) // what comes, or does not, says more
	}
	for _, x := range all[:first] {
		if s, err := x.conn.AwaitExpected(ctx); err != nil || s.Matched < s.Want {
			return false
		}
	}
	return true
}

// admitted opens a session with a server that turns surplus ones away: one that ended a moment ago may still count. What
// proves that the session was taken is a first message that is answered.
func (e *Env) admitted(ctx context.Context, name string) (*transport.Conn, *Finding) {
	begin := time.Now()
	return e.askedFor(ctx, name, func() bool { return time.Since(begin) >= admissionLimit*e.Patience })
}

// askedFor asks for a session until it is taken, or enough says that a server which goes on turning it away has had its time.
func (e *Env) askedFor(ctx context.Context, name string, enough func() bool) (*transport.Conn, *Finding) {
	for wait := 200 * time.Microsecond; ; wait = min(2*wait, 20*time.Millisecond) {
		c, err := transport.DialUnread(ctx, e.Socket, name, e.Patience)
		if err != nil {
			return nil, dialFinding(ctx, err)
		}
		err = c.Knock(frame([]byte("is there room?")))
		switch {
		case err == nil:
			return c, nil
		case ctx.Err() != nil:
			c.Close()
			return nil, unjudged(ctx.Err())
		case errors.Is(err, transport.ErrPeerClosed) && !enough():
			c.Close()
			_ = pause(ctx, wait)
		default:
			e.keepConn(c)
			f := broken("a session is taken when fewer are open than the server serves at once", err.Error())
			f.Requirement, f.Stalled = "srv/serves-again", !errors.Is(err, transport.ErrUnexpected)
			return nil, f
		}
	}
}

// admissionLimit is for how many times the env's patience a session is asked for.
const admissionLimit = 3

// sessionsAtOnce records the capacity that was seen.
func sessionsAtOnce(_ context.Context, e *Env) *Finding {
	if e.Mingled != nil {
		e.unrecorded("its verdict rests on what came when the server's capacity was measured")
		e.also(e.Mingled.Sessions)
		return &e.Mingled.Finding
	}
	surplus := ""
	if e.TurnsAway {
		surplus = ", and closes those beyond"
	}
	return recorded(fmt.Sprintf("%s at once%s (%d were tried; silence 5)", count(e.Capacity, "session"), surplus, MaxCapacity),
		map[string]float64{"sessions": float64(e.Capacity)})
}
