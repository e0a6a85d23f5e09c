package suite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"syscall"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// Env is what one run of one case has of the peer. A case's goroutines may share it.
type Env struct {
	// Socket is where the peer listens.
	Socket string
	// Starter, if set, starts a server for each session; Socket is empty then.
	Starter Starter
	// Patience is how long the peer may go without progress before a wait is given up.
	Patience time.Duration
	// Capacity is how many sessions at once the peer was seen to serve, up to the number that was tried; at least 1.
	Capacity int
	// TurnsAway says that the peer closes sessions beyond its capacity, where others leave them waiting.
	TurnsAway bool
	// Mingled is what was seen of sessions that the peer mixed when its capacity was measured; nil means none.
	Mingled *Mingled
	// Rand is the case's own source of chance, made from the run's seed and the case's ID.
	Rand *rand.Rand
	// Finish is closed when a case that runs throughout is to come to its end; nil means at once.
	Finish <-chan struct{}
	// Alone says that nothing else is asked of the peer meanwhile: a peer that is at work is at work for this case, and
	// a wait that is at its end goes on for it.
	Alone bool
	// Restless says that the peer is at work whether something is asked of it or not, so that being at work is no reason to
	// wait on.
	Restless bool
	// Idle is how long a session that idles does so at least; 0 means a second.
	Idle time.Duration
	// Program starts the client under test, and Manners is what is known of it; a server has neither. Socket is then the
	// beginning of the paths at which the case listens.
	Program Program
	Manners *Manners
	// Driver starts the driver under test, which is given sockets like a client; other roles have none.
	Driver Driver

	// Seen is what the peer got right in the run so far, for the likely causes of what it does not; nil is nothing.
	Seen *Seen

	// Connect makes the case's sessions in the place of connections to Socket, when a recording is judged again.
	Connect func(name string, patience time.Duration) (*transport.Conn, error)

	// Standin plays the client's or the driver's runs in the place of Program or Driver, when a recording is judged again.
	Standin Standin

	mu      sync.Mutex
	taped   tapes
	conns   []*transport.Conn
	last    *transport.Conn     // the one that was forgotten last
	extra   []report.Transcript // of connections that were not the env's own
	warning *Finding            // the first that one of many sessions gave
	visits  []*visit
	talks   []*talk
	lent    []stretch // memory to give back
}

// Starter starts servers that each serve one session. Its methods may be called concurrently.
type Starter interface {
	// Serve starts a server and returns the socket at which it listens.
	Serve(ctx context.Context) (socket string, err error)
	// End ends every server that was started.
	End()
}

// Listening returns the socket at which the next session is served.
func (e *Env) Listening(ctx context.Context) (string, error) {
	if e.Starter == nil {
		return e.Socket, nil
	}
	return e.Starter.Serve(ctx)
}

// NewRand returns the source of chance of the case with the given ID in a run with the given seed.
func NewRand(seed uint64, id string) *rand.Rand {
	h := uint64(len(id))
	for _, b := range []byte(id) {
		h = mix(h ^ uint64(b))
	}
	return rand.New(rand.NewPCG(seed, h))
}

// dial opens a session that reads at once.
func (e *Env) dial(ctx context.Context, name string) (*transport.Conn, *Finding) {
	c, f := e.dialUnread(ctx, name)
	if f == nil {
		c.Read()
	}
	return c, f
}

// dialUnread opens a session whose incoming bytes stay in the socket.
func (e *Env) dialUnread(ctx context.Context, name string) (*transport.Conn, *Finding) {
	if e.Connect != nil {
		return e.played(name)
	}
	if e.TurnsAway {
		c, f := e.admitted(ctx, name)
		if f == nil {
			e.keepConn(c)
		}
		return c, f
	}
	socket, err := e.Listening(ctx)
	if err != nil {
		return nil, unjudged(err)
	}
	c, err := transport.DialUnread(ctx, socket, name, e.Patience)
	if err != nil {
		return nil, dialFinding(ctx, err)
	}
	e.keepConn(c)
	return c, nil
}

// keepConn makes a connection the env's, which closes it at the end.
func (e *Env) keepConn(c *transport.Conn) {
	if pid, ok := c.PeerPID(); ok && pid > 0 && e.Alone && !e.Restless {
		c.SetBusy(func() bool { return process.Busy(pid) })
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.taped.begin(c)
	e.conns = append(e.conns, c)
}

func dialFinding(ctx context.Context, err error) *Finding {
	if ctx.Err() != nil {
		return unjudged(ctx.Err())
	}
	refused := errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOENT)
	full := errors.Is(err, syscall.EAGAIN)
	if !refused && !full {
		return unjudged(err)
	}
	return &Finding{
		Verdict:     report.Fail,
		Requirement: "srv/serves-again",
		Expected:    "the server takes a new connection",
		Actual:      fmt.Sprintf("connecting failed: %v", err),
		Refused:     refused,
		Stalled:     full,
	}
}

// Close closes every session that the case opened, and ends every client that it started.
func (e *Env) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, v := range e.visits {
		v.end()
	}
	e.endTalks()
	for _, c := range e.conns {
		c.Close()
	}
	if e.Starter != nil {
		e.Starter.End()
	}
	giveBack(e.lent) // nobody reads or writes any of it now
	e.lent = nil
}

// Transcripts returns what went over the case's sessions: those of the first few, or of the last where all went well.
func (e *Env) Transcripts() []report.Transcript {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := e.extra[:min(len(e.extra), maxTranscripts)]
	for _, c := range e.conns[:min(len(e.conns), maxTranscripts)] {
		all = append(all, c.Transcript())
	}
	if len(all) == 0 && e.last != nil {
		all = append(all, e.last.Transcript())
	}
	return all
}

const maxTranscripts = 4

// also adds what went over connections that are not the env's own to the evidence.
func (e *Env) also(transcripts []report.Transcript) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.extra = append(e.extra, transcripts...)
}

// drop closes c and forgets it, for cases with too many sessions to remember.
func (e *Env) drop(c *transport.Conn) {
	c.Close()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.taped.keep(c)
	e.last = c
	for i := len(e.conns) - 1; i >= 0; i-- {
		if e.conns[i] == c {
			e.conns = append(e.conns[:i], e.conns[i+1:]...)
			return
		}
	}
}

// watched is the server's process, as its socket names it.
type watched struct{ pid int }

// watch finds out which process serves the socket. A finding says that it cannot be told or looked at.
func (e *Env) watch(ctx context.Context) (watched, *Finding) {
	e.unrecorded("its verdict rests on what the server's process held")
	c, f := e.dial(ctx, "watching session")
	if f != nil {
		return watched{}, f
	}
	defer e.drop(c)
	pid, ok := c.PeerPID()
	if !ok || pid == 0 {
		return watched{}, skipped("the system does not tell which process serves the socket")
	}
	w := watched{pid}
	if _, err := w.usage(); err != nil {
		return w, skipped(err.Error())
	}
	return w, nil
}

// usage returns what the server's process and its descendants hold.
func (w watched) usage() (process.Usage, error) { return process.UsageOf(w.pid) }
