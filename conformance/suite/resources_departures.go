package suite

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// wayOut is how sessions come to their end: what a server cleans up behind one it may forget behind another. The text goes
// on from "sessions that".
type wayOut string

const (
	endedBetween wayOut = "ended between messages"
	hadMany      wayOut = "had twelve messages"
	endedInvalid wayOut = "began with an invalid header"
	endedLater   wayOut = "met an invalid header behind a message"
	endedInside  wayOut = "ended inside a message"
	endedUnread  wayOut = "ended with an answer unread"
)

// waysOut are all of them.
func waysOut() []wayOut {
	return []wayOut{endedBetween, hadMany, endedInvalid, endedLater, endedInside, endedUnread}
}

// departure is one way to have a session and to end it.
type departure struct {
	by  wayOut
	run action
}

// departures are the ways in which a session ends: each is one on which servers forget to give something back.
func departures() []departure {
	small, large := frame(content("small", 4<<10)), frame(content("large", 16<<10))
	var many []byte
	for i := range 12 {
		many = appendMessage(many, fmt.Sprintf("message %d of many", i+1), 30)
	}
	answered := func(wire []byte, end func(context.Context, *transport.Conn)) action {
		return func(ctx context.Context, e *Env) *Finding {
			return e.session(ctx, func(c *transport.Conn) *Finding {
				f := e.answered(ctx, c, wire)
				if f == nil {
					end(ctx, c)
				}
				return f
			})
		}
	}
	return []departure{
		{endedBetween, answered(small, func(context.Context, *transport.Conn) {})},
		{endedBetween, answered(large, leave)},
		{hadMany, answered(many, leave)},
		{endedInvalid, invalid(nil, rawFrame(0, 0, nil), nil)},
		{endedLater, invalid(frame([]byte("one")), rawFrame(0, 0, nil), frame([]byte("bait")))},
		{endedInvalid, invalid(nil, rawFrame(0xff, 3, []byte("bad")), frame([]byte("bait")))},
		{endedInside, leftBehind([]byte{0, 0})},
		{endedInside, leftBehind(small[:len(small)/2])},
		{endedBetween, leftBehind(nil)},
		{endedInside, closeBehind(large[:len(large)/2])},
		{endedUnread, reset},
		{endedUnread, abandon},
		{endedUnread, closePending(300 << 10)},
	}
}

// departuresBy are those on one way out.
func departuresBy(out wayOut) []departure {
	return slices.DeleteFunc(departures(), func(way departure) bool { return way.by != out })
}

// apartSessions are the sessions on each way out by which a leak is told: where one ending of three leaks, that is twice the slack.
//
// apartLimit is how long that may take: it is begun only when the leak is beyond doubt, and well within leakCase.
const (
	apartSessions = 48
	apartLimit    = 30 * time.Second
)

// leaking puts a server that leaks through sessions on one way out after the other, and returns the ways on which
// something is left behind. It returns none where that cannot be told: when the server is slow, fails meanwhile, or gives back
// late what it seemed to keep.
func (e *Env) leaking(ctx context.Context, server watched, held holding) []wayOut {
	start, err := server.usage()
	if err != nil {
		return nil
	}
	begin, before, kept := time.Now(), start, int64(0)
	var leaky []wayOut
	for _, out := range waysOut() {
		done, f := e.depart(ctx, apartSessions, departuresBy(out))
		if f != nil || done < apartSessions || time.Since(begin) > apartLimit {
			return nil
		}
		after, grown, err := e.rested(server, before, held)
		if err != nil {
			return nil
		}
		if grown != nil {
			leaky = append(leaky, out)
			kept += held.of(after) - held.of(before)
		}
		before = after
	}
	last, _, err := e.settled(server, start, []holding{held}, e.Patience)
	if err != nil || held.of(last)-held.of(start) < kept-slack {
		return nil
	}
	return leaky
}

// rested is settled for a shorter time, which goes on while the server is at work.
func (e *Env) rested(server watched, before process.Usage, held holding) (process.Usage, *holding, error) {
	for begin := time.Now(); ; {
		now, grown, err := e.settled(server, before, []holding{held}, e.Patience/8)
		if grown == nil || err != nil || !process.Busy(server.pid) || time.Since(begin) > e.Patience {
			return now, grown, err
		}
	}
}

// leavers says which sessions leave something behind, as far as it is known; the sentence goes on with how much.
func leavers(leaky []wayOut, what string) string {
	switch len(leaky) {
	case 0:
		return ""
	case len(waysOut()):
		return "sessions of every kind leave " + what + " behind: "
	default:
		return "sessions that " + either(leaky) + " leave " + what + " behind, and others do not: "
	}
}

// uncleaned is the likely cause of a leak on some ways out only; empty where there is none such.
func uncleaned(leaky []wayOut) []string {
	if len(leaky) == 0 || len(leaky) == len(waysOut()) {
		return nil
	}
	return []string{"what is made for a session that " + either(leaky) + " is not given back, as it is for others: clean up on every way out"}
}

func either(leaky []wayOut) string {
	var names []string
	for _, out := range leaky {
		names = append(names, string(out))
	}
	return strings.Join(names, " or ")
}
