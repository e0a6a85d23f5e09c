package suite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/transport"
	"github.com/oizys-protocol/oizys/spec"
)

// clientSessions are the cases of what a client says of its own, and of the two directions of its session.
func clientSessions() []Case {
	return []Case{
		{
			ID: "stream/unsolicited/while-waiting", Title: "nothing but the message is sent while the reply is waited for",
			Requirements: []string{"stream/unsolicited", "cli/request"},
			Run:          saysNothing,
		},
		{
			ID: "stream/unsolicited/at-end", Title: "nothing is sent behind the reply: no acknowledgement, no farewell",
			Requirements: []string{"stream/unsolicited", "cli/request"},
			Run: func(ctx context.Context, e *Env) *Finding {
				return unsolicited(e.serve(ctx, serving{stream: frame([]byte("no thanks are needed"))}))
			},
		},
		{
			ID: "stream/duplex/reply-before-request", Title: "a reply that is there before the message is sent is a reply",
			Requirements: []string{"stream/duplex", "cli/reply"},
			Run:          replyFirst,
		},
		{
			ID: "stream/duplex/request-unread", Title: "a reply is received while the message lies unread",
			Requirements: []string{"stream/duplex", "cli/reply"}, Needs: []string{"cli/request/length-131000"},
			Run: requestUnread,
		},
		{
			ID: "close/on-error/time", Title: "how long the client takes to close after an error",
			Requirements: []string{"close/on-error"}, Needs: []string{emptyCloses},
			Run: clientCloseTime,
		},
	}
}

// unsolicited gives a finding of what a client sends too much the requirement of that name.
func unsolicited(f *Finding) *Finding {
	if f.Bad() && f.Requirement == "cli/request" && !f.Stalled {
		f.Requirement = "stream/unsolicited"
	}
	return f
}

func saysNothing(ctx context.Context, e *Env) *Finding {
	v, f := e.visited(ctx, ordinary(), 0)
	if f != nil {
		return f
	}
	timer := time.NewTimer(withheld)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-v.proc.Done():
	case <-ctx.Done():
		return unjudged(ctx.Err())
	}
	s := v.conn.Snapshot()
	if f := v.judgeTrailer(s); f != nil {
		f.Requirement = "stream/unsolicited"
		f.Actual = fmt.Sprintf("while the reply was withheld for %v, %s", withheld, f.Actual)
		return f
	}
	content := []byte("it was quiet")
	if f := v.answer(ctx, serving{stream: frame(content)}); f != nil {
		return f
	}
	f = unsolicited(v.mustPresent(ctx, content))
	if f.Bad() && f.Requirement == "" {
		f.Requirement = "cli/reply"
	}
	return f
}

// replyFirst sends the reply as soon as the client has connected, before it reads anything.
func replyFirst(ctx context.Context, e *Env) *Finding {
	return e.serveFirst(ctx, string(ordinary()), frame([]byte("the answer was here first")))
}

// serveFirst runs the client once and sends it a stream that begins with the reply, before its message is waited for.
func (e *Env) serveFirst(ctx context.Context, message string, stream []byte) *Finding {
	v, f := e.begin([]byte(message), len(stream))
	if f != nil {
		return f
	}
	if f := v.arrive(ctx); f != nil {
		return f
	}
	reply := model.Judge(stream, false).Messages[0]
	end := reply.Offset + reply.Length
	content := stream[reply.Offset:end]
	v.behind = stream[end:]
	for {
		v.conn.Expect(frame(v.message))
		if f := v.answer(ctx, serving{stream: stream}); f != nil {
			return f
		}
		v.conn.Read()
		s, err := v.conn.AwaitAny(ctx, 1)
		if err != nil || s.Got > 0 || v.presents(content) || v.arrive(ctx) != nil {
			return v.mustPresent(ctx, content)
		}
	}
}

// requestUnread lets a long message lie in the socket until the client has presented the reply.
func requestUnread(ctx context.Context, e *Env) *Finding {
	e.unrecorded(restsOnUnread)
	v, f := e.begin(typed(131_000), 0)
	if f != nil {
		return f
	}
	if f := v.arrive(ctx); f != nil {
		return f
	}
	v.conn.Expect(frame(v.message))
	v.awaitUnread(ctx)
	content := []byte("answered unread")
	if f := v.answer(ctx, serving{stream: frame(content)}); f != nil {
		return f
	}
	shown := func() bool { return v.presents(content) }
	_, ok := v.until(ctx, shown)
	waiting, _ := v.conn.Unread()
	v.conn.Read()
	if f := v.mustPresent(ctx, content); f != nil {
		return f
	}
	what := fmt.Sprintf("the client had sent %s and printed the reply while nobody read its message (silence 7)", count(waiting, "byte"))
	if !ok {
		what = fmt.Sprintf("the client waited with the reply until its message was read, of which %s lay there (silence 7)", count(waiting, "byte"))
	}
	return recorded(what, map[string]float64{"sent_unread_bytes": float64(waiting)})
}

