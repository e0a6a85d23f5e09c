package suite

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// Driver starts the driver under test.
type Driver interface {
	// Start runs the driver once, with pipes for its input and its output.
	Start() (*process.Process, error)
}

// DriverOutput is how many bytes of a driver's output are kept, and how many it may print in one case.
const DriverOutput = 8 << 20

// command is a line to the driver; docs/driver.md says what it means.
type command struct {
	ID      int    `json:"id"`
	Do      string `json:"do"`
	Session string `json:"session,omitempty"`
	Socket  string `json:"socket,omitempty"`
	Handler string `json:"handler,omitempty"`
	Content []part `json:"content,omitempty"`
}

// part is a stretch of content: bytes, and how many times they stand there.
type part struct {
	Hex   string `json:"hex"`
	Count int    `json:"count,omitempty"`
}

// line is what a driver writes: a reply, which has an ID, or an event.
type line struct {
	ID      *int    `json:"id"`
	OK      *bool   `json:"ok"`
	Error   *string `json:"error"`
	Queued  *int    `json:"queued"`
	Event   string  `json:"event"`
	Session string  `json:"session"`
	Do      string  `json:"do"`
	Length  *int    `json:"length"`
	SHA256  string  `json:"sha256"`
	Hex     *string `json:"hex"`
}

// wrong says what of a line is not as the contract has it, or is empty.
func (l line) wrong() string {
	switch {
	case l.ID != nil && l.Event != "":
		return "it has both an id and an event"
	case l.ID != nil && l.OK == nil, l.Event == "did" && l.OK == nil:
		return "it has no ok"
	case l.ID != nil && !*l.OK && l.Error == nil, l.Event == "did" && !*l.OK && l.Error == nil:
		return "it is not ok and names no error"
	case l.ID != nil:
		return ""
	case !slices.Contains([]string{"message", "close", "did"}, l.Event):
		return "it has no id, and its event is not message, close or did"
	case l.Session == "":
		return "it names no session"
	case l.Event == "message" && (l.Length == nil || len(l.SHA256) != 64):
		return "it has no length, or no sha256 of 64 digits"
	default:
		return ""
	}
}

// talk is a driver that runs, and what has been said to it and by it.
type talk struct {
	proc    *process.Process
	course  *transport.Course // of the two sides
	taken   int               // bytes of its output that have been read
	sent    int               // commands
	heard   int               // replies
	replies map[int]line
	events  []line
	log     []string // lines both ways, for evidence
	asked   bool     // it was sent SIGQUIT
	stopped bool     // it still ran when the case was over, and was ended then
}

// errContract is the error of a driver that does not keep its contract: the library cannot be judged then.
var errContract = errors.New("the driver does not keep its contract")

// say writes a command.
func (t *talk) say(c command, patience time.Duration) error {
	t.sent++
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	t.note("> " + string(text))
	t.course.Tell(withoutSocket(c))
	if err := t.proc.Input().SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err = t.proc.Input().Write(append(text, '\n'))
	switch {
	case errors.Is(err, syscall.EPIPE):
		return nil // it reads no more: what it has written, and how it ends, says why
	case isTimeout(err):
		t.course.Waited()
	}
	return err
}

// withoutSocket is a command as it is recorded: a socket's path is another each time.
func withoutSocket(c command) []byte {
	c.Socket = ""
	text, _ := json.Marshal(c) // as say has done
	return text
}

const (
	keptLine = 300 // bytes kept of one line,
	keptHead = 12  // of so many lines from the beginning
	keptTail = 24  // and from the end
)

// note keeps a line as evidence.
func (t *talk) note(text string) {
	if len(text) > keptLine {
		text = text[:keptLine] + "…"
	}
	if t.log = append(t.log, text); len(t.log) > 4*keptTail {
		t.shorten()
	}
}

// shorten leaves lines out, from the middle.
func (t *talk) shorten() {
	tail := t.log[len(t.log)-keptTail:]
	t.log = append(append(t.log[:keptHead:keptHead], "…"), tail...)
}

const keptError = 2 << 10

