package suite

import (
	"context"
	"fmt"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/transport"
	"github.com/oizys-protocol/oizys/spec"
)

// resetReplies are the cases of a reply that a reset of the connection cuts short: a read that fails, where the end of the
// stream is a read of nothing. The server's end closes with the client's message unread, as one does that crashes.
func resetReplies() []Case {
	var cases []Case
	add := func(name, title string, stream []byte, rule string) {
		cases = append(cases, Case{
			ID: "cli/invalid-reply/reset-" + name, Title: title, Requirements: []string{"cli/invalid-reply", "close/on-error", rule}, Needs: []string{resetOnce},
			Run: func(ctx context.Context, e *Env) *Finding { return e.serve(ctx, resetBehind(stream)) },
		})
	}
	add("at-once", "nothing is presented when the connection is reset without a reply", nil, "close/end-of-stream")
	header := rawFrame(spec.Reserved, 0x0102, nil)
	for n := 1; n < len(header); n++ {
		add(fmt.Sprintf("%d-of-4", n), fmt.Sprintf("nothing is presented when the connection is reset after %d of the header's 4 bytes", n), header[:n], "close/truncated-header")
	}
	for _, n := range []int{0, 3, 7} {
		add(fmt.Sprintf("%d-of-8", n), fmt.Sprintf("nothing of a reply is presented that a reset cuts short after %d of 8 bytes", n),
			rawFrame(spec.Reserved, 8, []byte("12345678")[:n]), "close/truncated-content")
	}
	add("in-content", "nothing of a reply is presented that a reset cuts short in the middle", rawFrame(spec.Reserved, len(marker()), marker()[:40]), "close/truncated-content")
	const most = 100_000
	add("at-100000", "nothing of a reply is presented that a reset cuts short after 100,000 of 200,000 bytes",
		rawFrame(spec.Reserved, 2*most, content("cut", most)), "close/truncated-content")
	return cases
}

// sentOnce are the cases of a session that fails when the message was sent: whether the server has done what it asks for is
// not known, and a second one would be a second message.
func sentOnce() []Case {
	once := func(name, title string, s serving) Case {
		return Case{
			ID: "cli/request/once-" + name, Title: title, Requirements: []string{"cli/request", "close/on-error"},
			Run: func(ctx context.Context, e *Env) *Finding { return e.serve(ctx, s) },
		}
	}
	return []Case{
		once("reset-at-once", "the message is not sent again when the connection is reset without a reply", resetBehind(nil)),
		once("reset-in-reply", "the message is not sent again when the connection is reset inside the reply", resetBehind(rawFrame(spec.Reserved, len(marker()), marker()[:20]))),
		once("closed-at-once", "the message is not sent again when the server closes without a reply", serving{hungUp: true, once: true}),
	}
}

// resetTaken is the likely cause of a part that is presented behind a reset.
const resetTaken = "a read that fails is taken for the end of the reply: its error is not looked at, nor how much has come"

// resetBehind is what a server does that fails behind the stream.
func resetBehind(stream []byte) serving {
	return serving{stream: stream, hungUp: true, reset: true, once: true}
}

// reason says what ends the session, as the client sees it.
func (s serving) reason(out model.Outcome) string {
	if !s.reset {
		return reason(out)
	}
	switch out.End {
	case model.TruncatedHeader:
		return "a reset inside a header"
	case model.TruncatedContent:
		return "a reset inside content"
	default:
		return "a reset in place of a reply"
	}
}

// leaveUnread waits until the client's message lies in the socket, whole. One that does not come is judged; of one that
// does, only how long it is.
func (v *visit) leaveUnread(ctx context.Context) *Finding {
	for try := 1; !v.conn.AwaitUnreadBytes(len(v.message) + spec.HeaderLen); try++ {
		if !v.waitOn(try, v.env.Patience) {
			if f := v.ask(ctx); f != nil {
				return f
			}
			return skipped("the client's message came too late to be left unread")
		}
	}
	return nil
}

// comesAgain waits for the client's end, and is a finding if it connects once more and sends anything. That it does not end
// is not judged here.
func (v *visit) comesAgain(ctx context.Context) *Finding {
	patience := max(v.env.manners().grace(v.env.Patience), withheld)
	for n := 2; ; n++ {
		c, err := v.door.Accept(ctx, v.proc.Done(), fmt.Sprintf("session %d", n), patience)
		if err != nil {
			return nil
		}
		v.follow(c)
		c.Read()
		if s, _ := c.AwaitAny(ctx, 1); s.Got > 0 {
			return cameAgain(s)
		}
	}
}

// cameAgain is the finding that a client has sent something on a second session.
func cameAgain(s transport.State) *Finding {
	f := broken("one session, and one message on it", fmt.Sprintf("the client connected once more and sent %s: %s", count(int(s.Got), "byte"), sample(s.Head)))
	f.Requirement = "cli/request"
	f.Hints = []string{"the session has failed, and the message is sent again on another one: the protocol has no retry, and whether the server has acted on the first is not known"}
	return f
}
