package suite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
	"github.com/oizys-protocol/oizys/spec"
)

// What one session carries where its positions and counts may be of 31 or 32 bits: over 4 GiB, and at least the messages
// that are under way at one time more. The first message is half as long as the others, so that what the bits count comes
// round in the middle of one: at an end there might be nothing left to go wrong.
const (
	farLimit    = 40 * time.Second
	farFirst    = 8 << 20 // bytes of the first message's content
	farMessage  = spec.HeaderLen + spec.MaxContentLen
	farMessages = (1<<32+2*farMessage)/farMessage + 2
)

// over4GiB is the case of a session that carries more than 32 bits count.
func over4GiB() Case {
	return Case{
		ID:           "stream/order/exhaustive-over-4-gib",
		Title:        fmt.Sprintf("%s of up to %s, over 4 GiB in all, on one session", count(farMessages, "message"), count(spec.MaxContentLen, "byte")),
		Requirements: []string{"stream/order", "msg/sizes", "msg/binary"}, Mode: Alone,
		Needs: append(longStream(), fmt.Sprintf("msg/binary/positional-%d", spec.MaxContentLen), longestID()),
		Run:   func(ctx context.Context, e *Env) *Finding { return e.far(ctx, farMessages, farLimit) },
	}
}

// far sends n messages, all but the first of the greatest length, one behind the other and no more than two of them
// unanswered, for as long as limit.
func (e *Env) far(ctx context.Context, n int, limit time.Duration) *Finding {
	c, f := e.dial(ctx, "far session")
	if f != nil {
		return f
	}
	c.Untaped("more went over it than is recorded")
	contents, begin, length := newEndless(e.Rand), time.Now(), farFirst
	for i := range n {
		if took := time.Since(begin); took > limit {
			leave(ctx, c)
			return skipped(fmt.Sprintf("%s of %d came back in %v: the peer is too slow for the rest", count(i, "message"), n, took.Round(time.Second)))
		}
		if s, err := c.AwaitAny(ctx, c.Written()-farMessage); err != nil || len(s.Stray) > 0 || s.Ended != "" {
			return farFinding(s, err)
		}
		err := sendExpected(c, rawFrame(spec.Reserved, length, nil))
		for left := length; left > 0 && err == nil; {
			piece := contents.next(left)
			err = sendExpected(c, piece)
			left -= len(piece)
		}
		if errors.Is(err, transport.ErrPeerClosed) {
			break // the reading side knows more
		}
		if err != nil {
			return exchange{conn: c}.sendFailed(err)
		}
		length = spec.MaxContentLen
	}
	s, err := c.AwaitExpected(ctx)
	if err != nil || len(s.Stray) > 0 || s.Matched != s.Want {
		return farFinding(s, err)
	}
	leave(ctx, c)
	rate := float64(s.Got) / time.Since(begin).Seconds() / (1 << 20)
	return &Finding{Verdict: report.Pass, Measured: map[string]float64{"bytes": float64(s.Got), "mib_per_second": float64(int(rate))}}
}

func sendExpected(c *transport.Conn, b []byte) error {
	c.Expect(b)
	return c.Send(b)
}

// farFinding says where in its stream a session went wrong.
func farFinding(s transport.State, err error) *Finding {
	const first = spec.HeaderLen + farFirst
	answer, at := int64(1), s.Matched
	if at >= first {
		answer, at = (at-first)/farMessage+2, (at-first)%farMessage
	}
	where := fmt.Sprintf("behind %s that were right, in answer %d", count(int(s.Matched), "byte"), answer)
	f := broken("every message echoed, and the session open", "")
	switch {
	case len(s.Stray) > 0 && at < spec.HeaderLen:
		f.Actual = fmt.Sprintf("%s: byte %d of the header is 0x%02x, expected 0x%02x", where, at, s.Stray[0], next(s))
	case len(s.Stray) > 0:
		f.Actual = fmt.Sprintf("%s: content byte %s is 0x%02x, sent was 0x%02x", where, group(int(at-spec.HeaderLen)), s.Stray[0], next(s))
	case s.Ended != "":
		f.Actual = fmt.Sprintf("%s: the server closed the session (%s)", where, s.Ended)
	case errors.Is(err, transport.ErrStalled):
		f.Actual, f.Stalled = where+": no more came within the deadline; the session stayed open", true
	default:
		return unjudged(err)
	}
	for _, bits := range []int{31, 32} {
		if limit := int64(1) << bits; limit-2*farMessage <= s.Matched && s.Matched <= limit+2*farMessage {
			f.Hints = append(f.Hints, fmt.Sprintf("a position in the stream, or a count of all bytes, has %d bits and comes round", bits))
		}
	}
	return f
}

// endless is content without end that takes little memory: windows of one block of random bytes, each begun elsewhere than
// the one before, so that what is shifted by any number of bytes, or taken from elsewhere, differs within a window.
type endless struct {
	block  []byte
	window int // how many there were
	at     int // in the present one
}

const (
	endlessWindow = 256 << 10
	endlessStarts = 2_097_143 // where windows begin: a prime,
	endlessStride = 1_299_709 // and how far from each other: another
)

func newEndless(r *rand.Rand) *endless {
	c := &endless{block: make([]byte, endlessStarts+endlessWindow)}
	fill(c.block, fmt.Sprint(r.Uint64()))
	return c
}

// next returns the next bytes, of which there is one at least and n at most.
func (c *endless) next(n int) []byte {
	from := c.window*endlessStride%endlessStarts + c.at
	n = min(n, endlessWindow-c.at)
	if c.at += n; c.at == endlessWindow {
		c.window, c.at = c.window+1, 0
	}
	return c.block[from : from+n]
}
