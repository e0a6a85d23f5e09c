package suite

import (
	"context"
	"fmt"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/spec"
)

// unreadThroughout is the case of an answer that waits for as long as the run takes: a limit on the time that a write may
// take shows then.
func unreadThroughout() Case {
	return Case{
		ID: "stream/duplex/unread-throughout", Title: "an answer that waits unread for as long as the run takes is not lost",
		Requirements: []string{"stream/duplex", "stream/order"}, Mode: Throughout, Unread: true, Bytes: longUnread,
		Needs: append(longStream(), "msg/sizes/65536", "msg/sizes/1048577"),
		Run:   keptWaiting,
	}
}

// longUnread is the length of the answer that waits: more than sockets hold anywhere.
const longUnread = 4 << 20

func keptWaiting(ctx context.Context, e *Env) *Finding {
	c, f := e.dialUnread(ctx, "session that does not read")
	if f != nil {
		return f
	}
	const short = 40
	wire := appendMessage(e.buffer(longUnread+short+2*spec.HeaderLen), "a long answer that waits", longUnread)
	wire = appendMessage(wire, "a short one behind it", short)
	c.Expect(wire)
	begin := time.Now()
	if f := pend(c, wire); f != nil {
		return f
	}
	if f := waitIdle(ctx, e); f != nil {
		return f
	}
	waited := time.Since(begin)
	c.Read()
	x := exchange{conn: c, sent: wire}
	if f = x.echoed(ctx, wire[c.Written():], nil); f == nil {
		x.tail = frame([]byte("read at last"))
		c.Expect(x.tail)
		f = x.echoed(ctx, x.tail, nil)
	}
	if f == nil {
		return &Finding{Verdict: report.Pass, Measured: map[string]float64{"unread_ms": millis(waited)}}
	}
	f.Actual = fmt.Sprintf("after an answer had waited unread for %.1f s: %s", waited.Seconds(), f.Actual)
	f.Hints = append([]string{"a write that takes long is given up, and the session with it or the rest of the answer (SO_SNDTIMEO, a deadline for writes, a limit for slow readers): the protocol has none; wait, or queue"}, f.Hints...)
	return f
}

// besideUnread is how many sessions have to be served beside one that does not read: where sessions are dealt to threads
// or event loops, one of so many shares what serves the unread one.
const besideUnread = 32

// ServesBesideUnread reports whether the server goes on serving sessions, old ones and new, while another leaves a long
// answer unread. One that does not may conform (silence 7): it writes to one session at a time. All is read in the end.
func ServesBesideUnread(ctx context.Context, e *Env) bool {
	if e.Capacity <= besideUnread {
		return false
	}
	var others atOnce
	if !others.more(ctx, e, besideUnread/2) {
		return false
	}
	c, f := e.dialUnread(ctx, "session that does not read")
	if f != nil {
		return false
	}
	wire := e.message("a long answer", 1<<20)
	c.Expect(wire)
	served := pend(c, wire) == nil && others.more(ctx, e, besideUnread/2) && others.onceMore(ctx, len(others))
	c.Read()
	_ = exchange{conn: c, sent: wire}.echoed(ctx, wire[c.Written():], nil) // what comes of it is a case's business
	return served
}