// read takes what the driver has written since.
func (t *talk) read() error {
	out := t.proc.Stdout().Bytes()
	for {
		n := bytes.IndexByte(out[t.taken:], '\n')
		if n < 0 {
			break
		}
		text := out[t.taken : t.taken+n]
		t.taken += n + 1
		t.note("< " + string(text))
		if err := t.take(text); err != nil {
			return err
		}
	}
	if len(out) >= DriverOutput {
		return fmt.Errorf("%w: it has written %s and more in one case; the last whole line is %s", errContract, count(len(out), "byte"), quoted([]byte(t.log[len(t.log)-1])))
	}
	return nil
}

func (t *talk) take(text []byte) error {
	var l line
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil || d.More() {
		return fmt.Errorf("%w: a line of its output is no JSON object of docs/driver.md: %s", errContract, quoted(text))
	}
	if why := l.wrong(); why != "" {
		return fmt.Errorf("%w: %s, in the line %s", errContract, why, quoted(text))
	}
	if l.ID == nil {
		t.events = append(t.events, l)
		return nil
	}
	if t.heard++; *l.ID != t.heard || t.heard > t.sent {
		return fmt.Errorf("%w: replies come once for each command, in the commands' order; %d commands were given, %d replies had come, and then %s", errContract, t.sent, t.heard-1, quoted(text))
	}
	t.replies[*l.ID] = l
	return nil
}

// errs that end a wait.
var (
	errDriverGone   = errors.New("the driver has ended")
	errDriverClosed = errors.New("the driver has closed its output")
	errDriverStalls = errors.New("the driver wrote nothing more")
)

// until waits until yes, which is asked whenever the driver has written, or until nothing was written for patience.
func (t *talk) until(ctx context.Context, patience time.Duration, yes func() bool) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for extensions := 0; ; {
		changed, closed := t.proc.Stdout().Changed(), false
		select {
		case <-t.proc.Stdout().Ended():
			closed = true
		default:
		}
		if err := t.read(); err != nil {
			return err
		}
		if yes() {
			return nil
		}
		if closed {
			return t.closed(patience)
		}
		select {
		case <-changed:
			timer.Reset(patience)
		case <-t.proc.Stdout().Ended():
		case <-timer.C:
			if extensions++; extensions > maxDriverWaits || !process.Busy(t.proc.Pid()) {
				t.course.Waited()
				return errDriverStalls
			}
			timer.Reset(patience)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// maxDriverWaits is how often a wait is made longer for a driver that is at work, or waits for its turn.
const maxDriverWaits = 8

// closed says how a driver's output ended: with the driver, or before.
func (t *talk) closed(patience time.Duration) error {
	if half := t.proc.Stdout().Bytes()[t.taken:]; len(half) > 0 {
		t.note("< " + string(half) + " (no line end)")
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for range maxDriverWaits {
		select {
		case <-t.proc.Done():
			return errDriverGone
		case <-timer.C:
			if process.Runs(t.proc.Pid()) && !process.Busy(t.proc.Pid()) {
				return errDriverClosed
			}
			timer.Reset(patience) // it is ending, and has not had its turn
		}
	}
	return errDriverClosed
}

// rest is what the driver has begun to write, without a line end.
func (t *talk) rest() string {
	half := t.proc.Stdout().Bytes()[t.taken:]
	if len(half) == 0 {
		return ""
	}
	return ", after half a line: " + quoted(half)
}

// output is what was said, as evidence.
func (t *talk) output() string {
	if len(t.log) > keptHead+keptTail {
		t.shorten()
	}
	said := strings.Join(t.log, "\n")
	if err := t.proc.Stderr().String(); err != "" {
		said += "\nstderr: " + err[max(0, len(err)-keptError):]
	}
	return said
}

// printed returns the evidence, and how the driver ended by itself.
func (t *talk) printed() (output, exit string) {
	if t.stopped {
		return t.output(), ""
	}
	if exit = t.proc.Exit(); t.asked {
		exit += ", after the SIGQUIT that it was sent because it hung"
	}
	return t.output(), exit
}

// quit sends SIGQUIT to a driver that still runs, and returns what it prints then.
func (t *talk) quit() string {
	if t.proc.Ended() {
		return ""
	}
	t.asked = true
	return t.proc.Quit()
}

// isTimeout reports whether a write stalled: the driver reads no more.
func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
