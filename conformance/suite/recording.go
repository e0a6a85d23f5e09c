package suite

import (
	"errors"
	"fmt"
	"slices"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// maxTapes is how many sessions of a case are recorded, and maxTapeBytes how much of them, in bytes of the report.
const (
	maxTapes     = 128
	maxTapeBytes = 256 << 10
)

// ErrNotRecorded is returned, wrapped, by Env.Connect for a session that a recording does not have.
var ErrNotRecorded = errors.New("not recorded")

// tapes collects the tapes of a case's sessions.
type tapes struct {
	names   map[*transport.Conn]string
	count   map[string]int
	all     []report.Tape // of those that were closed and forgotten
	bytes   int
	begun   int
	missing string
}

// begin gives a session a name that no other of the case has: of those with one name the first, the second and so on.
func (r *tapes) begin(c *transport.Conn) {
	if c.Follows() {
		return // its run is recorded
	}
	if r.names == nil {
		r.names, r.count = map[*transport.Conn]string{}, map[string]int{}
	}
	if r.begun++; r.begun > maxTapes {
		r.lose(fmt.Sprintf("it has more than the %d sessions that are recorded", maxTapes))
	}
	if r.missing != "" {
		c.Untaped(r.missing)
		return
	}
	name := c.Name()
	r.count[name]++
	r.names[c] = SessionName(name, r.count[name])
}

// SessionName is how a recording calls the n-th of a case's sessions that have one name.
func SessionName(name string, n int) string {
	if n == 1 {
		return name
	}
	return fmt.Sprintf("%s, number %d", name, n)
}

func (r *tapes) lose(why string) {
	if r.missing == "" {
		r.missing = why
	}
	r.all = nil
}

// keep takes the tape of a session that is over.
func (r *tapes) keep(c *transport.Conn) {
	name, known := r.names[c]
	if !known {
		return
	}
	delete(r.names, c)
	t, missing := c.Tape()
	if missing != "" {
		r.lose(missing)
	}
	if r.bytes += len(t.Flow) + len(t.Rest); r.bytes > maxTapeBytes {
		r.lose("more went over its sessions than is recorded")
	}
	if r.missing == "" {
		t.Name = name
		r.all = append(r.all, t)
	}
}

// restsOnUnread is why a case cannot be judged again that looks at what lies in a socket.
const restsOnUnread = "its verdict rests on what lay unread in a socket"

// unrecorded says why the case cannot be judged by its sessions alone.
func (e *Env) unrecorded(why string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.taped.lose(why)
}

// Recording returns what judging the case again needs. It ends the recording and is to be called once, before Close.
func (e *Env) Recording() *report.Recording {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := &e.taped
	all := e.runsSoFar()
	for _, c := range e.conns {
		r.keep(c)
	}
	slices.SortStableFunc(r.all, func(a, b report.Tape) int { return compareNames(a.Name, b.Name) })
	out := &report.Recording{Sessions: r.all, Missing: r.missing}
	if len(all) > 0 && r.missing == "" {
		if out.Runs, out.Missing = recordedRuns(all); out.Missing == "" {
			out.Presents = e.Manners.presents()
		}
	}
	return out
}

// runsSoFar returns the runs of the client or the driver.
func (e *Env) runsSoFar() []run {
	var all []run
	for _, v := range e.visits {
		all = append(all, run{v.proc, v.course, v.late && !v.tardy})
	}
	for _, t := range e.talks {
		all = append(all, run{proc: t.proc, course: t.course})
	}
	return all
}

// played opens a session of a recording.
func (e *Env) played(name string) (*transport.Conn, *Finding) {
	c, err := e.Connect(name, e.Patience)
	if err != nil {
		return nil, unjudged(err)
	}
	e.keepConn(c)
	return c, nil
}

func compareNames(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}