// awaitUnread waits until the message, or a part of it, lies in the socket. A client that has only looked whether the
// server is there comes again.
func (v *visit) awaitUnread(ctx context.Context) {
	patience := v.conn.Patience()
	v.conn.SetPatience(min(withheld, patience))
	seen := v.conn.AwaitUnread()
	v.conn.SetPatience(patience)
	if seen {
		return
	}
	v.conn.Read()
	if s, _ := v.conn.AwaitAny(ctx, 1); s.Ended == "" || s.Got > 0 || v.arrive(ctx) != nil {
		return
	}
	v.conn.Expect(frame(v.message))
	v.conn.AwaitUnread()
}

func clientCloseTime(ctx context.Context, e *Env) *Finding {
	worst := 0.0
	for range 3 {
		f := e.serve(ctx, serving{stream: join(rawFrame(spec.Reserved, 0, nil), frame(marker()))})
		if f == nil || f.Bad() || f.Measured == nil {
			return f
		}
		worst = max(worst, f.Measured["closed_after_ms"])
	}
	return recorded(fmt.Sprintf("closed within %.1f ms in three of three sessions (silence 4)", worst), map[string]float64{"closed_after_ms": worst})
}

// clientSilences are the cases that record what the source leaves open.
func clientSilences() []Case {
	burst := func(name, what string, tail []byte, ended bool) Case {
		return Case{
			ID: "close/nothing-after/burst-" + name, Title: "a reply that was whole before " + what + " in the same burst: presented or not",
			Requirements: []string{"close/nothing-after", "close/on-error"},
			Run: func(ctx context.Context, e *Env) *Finding {
				return e.replyThenError(ctx, join(frame([]byte("whole before the error")), tail), ended)
			},
		}
	}
	return []Case{
		burst("empty", "an empty message", join(rawFrame(spec.Reserved, 0, nil), frame(marker())), false),
		burst("reserved", "a wrong reserved byte", rawFrame(0x7f, len(marker()), marker()), false),
		burst("truncated", "a truncated message", rawFrame(spec.Reserved, 100, marker()), true),
		{
			ID: "cli/invalid-reply/exit-status", Title: "what the client prints and returns after its session failed",
			Requirements: []string{"cli/invalid-reply"},
			Run:          exitStatus,
		},
	}
}

// replyThenError records what a client does with a reply that an error follows at once. Of what follows it may present
// nothing.
func (e *Env) replyThenError(ctx context.Context, stream []byte, ended bool) *Finding {
	out := model.Judge(stream, ended)
	v, f := e.visited(ctx, ordinary(), len(stream))
	if f != nil {
		return f
	}
	if f := v.answer(ctx, serving{stream: stream, ended: ended}); f != nil {
		return f
	}
	expected := fmt.Sprintf("the session closed, and nothing presented of what stands behind %s", reason(out))
	first := out.Messages[0]
	content := stream[first.Offset : first.Offset+first.Length]
	if s, err := v.conn.AwaitEnd(ctx); s.Ended == "" && len(s.Stray) == 0 {
		switch {
		case !errors.Is(err, transport.ErrStalled):
			return unjudged(err)
		case !v.presents(content):
			return v.staysOpen(expected, stream, out)
		}
		// A client that has its reply need not read what stands behind it; whether it ends is other cases' business.
	}
	v.leave(ctx)
	if f := v.presentedInvalid(expected, stream, out); f != nil {
		return f
	}
	measured := v.measures()
	if v.presents(content) {
		measured["presented"] = 1
		return recorded(fmt.Sprintf("the reply was presented, the client ended with %s (silence 2)", v.howEnded()), measured)
	}
	measured["presented"] = 0
	return recorded(fmt.Sprintf("the reply was not presented, the client ended with %s (silence 2)", v.howEnded()), measured)
}

func (v *visit) howEnded() string {
	if v.late || !v.proc.Ended() {
		return "nothing of its own: it was ended"
	}
	return v.proc.Exit()
}

// exitStatus records what a client does after each way in which a session can fail.
func exitStatus(ctx context.Context, e *Env) *Finding {
	measured := map[string]float64{}
	text := ""
	for _, way := range []struct {
		name string
		s    serving
	}{
		{"empty", serving{stream: rawFrame(spec.Reserved, 0, nil)}},
		{"truncated", serving{stream: rawFrame(spec.Reserved, len(marker()), marker()[:20]), ended: true}},
		{"no_reply", serving{ended: true}},
	} {
		f := e.serve(ctx, way.s)
		if f == nil || f.Bad() || f.Measured == nil {
			return f
		}
		output, exit := e.Printed()
		if text != "" {
			text += "; "
		}
		if exit == "" {
			exit = "no end"
		}
		text += fmt.Sprintf("%s: %s, %s", way.name, exit, quoted([]byte(output)))
		for name, n := range f.Measured {
			measured[way.name+"_"+name] = n
		}
	}
	return recorded(text+" (silence 8)", measured)
}
