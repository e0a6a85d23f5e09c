package suite

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
	"github.com/oizys-protocol/oizys/spec"
)

// Long contents are echoed, and others end in the middle, a round at a time until a round leaves little behind: an allocator or a collector then uses
// again what it has. A server that keeps contents never comes to that.
const (
	longContent = 1 << 20
	longRound   = 24 // contents in a round
	longCut     = 12 // and those of which only longCutAt bytes come
	longCutAt   = longContent * 7 / 8
	longRounds  = 12
	longRest    = longRound * longContent / 4 // growth a round below which memory is at rest
)

func longContentsRest(ctx context.Context, e *Env) *Finding {
	server, f := e.watch(ctx)
	if f != nil {
		return f
	}
	message := e.message("long content", longContent)
	cut := message[:spec.HeaderLen+longCutAt]
	var first, last process.Usage
	rested := 0
	for round := range longRounds + 1 {
		if f := e.session(ctx, func(c *transport.Conn) *Finding {
			for range longRound {
				if f := e.answered(ctx, c, message); f != nil {
					return f
				}
			}
			leave(ctx, c)
			return nil
		}); f != nil {
			return f
		}
		for range longCut {
			if f := e.session(ctx, func(c *transport.Conn) *Finding {
				_ = c.Send(cut) // a server that does not take it all keeps no more than it took
				leave(ctx, c)
				return nil
			}); f != nil {
				return f
			}
		}
		now, err := server.usage()
		switch {
		case err != nil && round == 0:
			return skipped(err.Error())
		case err != nil:
			return unjudged(err)
		case round == 0:
			first, last = now, now
			continue
		case now.Resident-last.Resident < longRest:
			rested++
		default:
			rested = 0
		}
		last = now
		growth := last.Resident - first.Resident
		if rested >= restRounds && restsAfter(rested, round) || round == longRounds && growth < longRounds*longRest {
			return &Finding{Verdict: report.Pass, Measured: map[string]float64{"growth_bytes": float64(growth)}}
		}
	}
	growth := last.Resident - first.Resident
	f = broken("memory for long contents is given back, or used again",
		fmt.Sprintf("resident memory grew by %s while %s were echoed, and %s came of contents that ended in the middle, in %d rounds, and did not come to rest",
			count(int(growth), "byte"), count(longRounds*longRound*longContent, "byte"), count(longRounds*longCut*longCutAt, "byte"), longRounds))
	f.Measured = map[string]float64{"growth_bytes": float64(growth)}
	f.Hints = []string{"the content of a message is kept when it has been answered: a reference to it, or to a part of it, stays",
		"content that ends in the middle is not freed"}
	if process.CollectsLazily(server.pid) {
		return recorded(f.Actual+"; this runtime collects late, so it may be no leak", f.Measured)
	}
	return f
}

// announcedMemory opens sessions that announce the longest content and send one byte of it.
func announcedMemory(ctx context.Context, e *Env) *Finding {
	server, f := e.watch(ctx)
	if f != nil {
		return f
	}
	if _, f := e.sessions(ctx, 50); f != nil {
		return f
	}
	sessions := min(16, max(e.Capacity-1, 1))
	conns := make([]*transport.Conn, sessions)
	for i := range conns {
		c, f := e.dial(ctx, fmt.Sprintf("announcing session %d", i+1))
		if f != nil {
			return f
		}
		if f := e.answered(ctx, c, frame([]byte("before"))); f != nil {
			return f
		}
		conns[i] = c
	}
	before, err := server.usage() // with the sessions open: what a session itself takes is no content's
	if err != nil {
		return skipped(err.Error())
	}
	for _, c := range conns {
		if err := c.Send(rawFrame(0, spec.MaxContentLen, []byte{'x'})); err != nil {
			return unjudged(err)
		}
	}
	var taken sync.WaitGroup // a server that reads one session at a time takes the others' never
	for _, c := range conns {
		taken.Go(func() { c.AwaitTaken() })
	}
	taken.Wait()
	if e.Capacity > 1 {
		if f := e.served(ctx); f != nil {
			f.Requirement = "srv/isolation"
			f.Actual = "while other sessions waited inside a message: " + f.Actual
			return f
		}
	}
	announced := int64(sessions) * spec.MaxContentLen
	for begin := time.Now(); ; {
		busy := process.Busy(server.pid) // it may still write to what it has set aside
		after, err := server.usage()
		if err = cmp.Or(err, ctx.Err()); err != nil {
			return unjudged(err)
		}
		grown := after.Resident - before.Resident
		if !busy || grown >= setAside(announced) || time.Since(begin) > fillingFactor*e.Patience {
			return judgeAnnounced(grown, announced)
		}
		time.Sleep(lookPause)
	}
}

// A server that is at work when it has been told of large contents is waited for fillingFactor times the env's patience.
const fillingFactor = 4

// lookPause lies between two looks at it.
const lookPause = 2 * time.Millisecond

// setAside is by how much memory grows at least where room for all that was announced is made and written to.
func setAside(announced int64) int64 { return announced / 4 }

func judgeAnnounced(grown, announced int64) *Finding {
	grown = max(grown, 0)
	measured := map[string]float64{"announced_bytes": float64(announced), "growth_bytes": float64(grown)}
	said := fmt.Sprintf("%s announced, %s set aside (silence 6)", count(int(announced), "byte"), count(int(grown), "byte"))
	if grown < setAside(announced) {
		return recorded(said, measured)
	}
	f := broken("memory stays far below what was announced until content comes", said)
	f.Verdict, f.Measured = report.Warn, measured
	f.Hints = []string{"a buffer of the announced length is made, and written to, when the header has come: a few bytes take 16 MiB"}
	return f
}
