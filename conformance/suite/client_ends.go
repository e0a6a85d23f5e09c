package suite

import (
	"context"
	"fmt"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/spec"
)

// ends are the cases of how a client ends, and of what it does while it waits. They judge nothing of the wire.
func ends() []Case {
	end := func(name, title string, s serving, needs ...string) Case {
		return Case{
			ID: "cli/ends/" + name, Title: title, Requirements: []string{"cli/ends"}, Needs: needs,
			Run: func(ctx context.Context, e *Env) *Finding { return e.mustEnd(ctx, s) },
		}
	}
	return []Case{
		end("after-reply", "the client ends soon after its reply", serving{stream: frame([]byte("that is all"))}),
		end("after-empty-reply", "the client ends soon after an empty message closed its session", serving{stream: rawFrame(spec.Reserved, 0, nil)}, emptyCloses),
		end("after-truncated-reply", "the client ends soon after a truncated reply closed its session", serving{stream: []byte{0, 0, 0, 9, 'c', 'u', 't'}, ended: true}, cutCloses),
		end("after-peer-close", "the client ends soon after the server closed the connection without a reply", serving{hungUp: true}),
		{
			ID: "cli/ends/waits-idle", Title: "the client does not use the processor while it waits for the reply",
			Requirements: []string{"cli/ends"},
			Run:          waitsIdle,
		},
	}
}

// mustEnd wants the client to end within the env's patience after its session. Whether what it does before is right is
// other cases' business.
func (e *Env) mustEnd(ctx context.Context, s serving) *Finding {
	v, f := e.visited(ctx, ordinary(), len(s.stream))
	if f != nil {
		return f
	}
	if f := v.answer(ctx, s); f != nil {
		return f
	}
	begin := time.Now()
	switch {
	case v.ended(ctx, e.Patience):
		m := v.measures()
		m["ended_after_ms"] = millis(v.proc.EndedAt().Sub(begin))
		return passed(m)
	case ctx.Err() != nil:
		return unjudged(ctx.Err())
	}
	expected := "the client ends soon after its session has closed"
	if !v.conn.Ended() && !v.hungUp {
		expected = "the client closes its session and ends, soon after what came"
	}
	f = broken(expected, fmt.Sprintf("it still ran %v later; %s; %s", e.Patience, v.session(), v.printed()))
	f.Verdict, f.Stalled = report.Warn, true
	return f
}

// session says how the client's session stands.
func (v *visit) session() string {
	if v.conn.Ended() || v.hungUp {
		return "its session was closed"
	}
	return "its session was open"
}

// A client spins if it runs, or would if a processor were free, for most of the time that it waits. A runtime that still
// warms up comes to rest within a few looks. A share that it runs for in fact keeps those out that only wait for their turn.
const (
	settleIdle = 100 * time.Millisecond
	busyShare  = 0.5
	leastShare = 0.03
	idleLooks  = 3
)

// waitsIdle withholds the reply and looks at what the client does meanwhile.
func waitsIdle(ctx context.Context, e *Env) *Finding {
	e.unrecorded("its verdict rests on the processor time that the client took")
	v, f := e.visited(ctx, ordinary(), 0)
	if f != nil {
		return f
	}
	var ran, ready float64
	for range idleLooks {
		if !pause(ctx, settleIdle) {
			return unjudged(ctx.Err())
		}
		var err error
		ran, ready, err = v.busy(ctx, withheld)
		switch {
		case ctx.Err() != nil:
			return unjudged(ctx.Err())
		case err != nil && v.proc.Ended():
			return skipped("the client does not wait for the reply")
		case err != nil:
			return skipped(err.Error())
		}
		if ready < busyShare || ran < leastShare {
			return passed(map[string]float64{"processor_share": ran})
		}
	}
	f = broken("waiting takes next to no processor time", fmt.Sprintf("while the reply was withheld, the client used a processor for %.0f %% of the time, and wanted one for %.0f %%", 100*ran, 100*ready))
	f.Verdict, f.Measured = report.Warn, map[string]float64{"processor_share": ran}
	f.Hints = []string{"a loop asks the socket again and again instead of waiting in a read or in poll"}
	return f
}

// busy returns for which share of a while the client runs, and for which it runs or would if a processor were free.
func (v *visit) busy(ctx context.Context, while time.Duration) (ran, ready float64, err error) {
	begin := time.Now()
	before, err := process.SchedulingOf(v.proc.Pid())
	if err != nil {
		return 0, 0, err
	}
	pause(ctx, while)
	after, err := process.SchedulingOf(v.proc.Pid())
	wall := time.Since(begin).Seconds()
	used := after.Sub(before)
	return used.Ran.Seconds() / wall, (used.Ran + used.Waited).Seconds() / wall, err
}

// pause waits, and reports whether it did so to the end.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
