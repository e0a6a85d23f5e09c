package faulty

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/oizys-protocol/oizys/spec"
)

// RunDriver runs the driver with the fault or habit called name over in and out, as docs/driver.md has it, until in ends;
// a noisy one writes to stderr too.
// The error is that of an unknown name, or of a handler's failure that is not contained.
func RunDriver(name string, in io.Reader, out, stderr io.Writer) error {
	if _, err := find(spec.Driver, name); err != nil {
		return err
	}
	d := &driver{wrong: name, lines: lines{wrong: name, out: out, stderr: stderr}, turns: make(chan func()), sessions: map[string]*driven{}}
	if name == "driver-slow-to-start" {
		time.Sleep(100 * time.Millisecond)
	}
	go d.readCommands(in)
	for !d.over {
		(<-d.turns)()
	}
	d.releaseAll()
	d.flush()
	return nil
}

// driver does everything in one loop; goroutines that read and write hand it their turns.
type driver struct {
	wrong    string // the name of what is wrong
	lines    lines
	turns    chan func()
	sessions map[string]*driven
	last     *driven
	shared   []byte      // the receive buffer of all sessions, if they share one
	lastCls  func(error) // the close handler that was set last
	over     bool
}

type order struct {
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

func (o order) bytes() []byte {
	var all []byte
	for _, p := range o.Content {
		unit, _ := hex.DecodeString(p.Hex) // the suite's
		all = append(all, bytes.Repeat(unit, max(p.Count, 1))...)
	}
	return all
}

func (d *driver) readCommands(in io.Reader) {
	lines := bufio.NewReader(in)
	for {
		text, err := lines.ReadBytes('\n')
		if err != nil {
			d.turns <- func() { d.over = true }
			return
		}
		var o order
		_ = json.Unmarshal(text, &o) // the suite's
		d.turns <- func() { d.obey(o) }
	}
}

func (d *driver) releaseAll() {
	for _, s := range d.sessions {
		s.close(nil, true)
	}
}

func (d *driver) obey(o order) {
	d.lines.replying = true
	queued, err := d.do(o)
	d.lines.replying = false
	r := map[string]any{"id": o.ID, "ok": err == nil}
	if err != nil {
		r["error"] = d.word(err)
	} else if o.Do == "send" && d.wrong != "driver-without-count" {
		r["queued"] = queued
	}
	d.reply(o, r)
}

func (d *driver) do(o order) (int, error) {
	s := d.sessions[o.Session]
	switch o.Do {
	case "sync":
		return 0, nil
	case "open":
		conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: o.Socket, Net: "unix"})
		if err == nil {
			s = newDriven(d, o.Session, conn)
			d.sessions[o.Session] = s
			d.last = s
		}
		return 0, err
	case "send":
		return s.send(o.bytes())
	case "close":
		return 0, s.closeLocally()
	case "release":
		s.release()
		return 0, nil
	case "on_message":
		return 0, s.onMessage(o)
	case "on_close":
		return 0, s.onClose(o)
	}
	return 0, errors.New("unsupported")
}

// driven is one session.
type driven struct {
	d           *driver
	name        string
	conn        *net.UnixConn
	received    []byte
	onMsg       func([]byte)
	onCls       func(error)
	hadCls      bool
	closed      bool
	closing     bool // the close handler runs
	handling    bool // the message handler runs
	callingLate bool // a close handler that was set on a closed session runs
	caused      bool // an error or the peer closed the session
	late        bool // what comes is delivered although the session is closed
	stopped     bool // nothing more is taken

	mu    sync.Mutex
	more  *sync.Cond
	queue [][]byte
	ended bool
}

func newDriven(d *driver, name string, conn *net.UnixConn) *driven {
	s := &driven{d: d, name: name, conn: conn}
	s.more = sync.NewCond(&s.mu)
	if d.wrong != "send-blocks-until-read" {
		go s.writeQueue()
	}
	if d.wrong == "reads-before-handler" {
		go s.readAll()
	}
	return s
}

func (s *driven) writeQueue() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		for len(s.queue) == 0 && !s.ended {
			s.more.Wait()
		}
		if len(s.queue) == 0 {
			return
		}
		next := s.queue[0]
		s.mu.Unlock()
		_, _ = s.conn.Write(next) // the reader sees why not
		s.mu.Lock()
		s.queue = s.queue[1:]
	}
}

func (s *driven) readAll() {
	buf := make([]byte, 128<<10)
	for {
		if s.is("hang-up-overtakes-messages") && s.hungUp() {
			s.d.turns <- func() { s.close(io.EOF, true) }
			return
		}
		if s.is("delivers-behind-close-handler") && s.hungUp() {
			rest := s.readNow()
			s.d.turns <- func() { s.close(io.EOF, true); s.late = true; s.take(rest, nil) }
			return
		}
		n, err := s.conn.Read(buf)
		piece := bytes.Clone(buf[:n])
		s.d.turns <- func() { s.take(piece, err) }
		if err != nil {
			return
		}
	}
}

// readNow reads what there is, once, at most 1 MiB.
func (s *driven) readNow() []byte {
	buf, n := make([]byte, 1<<20), 0
	if raw, err := s.conn.SyscallConn(); err == nil {
		_ = raw.Read(func(fd uintptr) bool { n, _ = unix.Read(int(fd), buf); return true })
	}
	return buf[:max(n, 0)]
}

// hungUp waits until there is something to read, and tells whether it ends the stream or has the stream's end behind it.
func (s *driven) hungUp() (yes bool) {
	if raw, err := s.conn.SyscallConn(); err == nil {
		_ = raw.Read(func(fd uintptr) bool {
			fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN | unix.POLLRDHUP}}
			_, _ = unix.Poll(fds, 0)
			yes = fds[0].Revents&(unix.POLLRDHUP|unix.POLLHUP) != 0
			return fds[0].Revents != 0
		})
	}
	return yes
}
