package transport

import (
	"bytes"
	"encoding/hex"
	"sync"

	"github.com/oizys-protocol/oizys/conformance/report"
)

const (
	maxRest  = 64 << 10 // bytes kept of what came and is no echo
	maxMarks = 2000     // changes between sending and receiving
	copied   = 4 << 10  // longest piece whose sender may use its memory for something else
)

// tape keeps what judging the session again needs: not the bytes, but how what came relates to what was sent.
type tape struct {
	mu       sync.Mutex
	t        report.Tape
	ahead    int64    // bytes that are being written or were
	reads    bool     // what comes is read
	half     bool     // the writing side is shut down
	pending  [][]byte // sent, and not yet come back
	strayed  bool     // something came that is no echo
	waitedAt int64    // where the suite's side was when a deadline passed
	received int64
	rest     []byte
	marks    []report.Mark
	missing  string

	course  *Course // of the program whose session it is, if it has one: what happens is noted there
	session int     // its number there
	over    bool    // the writing side is shut down, or the connection closed
	lay     int64   // bytes that lay unread when the suite looked at first
	given   [][]byte
	counted int64 // one more than how many sent bytes count on the course; 0 is all
}

// sending is told of bytes before they are written: their echo may come before the write returns.
func (t *tape) sending(b []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ahead += int64(len(b))
	if t.course != nil {
		t.course.sending(t.session, int64(len(b)), t.counted)
		t.given = append(t.given, keepable(b))
		return
	}
	if t.missing != "" || t.strayed {
		return
	}
	t.pending = append(t.pending, keepable(b))
}

// keepable returns b, or a copy where its memory may be used for something else.
func keepable(b []byte) []byte {
	if len(b) <= copied {
		return bytes.Clone(b)
	}
	return b
}

// wrote is told how much of the bytes was written.
func (t *tape) wrote(b []byte, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ahead -= int64(len(b) - n)
	t.t.Sent += int64(n)
	if t.missing == "" {
		t.t.Sum = report.AddSum(t.t.Sum, b[:n])
	}
	if unwritten := len(b) - n; unwritten > 0 && t.course != nil {
		t.course.sending(t.session, int64(-unwritten), t.counted)
		last := len(t.given) - 1
		t.given[last] = t.given[last][:n]
	} else if unwritten > 0 && len(t.pending) > 0 {
		last := len(t.pending) - 1
		t.pending[last] = t.pending[last][:max(0, len(t.pending[last])-unwritten)]
	}
}

func (t *tape) reading() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reads = true
}

func (t *tape) shutDown() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.half = true
	t.end()
}

// at is how far the suite's side is, in the terms of a flow.
func (t *tape) at() int64 {
	if t.half {
		return t.ahead + 1
	}
	return t.ahead
}

func (t *tape) arrived(b []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.missing != "" {
		return
	}
	if t.tooLate() {
		return
	}
	t.received += int64(len(b))
	switch n := len(t.marks); {
	case n > 0 && t.marks[n-1].Sent == t.at():
		t.marks[n-1].Received = t.received
	case n < maxMarks:
		t.marks = append(t.marks, report.Mark{Sent: t.at(), Received: t.received})
	default:
		t.lose("the session went to and fro more often than is recorded")
		return
	}
	b = t.echo(b)
	if len(b) == 0 {
		return
	}
	t.strayed, t.pending = true, nil
	if len(t.rest)+len(b) > maxRest {
		t.lose("more came that is no echo than is recorded")
		return
	}
	t.rest = append(t.rest, b...)
}

// echo takes from b what is an echo and returns the rest.
func (t *tape) echo(b []byte) []byte {
	for len(b) > 0 && len(t.pending) > 0 && !t.strayed {
		next := t.pending[0]
		n := min(len(next), len(b))
		same := 0
		if bytes.Equal(next[:n], b[:n]) {
			same = n
		} else {
			for next[same] == b[same] {
				same++
			}
		}
		t.t.Echoed += int64(same)
		b = b[same:]
		if same < n {
			return b
		}
		if t.pending[0] = next[n:]; len(t.pending[0]) == 0 {
			t.pending = t.pending[1:]
		}
	}
	return b
}

func (t *tape) ended(how string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.course != nil {
		t.t.Ended = how
		t.course.happened(report.Step{Kind: report.StepSession, Session: t.session, Total: report.StepEnd})
		return
	}
	if t.t.Ended == "" && !t.tooLate() {
		t.t.Ended, t.t.EndedAt = how, t.at()
	}
}

func (t *tape) refused() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.t.Refused = true
}

func (t *tape) waited() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.t.Waited, t.waitedAt = true, t.at()
	if t.course != nil {
		t.course.Waited()
	}
}

const tooLate = "something came after a deadline had passed, and how long after is not recorded"

// tooLate gives the tape up if a deadline has passed since anything was sent: played again, what comes now would come at
// once.
func (t *tape) tooLate() bool {
	if t.t.Waited && t.at() == t.waitedAt {
		t.lose(tooLate)
		return true
	}
	return false
}

// cannot says why the tape will not do.
func (t *tape) cannot(why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lose(why)
}

func (t *tape) lose(why string) {
	if t.missing == "" {
		t.missing = why
	}
	t.pending, t.rest, t.marks = nil, nil, nil
}

// Tape returns the session as it was until now, and why it cannot be played again, if so.
func (c *Conn) Tape() (recorded report.Tape, missing string) {
	t := &c.tape
	t.mu.Lock()
	defer t.mu.Unlock()
	out := t.t
	out.Name = c.record.name
	if !t.reads {
		t.lose(leftUnread)
	}
	if t.missing != "" {
		return out, t.missing
	}
	last := out.Sent
	if t.half {
		last++
	}
	var marks []report.Mark
	for _, m := range t.marks {
		m.Sent = min(m.Sent, last) // what was being written and was not
		if n := len(marks); n > 0 && marks[n-1].Sent == m.Sent {
			marks[n-1] = m
			continue
		}
		marks = append(marks, m)
	}
	out.Flow, out.Rest = report.FlowOf(marks), hex.EncodeToString(t.rest)
	out.EndedAt = min(out.EndedAt, last)
	return out, ""
}

// Untaped says that the session is not to be recorded for judging again, and why.
func (c *Conn) Untaped(why string) { c.tape.cannot(why) }
