package suite

import (
	"context"
	"fmt"
	"time"

	"github.com/oizys-protocol/oizys/conformance/transport"
	"github.com/oizys-protocol/oizys/spec"
)

// The exhaustive tier goes on where a session, or a server, usually ends: a counter that is too narrow, a table that
// fills, or a bound on what went by in all shows only then.
const (
	longestMessages = 20    // of spec.MaxContentLen bytes, on one session
	manyErrors      = 5_000 // sessions that end by an error, one after the other
	manyErrorsLimit = 40 * time.Second
)

// exhaustiveMany are the cases of very much on one session, and of very many sessions.
func exhaustiveMany() []Case {
	return []Case{
		{
			ID:           longestID(),
			Title:        fmt.Sprintf("%d messages of %s each, one after the other on one session", longestMessages, count(spec.MaxContentLen, "byte")),
			Requirements: []string{"stream/order", "msg/sizes", "msg/binary"}, Mode: Alone, Bytes: 2 * spec.MaxContentLen,
			Needs: append(longStream(), fmt.Sprintf("msg/binary/positional-%d", spec.MaxContentLen)),
			Run:   longestOnOneSession,
		},
		{
			ID:           fmt.Sprintf("srv/serves-again/exhaustive-after-%d-errors", manyErrors),
			Title:        fmt.Sprintf("the server still serves after %s that ended by an error", count(manyErrors, "session")),
			Requirements: []string{"srv/serves-again"}, Mode: Alone, Needs: append(longStream(), Gate, emptyCloses),
			Run: noting(afterManyErrors),
		},
		over4GiB(),
		turnoverCase(),
	}
}

func longestID() string {
	return fmt.Sprintf("stream/order/exhaustive-%d-longest-messages", longestMessages)
}

// longestOnOneSession sends two messages of the greatest length in turn, so that an old answer is not taken for a new one.
func longestOnOneSession(ctx context.Context, e *Env) *Finding {
	messages := [][]byte{e.message("longest, even", spec.MaxContentLen), e.message("longest, odd", spec.MaxContentLen)}
	return e.session(ctx, func(c *transport.Conn) *Finding {
		for i := range longestMessages {
			if f := e.answered(ctx, c, messages[i%len(messages)]); f != nil {
				f.Actual = fmt.Sprintf("message %d of the greatest length: %s", i+1, f.Actual)
				return f
			}
		}
		leave(ctx, c)
		return nil
	})
}

func afterManyErrors(ctx context.Context, e *Env) *Finding {
	ways := []action{
		invalid(nil, rawFrame(0, 0, nil), nil),
		invalid(frame([]byte("one")), rawFrame(0, 0, nil), frame([]byte("bait"))),
		invalid(nil, rawFrame(0xff, 3, []byte("bad")), nil),
		closeBehind([]byte{0, 0}),
		closeBehind(frame([]byte("cut"))[:spec.HeaderLen+1]),
	}
	done, begin := 0, time.Now()
	for done < manyErrors {
		if took := time.Since(begin); took > manyErrorsLimit {
			return skipped(fmt.Sprintf("%s ended by an error in %v and broke nothing: the peer is too slow for more", count(done, "session"), took.Round(time.Second)))
		}
		n, f := e.inLanes(ctx, manyErrors-done, func(i int) *Finding {
			f := ways[i%len(ways)](ctx, e)
			if f != nil {
				f.Actual = fmt.Sprintf("in session %d of many that ended by an error: %s", done+i+1, f.Actual)
			}
			return f
		})
		if f != nil {
			return f
		}
		done += n
	}
	return e.session(ctx, func(c *transport.Conn) *Finding { return e.answered(ctx, c, frame([]byte("still there?"))) })
}
