package suite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// Program starts the client under test.
type Program interface {
	// Start runs the client once: with the given message, to connect to the given socket. The first keep bytes of each
	// stream that it prints are kept.
	Start(socket string, message []byte, keep int) (*process.Process, error)
}

// visit is one run of the client, from its start to its end.
type visit struct {
	env     *Env
	message []byte
	door    Door
	proc    *process.Process
	course  *transport.Course // of the two sides
	conn    *transport.Conn   // nil until the client has connected
	keep    int               // so many bytes of each stream that it prints are kept
	late    bool              // it was not waited for to its end,
	tardy   bool              // although there had been time
	hungUp  bool              // the judge has closed the session
	asked   bool              // it was sent SIGQUIT
	stopped bool              // it still ran when the case was over, and was ended then
	behind  []byte            // what was sent behind the reply
	reply   exchange          // how the reply was sent, where that is known
	turn    turn
}

// keepSlack is how much a client may print beside the reply before its output is cut.
const keepSlack = 1 << 20

// begin starts the client with a message. Env.Close ends it.
func (e *Env) begin(message []byte, reply int) (*visit, *Finding) {
	e.mu.Lock()
	socket := fmt.Sprintf("%s-%d", e.Socket, len(e.visits))
	v := &visit{env: e, message: message, keep: reply + keepSlack, course: transport.NewCourse()}
	e.visits = append(e.visits, v)
	e.mu.Unlock()
	var err error
	if v.door, err = e.listen(socket); err != nil {
		return nil, unjudged(err)
	}
	v.turn.at = time.Now()
	v.course.Tell(message)
	v.proc, err = e.startClient(v.course, socket, message, v.keep)
	switch {
	case process.TooLong(err):
		return nil, skipped(fmt.Sprintf("the system has no room for a message of %s in this command line", count(len(message), "byte")))
	case err != nil:
		return nil, unjudged(err)
	}
	v.proc.Watch(v.course)
	return v, nil
}

// end ends the client and everything that it has started, and closes what it was given.
func (v *visit) end() {
	if v.proc != nil {
		v.stopped = v.stopped || !v.proc.Ended()
		v.proc.Stop(0)
	}
	if v.door != nil {
		v.door.Close()
	}
}

// arrive waits until the client has connected.
func (v *visit) arrive(ctx context.Context) *Finding {
	var conn *transport.Conn
	err := transport.ErrNobody
	for try := 0; errors.Is(err, transport.ErrNobody) && (try == 0 || v.waitOn(try, v.env.Patience)); try++ {
		conn, err = v.door.Accept(ctx, v.proc.Done(), "session", v.env.Patience)
	}
	switch {
	case errors.Is(err, transport.ErrNobody):
		return v.neverCame()
	case err != nil:
		return unjudged(err)
	}
	v.conn = conn
	conn.SetBusy(v.starved)
	v.follow(conn)
	return nil
}

// follow makes a connection one of the client's sessions.
func (v *visit) follow(conn *transport.Conn) {
	v.course.Follow(conn)
	v.env.mu.Lock()
	v.env.conns = append(v.env.conns, conn)
	v.env.mu.Unlock()
}

func (v *visit) neverCame() *Finding {
	f := broken("the client connects to the socket that it is given, and sends its message", "")
	f.Requirement = "cli/request"
	if v.proc.Ended() {
		v.settle()
		f.Actual = fmt.Sprintf("the client ended (%s) without connecting; %s", v.proc.Exit(), v.printed())
		return f
	}
	v.course.Waited()
	f.Stalled = true
	f.Actual = fmt.Sprintf("the client ran for %v and did not connect", v.env.Patience)
	return f
}

// ask waits for the client's message and judges it.
func (v *visit) ask(ctx context.Context) *Finding {
	want := frame(v.message)
	v.conn.Expect(want)
	v.conn.Read()
	s, err := v.conn.AwaitExpected(ctx)
	return v.judgeRequest(want, s, err)
}

