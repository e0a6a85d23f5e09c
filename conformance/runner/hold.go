package runner

import (
	"context"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// Held is a peer that is kept as it is, for a debugger.
type Held struct {
	Case   string          // the case that failed, whose sessions are still open; empty at the end of a run
	Why    string          // what was seen
	PIDs   []int           // the peer's processes
	Socket string          // where it listens; empty for a client
	Ended  <-chan struct{} // closed when the process that was started has ended
}

// holdAt keeps the peer of the first case that fails for good, with the case's sessions open, until Options.Hold returns.
// Whatever was done to the peer meanwhile is not held against it: it is started anew. One that is dead is not kept.
func (r *run) holdAt(ctx context.Context, res *result, env *suite.Env) {
	failing := res.verdictNow() == report.Fail || r.o.Strict && res.verdictNow() == report.Warn
	if r.o.Hold == nil || r.held || !failing || !env.Alone || res.stalled() && !r.final(env) || ctx.Err() != nil {
		return
	}
	peer := r.served(env)
	h, proc := Held{Case: res.c.ID, Why: res.f.Actual, Socket: peer.socket}, peer.proc
	if r.clients != nil {
		h.Socket, proc = "", env.Client()
	} else if !peer.alive() || !r.lived(ctx, res) {
		return
	}
	begin := time.Now()
	if r.hold(ctx, h, proc) {
		peer.spoiled = "after it was held for a debugger"
	}
	res.began = res.began.Add(time.Since(begin)) // that was no time of the case
}

// holdAtEnd keeps the peer of a run that is over and had no failure to keep it at.
func (r *run) holdAtEnd(ctx context.Context) {
	if r.o.Hold != nil && !r.held && !r.subject.perCase && r.subject.proc != nil && r.subject.alive() {
		r.awaitLauncher(ctx)
		r.hold(ctx, Held{Why: "the run is over", Socket: r.subject.socket}, r.subject.proc)
	}
}

// launcherGrace is how long a process that has started the server, and is not itself the one, may take to end.
const launcherGrace = 2 * time.Second

// awaitLauncher waits for the end of a process that has made a daemon: it may be on its way out, and is none that is kept.
func (r *run) awaitLauncher(ctx context.Context) {
	if len(r.subject.proc.Family()) < 2 {
		return
	}
	c, err := transport.Dial(ctx, r.subject.socket, "who serves?", r.patience)
	if err != nil {
		return
	}
	pid, known := c.PeerPID()
	c.Close()
	if !known || pid == r.subject.proc.Pid() {
		return
	}
	timer := time.NewTimer(launcherGrace)
	defer timer.Stop()
	select {
	case <-r.subject.proc.Done():
	case <-timer.C: // a shell in front of the server, perhaps
	case <-ctx.Done():
	}
}

func (r *run) hold(ctx context.Context, h Held, proc *process.Process) bool {
	if proc == nil {
		return false
	}
	if h.PIDs = proc.Family(); len(h.PIDs) == 0 {
		return false
	}
	if !proc.Ended() {
		h.Ended = proc.Done() // or else what it has left behind is kept
	}
	r.held = true
	r.o.Hold(ctx, h)
	return true
}
