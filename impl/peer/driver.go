package peer

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"

	"github.com/oizys-protocol/oizys/impl/session"
	"github.com/oizys-protocol/oizys/impl/wire"
)

// RunDriver is the reference session as a driver: it takes commands as JSON Lines from in, and writes replies and events
// as JSON Lines to out. docs/driver.md has the contract. It returns when in ends, and every session is over then; or with
// an error for a line that is no command, or when reading or writing fails.
func RunDriver(ctx context.Context, in io.Reader, out io.Writer) error {
	d := &driver{ctx: ctx, out: out, sessions: map[string]*session.Session{}}
	defer d.end()
	lines := bufio.NewReader(in)
	for {
		text, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(text) == 0 {
			return d.failed()
		}
		if err != nil {
			return fmt.Errorf("reading commands: %w", err)
		}
		var c driverCommand
		if err := json.Unmarshal(text, &c); err != nil {
			return fmt.Errorf("a line that is no command: %w", err)
		}
		queued, err := d.do(c)
		d.write(reply(c.ID, queued, err))
	}
}

// driver holds the sessions of one driver. Only its writing is shared with handlers.
type driver struct {
	ctx      context.Context
	sessions map[string]*session.Session

	mu  sync.Mutex
	out io.Writer
	err error
}

// driverCommand is one line of input.
type driverCommand struct {
	ID      int    `json:"id"`
	Do      string `json:"do"`
	Session string `json:"session"`
	Socket  string `json:"socket"`
	Handler string `json:"handler"`
	Content []struct {
		Hex   string `json:"hex"`
		Count int    `json:"count"`
	} `json:"content"`
}

// Errors of the driver itself.
var (
	errUnsupported = errors.New("unsupported")
	errNoSession   = errors.New("no-session")
	errName        = errors.New("name-taken")
)

func (d *driver) do(c driverCommand) (queued int, err error) {
	switch c.Do {
	case "sync":
		return 0, nil
	case "open":
		return 0, d.open(c)
	}
	s := d.sessions[c.Session]
	if s == nil {
		return 0, errNoSession
	}
	content, err := c.bytes()
	if err != nil {
		return 0, err
	}
	switch c.Do {
	case "send":
		return s.Send(content)
	case "close":
		s.Close()
		return 0, nil
	case "release":
		s.Close()
		delete(d.sessions, c.Session)
		return 0, nil
	case "on_message":
		then, err := d.handler(s, c, content)
		if err != nil {
			return 0, err
		}
		return 0, s.OnMessage(func(message []byte) { d.write(messageEvent(c.Session, message)); then() })
	case "on_close":
		then, err := d.handler(s, c, content)
		if err != nil {
			return 0, err
		}
		return 0, s.OnClose(func(cause error) { d.write(closeEvent(c.Session, cause)); then() })
	default:
		return 0, errUnsupported
	}
}

func (d *driver) open(c driverCommand) error {
	if d.sessions[c.Session] != nil {
		return errName
	}
	s, err := session.Dial(d.ctx, c.Socket, session.Options{OnPanic: func(any, []byte) {}})
	if err == nil {
		d.sessions[c.Session] = s
	}
	return err
}

// handler returns what a handler does behind its event.
func (d *driver) handler(s *session.Session, c driverCommand, content []byte) (func(), error) {
	switch c.Handler {
	case "plain":
		return func() {}, nil
	case "fail":
		return func() { panic("a handler that was told to fail") }, nil
	case "close":
		return func() { s.Close(); d.write(didEvent(c.Session, "close", nil)) }, nil
	case "send":
		return func() {
			_, err := s.Send(content)
			d.write(didEvent(c.Session, "send", err))
		}, nil
	default:
		return nil, errUnsupported
	}
}

func (c driverCommand) bytes() ([]byte, error) {
	var all []byte
	for _, part := range c.Content {
		unit, err := hex.DecodeString(part.Hex)
		if err != nil {
			return nil, err
		}
		stretch := bytes.Repeat(unit, max(part.Count, 1))
		if all == nil {
			all = stretch // the only one, as a rule, or by far the longest
			continue
		}
		all = append(all, stretch...)
	}
	return all, nil
}

func reply(id, queued int, err error) map[string]any {
	r := map[string]any{"id": id, "ok": err == nil}
	if err != nil {
		r["error"] = errorKind(err)
	}
	if queued > 0 {
		r["queued"] = queued
	}
	return r
}

// shortMessage is the longest message whose bytes an event shows.
const shortMessage = 64

func messageEvent(name string, content []byte) map[string]any {
	sum := sha256.Sum256(content)
	e := map[string]any{"event": "message", "session": name, "length": len(content), "sha256": hex.EncodeToString(sum[:])}
	if len(content) <= shortMessage {
		e["hex"] = hex.EncodeToString(content)
	}
	return e
}

func closeEvent(name string, cause error) map[string]any {
	e := map[string]any{"event": "close", "session": name, "error": nil}
	if cause != nil {
		e["error"] = errorKind(cause)
	}
	return e
}

func didEvent(name, what string, err error) map[string]any {
	e := map[string]any{"event": "did", "session": name, "do": what, "ok": err == nil}
	if err != nil {
		e["error"] = errorKind(err)
	}
	return e
}

// errorKind is the name of an error in replies and events.
func errorKind(err error) string {
	for _, known := range []struct {
		err  error
		kind string
	}{
		{io.ErrUnexpectedEOF, "truncated"}, {io.EOF, "end-of-stream"}, {wire.ErrEmpty, "empty"}, {wire.ErrTooLong, "too-long"},
		{wire.ErrReserved, "reserved-byte"}, {session.ErrClosed, "closed"}, {session.ErrHandlerSet, "handler-set"},
		{syscall.ECONNRESET, "reset"}, {syscall.EPIPE, "reset"},
	} {
		if errors.Is(err, known.err) {
			return known.kind
		}
	}
	return err.Error()
}

// write writes a line, at once.
func (d *driver) write(value map[string]any) {
	text, err := json.Marshal(value)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil && d.err == nil {
		_, err = d.out.Write(append(text, '\n'))
	}
	if d.err == nil {
		d.err = err
	}
}

func (d *driver) failed() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

// end releases what is open, and waits until it is over.
func (d *driver) end() {
	for _, s := range d.sessions {
		s.Abort()
		<-s.Done()
	}
}