// visited starts the client and takes its message. reply is the length of what the client is going to print. A client
// may connect and close without a byte, to see whether the server is there, before it comes with its message.
func (e *Env) visited(ctx context.Context, message []byte, reply int) (*visit, *Finding) {
	return e.visitedBy(ctx, message, reply, (*visit).ask)
}

// visitedBy is visited for a message that is waited for in the given way.
func (e *Env) visitedBy(ctx context.Context, message []byte, reply int, ask func(*visit, context.Context) *Finding) (*visit, *Finding) {
	v, f := e.begin(message, reply)
	if f != nil {
		return nil, f
	}
	if f := v.arrive(ctx); f != nil {
		return nil, f
	}
	f = ask(v, ctx)
	for f.Bad() && ctx.Err() == nil {
		if s := v.conn.Snapshot(); s.Ended == "" || s.Got > 0 || v.arrive(ctx) != nil {
			break
		}
		f = ask(v, ctx)
	}
	return v, f
}

// settle waits until what an ended client has printed has come through.
func (v *visit) settle() { v.proc.AwaitOutput(settleLimit) }

// settleLimit bounds the wait for the end of a stream that a process which the client left behind may hold open, once all
// that was printed is read.
const settleLimit = 200 * time.Millisecond

// until waits until the client has ended or yes answers so; it asks whenever more was printed. It gives up when nothing
// has happened for as long as the env's patience, and on a client that goes on and on, after a multiple of it; later, if it
// has not printed more than is kept, and either prints fast enough to come to that or was not given its turn by the machine.
func (v *visit) until(ctx context.Context, yes func() bool) (ended, ok bool) {
	timer := time.NewTimer(v.env.Patience)
	limit := time.NewTimer(max(v.env.Patience, min(chatterFactor*v.env.Patience, chatterLimit)))
	defer timer.Stop()
	defer limit.Stop()
	came := int64(0)
	for extensions, more := 0, 0; ; {
		out, err := v.proc.Stdout().Changed(), v.proc.Stderr().Changed()
		if !v.proc.Ended() && yes() {
			return false, true
		}
		select {
		case <-v.proc.Done():
			v.settle()
			return true, true
		case <-out:
			timer.Reset(v.env.Patience)
		case <-err:
			timer.Reset(v.env.Patience)
		case <-timer.C:
			if extensions++; !v.waitOn(extensions, v.env.Patience) {
				v.course.Waited()
				return false, false
			}
			timer.Reset(v.env.Patience)
		case <-limit.C:
			// What it prints it may print slowly because nobody reads it faster.
			fast := v.came() >= came+chatterLeast
			if more++; v.overflows() || !fast && !v.waitOn(more, v.env.Patience) {
				v.course.Waited()
				return false, false
			}
			came = v.came()
			limit.Reset(v.env.Patience)
		case <-ctx.Done():
			return false, false
		}
	}
}

// came is how much has come of the stream on which the client has printed most.
func (v *visit) came() int64 { return max(v.proc.Stdout().Total(), v.proc.Stderr().Total()) }

// overflows reports whether the client has printed more than is kept, of which the reply is a part.
func (v *visit) overflows() bool { return v.came() > int64(v.keep) }

// An env waits for a client that prints all the while for chatterFactor times its patience, and no longer than chatterLimit:
// well within what the runner gives a case, so that a client that prints without end is judged. Beyond that it waits for
// one that prints chatterLeast bytes each time that its patience passes: it comes to more than is kept before long.
const (
	chatterFactor = 10
	chatterLimit  = 30 * time.Second
	chatterLeast  = 256 << 10
)

// ended waits for the client's end, for as long as patience and, if the machine has not given it its turn, longer.
func (v *visit) ended(ctx context.Context, patience time.Duration) bool {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for extensions := 0; ; {
		select {
		case <-v.proc.Done():
			v.settle()
			return true
		default:
		}
		select {
		case <-v.proc.Done():
		case <-timer.C:
			if extensions++; patience == 0 || !v.waitOn(extensions, patience) {
				v.course.Waited()
				return false
			}
			timer.Reset(patience)
		case <-ctx.Done():
			return false
		}
	}
}

