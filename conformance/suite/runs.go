package suite

import (
	"bytes"
	"context"
	"encoding/hex"
	"time"
	"unicode/utf8"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// Standin plays a client or a driver whose runs were recorded, in the place of Program or Driver.
type Standin interface {
	// Start begins the next run. It does what was recorded when the suite is as far on the course as it was then; keep is as
	// for a [Program]. The error wraps ErrNotRecorded if there was no such run.
	Start(course *transport.Course, keep int) (*process.Process, error)
	// Listen returns what takes the sessions of the run that was started last.
	Listen() Door
}

// Door takes the connections of a program under test; [transport.Listener] is one.
type Door interface {
	Accept(ctx context.Context, gone <-chan struct{}, name string, patience time.Duration) (*transport.Conn, error)
	Keep()
	Close()
}

// listen returns what takes the connections to a socket.
func (e *Env) listen(socket string) (Door, error) {
	if e.Standin != nil {
		return e.Standin.Listen(), nil
	}
	door, err := transport.Listen(socket)
	if err != nil {
		return nil, err
	}
	return door, nil
}

// startClient runs the client once.
func (e *Env) startClient(course *transport.Course, socket string, message []byte, keep int) (*process.Process, error) {
	if e.Standin != nil {
		return e.Standin.Start(course, keep)
	}
	return e.Program.Start(socket, message, keep)
}

// startDriver runs the driver once.
func (e *Env) startDriver(course *transport.Course) (*process.Process, error) {
	if e.Standin != nil {
		return e.Standin.Start(course, DriverOutput)
	}
	return e.Driver.Start()
}

// maxRunBytes is how much of a case's runs is recorded, in bytes of the report.
const maxRunBytes = 64 << 10

// run is a run of a client or a driver, for the recording.
type run struct {
	proc    *process.Process
	course  *transport.Course
	hurried bool // its end was not waited for
}

// recordedRuns returns what was recorded of the runs, and why they cannot be judged again, if so.
func recordedRuns(all []run) (runs []report.Run, missing string) {
	total := 0
	for _, r := range all {
		if r.proc == nil {
			return nil, "its program was not started"
		}
		recorded, extent, why := r.course.Run()
		stdout, stderr := r.proc.Stdout().Bytes(), r.proc.Stderr().Bytes()
		switch {
		case why != "":
			return nil, why
		case int64(len(stdout)) < extent.Out, int64(len(stderr)) < extent.Err:
			return nil, "more was printed than is kept"
		}
		out, err := printedPieces(stdout[:extent.Out], r.course.Echo(false)), printedPieces(stderr[:extent.Err], r.course.Echo(true))
		recorded.Stdout, recorded.Stderr, recorded.Hurried = out, err, r.hurried
		if status, ended := r.proc.WaitStatus(); ended && extent.Exited {
			number := uint32(status)
			recorded.Status = &number
		}
		size := len(recorded.Course)
		for _, p := range append(out[:len(out):len(out)], err...) {
			size += len(p.Text) + len(p.Hex)
		}
		for _, h := range recorded.Sessions {
			size += len(h.Rest)
		}
		total += size
		switch _, torn := recorded.Steps(); {
		case total > maxRunBytes:
			return nil, "more came of its program than is recorded"
		case torn != nil:
			return nil, "something came while it was being recorded"
		}
		runs = append(runs, recorded)
	}
	return runs, ""
}

// shortestCopy is the length from which what was printed is looked for in what was sent.
const shortestCopy = 8

// printedPieces returns what was printed, with a reference for what is a copy of what was sent: each copy begins at a
// message's content, or where the one before ended.
func printedPieces(printed []byte, echo transport.Echo) []report.Piece {
	var pieces []report.Piece
	at, begun, from := 0, 0, 4
	for len(echo.Sent)-from >= shortestCopy {
		probe := echo.Sent[from:min(from+2*shortestCopy, len(echo.Sent))]
		i := bytes.Index(printed[at:], probe)
		if i < 0 {
			break
		}
		at += i
		n := len(probe)
		for at+n < len(printed) && from+n < len(echo.Sent) && printed[at+n] == echo.Sent[from+n] {
			n++
		}
		if echo.Holds(int64(at), int64(from), int64(n)) {
			pieces = append(literalPieces(pieces, printed[begun:at]), report.Piece{From: int64(from), Length: int64(n)})
			begun, from = at+n, from+n
		}
		at += n
	}
	return literalPieces(pieces, printed[begun:])
}

func literalPieces(pieces []report.Piece, b []byte) []report.Piece {
	switch {
	case len(b) == 0:
		return pieces
	case utf8.Valid(b):
		return append(pieces, report.Piece{Text: string(b)})
	default:
		return append(pieces, report.Piece{Hex: hex.EncodeToString(b)})
	}
}

// presents returns the client's manners for the recording.
func (m *Manners) presents() *report.Presents {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.known {
		return nil
	}
	return &report.Presents{Stderr: m.onStderr, Before: hex.EncodeToString([]byte(m.before)), After: hex.EncodeToString([]byte(m.after))}
}

// MannersOf returns the manners of a client of which a recording has that; nil is of one that nothing is known of. With
// hurried, its end is not waited for.
func MannersOf(p *report.Presents, hurried bool) (*Manners, error) {
	m := &Manners{}
	if hurried {
		m.late = patientWithLate
	}
	if p == nil {
		return m, nil
	}
	before, err := hex.DecodeString(p.Before)
	if err != nil {
		return nil, err
	}
	after, err := hex.DecodeString(p.After)
	if err != nil {
		return nil, err
	}
	m.known, m.onStderr, m.before, m.after = true, p.Stderr, string(before), string(after)
	return m, nil
}
