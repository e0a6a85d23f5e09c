package suite

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/scenario"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// Sessions come and go beside one that stays. Where their numbers have so many bits, they come round and meet that of the
// one that stays: around each of these counts the sessions come one by one, and it is looked at beside each.
const (
	turnoverSessions = 1<<16 + turnoverAround
	turnoverFirst    = 8  // bits of the narrowest number that is looked for,
	turnoverLast     = 16 // and of the widest
	turnoverAround   = 64 // sessions on either side
	turnoverLimit    = 40 * time.Second
)

// turnoverCase is the case of a session that outlives more sessions than 16 bits count.
func turnoverCase() Case {
	return Case{
		ID:           fmt.Sprintf("srv/isolation/exhaustive-beside-%d-sessions", turnoverSessions),
		Title:        fmt.Sprintf("a session that stays open while %s come and go keeps its own answers", count(turnoverSessions, "other")),
		Requirements: []string{"srv/isolation", "srv/serves-again"}, Mode: Alone, Sessions: 6,
		Needs: append(longStream(), Gate),
		Run: func(ctx context.Context, e *Env) *Finding {
			t := &turnover{e: e, begin: time.Now()}
			f := t.run(ctx)
			if f != nil && f.Verdict == report.Fail && f.Requirement == "" {
				f.Requirement = "srv/isolation"
			}
			return f
		},
	}
}

// turnover is one session that stays and the others, of which gone have come.
type turnover struct {
	e     *Env
	stays *transport.Conn
	gone  int
	begin time.Time
}

func (t *turnover) run(ctx context.Context) *Finding {
	c, f := t.e.dial(ctx, "session that stays")
	if f != nil {
		return f
	}
	t.stays = c
	if f := t.isItself(ctx); f != nil {
		return f
	}
	for bits := turnoverFirst; bits <= turnoverLast; bits++ {
		if f := t.comeAndGo(ctx, 1<<bits-turnoverAround); f != nil {
			return f
		}
		if f := t.oneByOne(ctx, 1<<bits+turnoverAround); f != nil {
			return f
		}
	}
	leave(ctx, t.stays)
	rate := float64(t.gone) / time.Since(t.begin).Seconds()
	return &Finding{Verdict: report.Pass, Measured: map[string]float64{"sessions": float64(t.gone), "sessions_per_second": float64(int(rate))}}
}

// late is the finding of a peer that is too slow, or nil.
func (t *turnover) late() *Finding {
	took := time.Since(t.begin)
	if took <= turnoverLimit {
		return nil
	}
	return skipped(fmt.Sprintf("%s came and went in %v beside one that stayed open, and broke nothing: the peer is too slow for more", count(t.gone, "session"), took.Round(time.Second)))
}

// comeAndGo has sessions of one message come and go, beside each other, until so many have come.
func (t *turnover) comeAndGo(ctx context.Context, until int) *Finding {
	var begun atomic.Int64
	first, n := t.gone, int64(until-t.gone)
	w := &walker{e: t.e, next: func() (*scenario.Scenario, uint64, bool) {
		i := begun.Add(1)
		if i > n || time.Since(t.begin) > turnoverLimit {
			return nil, 0, false
		}
		number := uint64(first) + uint64(i)
		content := binary.BigEndian.AppendUint64(nil, number)
		return &scenario.Scenario{Frames: []scenario.Frame{{Length: len(content), Content: scenario.Literal, Bytes: content}}}, number, true
	}}
	f := w.run(ctx)
	t.gone += w.played
	if f != nil && f.Verdict != report.Pass {
		return f
	}
	if f := t.isItself(ctx); f != nil {
		return f
	}
	return t.late()
}

// oneByOne has sessions come and go until so many have come, and the one that stays answered while each is open: the
// answer must not come to the newest.
func (t *turnover) oneByOne(ctx context.Context, until int) *Finding {
	for t.gone < until {
		if f := t.late(); f != nil {
			return f
		}
		t.gone++
		f := t.e.session(ctx, func(newest *transport.Conn) *Finding {
			own := frame(fmt.Appendf(nil, "newest session, number %d", t.gone))
			if f := t.e.answered(ctx, newest, own); f != nil {
				return f
			}
			if f := t.isItself(ctx); f != nil {
				came, _ := newest.AwaitAny(ctx, int64(len(own))+1) // what is not its own may be on its way
				if stray := came.Stray; len(stray) > 0 {
					f.Stalled = false
					f.Actual += fmt.Sprintf("; the newest session got %s that were not its own: %s", count(len(stray), "byte"), sample(stray))
				}
				return f
			}
			return t.e.answered(ctx, newest, own) // what is not its own would have come before
		})
		if f != nil {
			return f
		}
	}
	return nil
}

// isItself wants an answer on the session that stays.
func (t *turnover) isItself(ctx context.Context) *Finding {
	f := t.e.answered(ctx, t.stays, frame(fmt.Appendf(nil, "the session that stays, beside %d", t.gone)))
	if f == nil {
		return nil
	}
	f.Requirement = "srv/isolation"
	f.Actual = fmt.Sprintf("on a session that stayed open while %s came and went: %s", count(t.gone, "other"), f.Actual)
	for bits := turnoverFirst; bits <= turnoverLast; bits++ {
		if n := 1 << bits; n-turnoverAround <= t.gone && t.gone <= n+turnoverAround {
			f.Hints = append([]string{fmt.Sprintf("sessions have numbers of %d bits, which come round while an older session still has its own", bits)}, f.Hints...)
		}
	}
	return f
}