// leave waits for the client's end: for as long as the env's patience, or not at all where the client has kept others
// waiting before. That it does not end is not judged here.
func (v *visit) leave(ctx context.Context) {
	grace := v.env.manners().grace(v.env.Patience)
	switch {
	case v.ended(ctx, grace):
		v.env.manners().left()
		return
	case ctx.Err() != nil:
		return
	}
	v.late = true
	if grace > 0 {
		v.tardy = true
		v.env.manners().lingered()
	}
}

// nothingMore judges what the client has sent behind its message, on its session or on another one.
func (v *visit) nothingMore(ctx context.Context) *Finding {
	s := v.conn.Snapshot()
	if v.proc.Ended() && !v.hungUp && s.Ended == "" && len(s.Stray) == 0 {
		s, _ = v.conn.AwaitEnd(ctx) // what matters is what came
	}
	if f := v.judgeTrailer(s); f != nil {
		return f
	}
	gone := make(chan struct{})
	close(gone)
	for n := 2; ; n++ {
		c, err := v.door.Accept(ctx, gone, fmt.Sprintf("session %d", n), v.env.Patience)
		if err != nil {
			return nil
		}
		v.follow(c)
		if waiting, ok := c.Unread(); ok && waiting > 0 {
			c.Lay(waiting)
			c.Read()
			s, _ := c.AwaitAny(ctx, int64(waiting))
			return cameAgain(s)
		}
	}
}

// Tardy reports whether the client was given time to end by itself in one of the case's runs, and did not. A case that
// judges just that does not count.
func (e *Env) Tardy() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, v := range e.visits {
		if v.tardy {
			return true
		}
	}
	return false
}

// Printed returns what the client has printed in its last run, or what a driver was told and answered, and how it ended by
// itself; both are empty for a case that did not start it.
func (e *Env) Printed() (output, exit string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.talks) > 0 {
		return e.talks[len(e.talks)-1].printed()
	}
	if len(e.visits) == 0 {
		return "", ""
	}
	v := e.visits[len(e.visits)-1]
	if v.proc == nil {
		return "", ""
	}
	if v.stopped {
		return v.proc.Output(), "" // how it was ended is no doing of its own
	}
	if exit = v.proc.Exit(); v.asked {
		exit += ", after the SIGQUIT that it was sent because it hung"
	}
	return v.proc.Output(), exit
}

// Quit sends SIGQUIT to the client or driver that the case has started last and that still runs, and returns what it prints then.
// The case must be over.
func (e *Env) Quit() string {
	if t := e.lastTalk(); t != nil {
		return t.quit()
	}
	v := e.lastRunning()
	if v == nil {
		return ""
	}
	v.asked = true
	return v.proc.Quit()
}

// Client returns the client that the case has started last, if it still runs, or nil.
func (e *Env) Client() *process.Process {
	if v := e.lastRunning(); v != nil {
		return v.proc
	}
	return nil
}

func (e *Env) lastRunning() *visit {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.visits) == 0 {
		return nil
	}
	if v := e.visits[len(e.visits)-1]; v.proc != nil && !v.proc.Ended() {
		return v
	}
	return nil
}

// measures are what is recorded of how the client ended.
func (v *visit) measures() map[string]float64 {
	m := map[string]float64{}
	switch {
	case !v.proc.Ended() || v.late:
	case v.proc.Signal() != 0:
		m["signal"] = float64(v.proc.Signal())
	default:
		m["exit_status"] = float64(v.proc.Status())
	}
	return m
}

// passed is a pass with what was recorded.
func passed(measured map[string]float64) *Finding {
	return &Finding{Verdict: report.Pass, Measured: measured}
}
