package suite

import (
	"context"
	"fmt"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// Resources are the cases of what a server holds when sessions are over, or have only begun. All of them read /proc.
func Resources() []Case {
	descriptors := holding{"descriptors", func(u process.Usage) int64 { return int64(u.Descriptors) }}
	threads := holding{"threads", func(u process.Usage) int64 { return int64(u.Threads) }}
	processes := holding{"processes", func(u process.Usage) int64 { return int64(u.Processes) }}
	return []Case{
		{
			ID: "srv/releases/descriptors-and-threads", Title: "descriptors, threads and processes come back to where they were after 1,000 sessions",
			Requirements: []string{"srv/releases"}, Mode: Alone, Needs: manySessions(), Limit: leakCase,
			Run: noting(func(ctx context.Context, e *Env) *Finding { return e.givenBack(ctx, descriptors, threads, processes) }),
		},
		{
			ID: "srv/releases/memory", Title: "memory comes to rest, however many sessions there were",
			Requirements: []string{"srv/releases"}, Mode: Alone, Needs: manySessions(), Fresh: true, Limit: memoryCase,
			Run: noting(memoryRests),
		},
		{
			ID: "srv/releases/long-contents", Title: "memory for long contents is given back, or used again",
			Requirements: []string{"srv/releases"}, Mode: Alone, Fresh: true, Needs: append(manySessions(), "msg/sizes/65536", "msg/sizes/1048576"), Bytes: 2 << 20,
			Limit: 5 * time.Minute, // a server that keeps contents goes through all rounds, on a slow machine as well
			Run:   longContentsRest,
		},
		{
			ID: "srv/announced-memory/unsent-content", Title: "memory for content that was announced and has not come",
			Requirements: []string{"srv/announced-memory"}, Mode: Alone, Needs: manySessions(),
			Run: noting(announcedMemory),
		},
	}
}

// manySessions is what the sessions of these cases rest on.
func manySessions() []string { return append(longStream(), "msg/sizes/16384") }

// holding is something that a process holds and can leak.
type holding struct {
	name string
	of   func(process.Usage) int64
}

// slack is by how much a count may grow in 1,000 sessions before it is looked at again: pools grow, leaks go on.
const slack = 8

// leakCase is what a look for such a leak may take: three times as many sessions as there is time for, and then apartLimit.
const leakCase = 2 * time.Minute

// givenBack puts the server through 1,000 sessions and wants the counts back where they were. Where one is not, 1,000
// more tell a pool, which has grown and stays, from a leak, which goes on.
func (e *Env) givenBack(ctx context.Context, held ...holding) *Finding {
	server, f := e.watch(ctx)
	if f != nil {
		return f
	}
	if _, f := e.sessions(ctx, 100); f != nil {
		return f
	}
	before, err := server.usage()
	if err != nil {
		return skipped(err.Error())
	}
	measured := map[string]float64{}
	for round := 1; ; round++ {
		done, f := e.sessions(ctx, 1000)
		if f != nil {
			return f
		}
		after, grown, err := e.settled(server, before, held, e.Patience)
		if err != nil {
			return unjudged(err)
		}
		for _, h := range held {
			measured[h.name+"_growth"] = float64(h.of(after) - h.of(before))
		}
		switch {
		case grown == nil:
			return &Finding{Verdict: report.Pass, Measured: measured}
		case round == 2:
			leaky := e.leaking(ctx, server, *grown)
			f := broken(grown.name+" come back to where they were when sessions have ended",
				leavers(leaky, grown.name)+fmt.Sprintf("%s left %s more than before them behind, after as many others had as well: %s, then %s",
					count(done, "session"), count(int(grown.of(after)-grown.of(before)), grown.name[:len(grown.name)-1]), group(int(grown.of(before))), group(int(grown.of(after)))))
			f.Measured, f.Stalled = measured, true
			f.Hints = append(uncleaned(leaky), leaks(grown.name, after.Zombies-before.Zombies))
			return f
		}
		before = after
	}
}

// leaks is the likely cause of a growing count, when so many of the processes are new zombies.
func leaks(name string, zombies int) string {
	if name == "processes" && zombies > slack {
		return "processes that served a session have ended and were not waited for (zombies): wait() is missing, or SIGCHLD is not ignored"
	}
	return "a session that has ended is not closed, or what served it is not ended: " + name + " leak"
}

// settled waits until what is held is back, for at most the given patience, and returns the last look and what of it
// has grown. It looks ever more seldom: a look at a process that has leaked a thousand descriptors takes a while.
func (e *Env) settled(server watched, before process.Usage, held []holding, patience time.Duration) (process.Usage, *holding, error) {
	for begin, pause := time.Now(), 2*time.Millisecond; ; pause = min(pause*3/2, max(patience/8, 2*time.Millisecond)) {
		now, err := server.usage()
		if err != nil {
			return now, nil, err
		}
		var grown *holding
		for i, h := range held {
			if h.of(now) > h.of(before)+slack {
				grown = &held[i]
			}
		}
		if grown == nil || time.Since(begin) > patience {
			return now, grown, nil
		}
		time.Sleep(pause)
	}
}

// sessions puts the server through n sessions, or fewer when it is slow, that end in every way there is, one after the
// other. What they bring back is other cases' business, as long as they are answered and an invalid header closes them.
func (e *Env) sessions(ctx context.Context, n int) (int, *Finding) {
	return e.depart(ctx, n, departures())
}

// depart does the same with sessions that end in the given ways, in turn.
func (e *Env) depart(ctx context.Context, n int, ways []departure) (int, *Finding) {
	return e.inLanes(ctx, n, func(i int) *Finding {
		f := ways[i%len(ways)].run(ctx, e)
		if f != nil {
			if f.Requirement != "msg/empty" && f.Requirement != "hdr/reserved-zero" {
				f.Requirement = "srv/serves-again"
			}
			f.Actual = fmt.Sprintf("in session %d of many: %s", i+1, f.Actual)
		}
		return f
	})
}

// leftBehind sends bytes, none of which wants an answer, and leaves the session.
func leftBehind(wire []byte) action {
	return func(ctx context.Context, e *Env) *Finding {
		return e.session(ctx, func(c *transport.Conn) *Finding {
			_ = c.Send(wire) // the server may close first
			leave(ctx, c)
			return nil
		})
	}
}

// session opens a session, has do use it, and forgets it unless it is evidence.
func (e *Env) session(ctx context.Context, do func(c *transport.Conn) *Finding) *Finding {
	c, f := e.dial(ctx, "one of many")
	if f != nil {
		return f
	}
	if f = do(c); f == nil {
		e.drop(c)
	}
	return f
}

// answered wants one message echoed.
func (e *Env) answered(ctx context.Context, c *transport.Conn, message []byte) *Finding {
	c.Expect(message)
	return exchange{conn: c, sent: message, seen: e.Seen}.echoed(ctx, message, nil)
}
