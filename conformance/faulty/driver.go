package faulty

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/oizys-protocol/oizys/spec"
)

// RunDriver runs the driver with the fault or habit called name over in and out, as docs/driver.md has it, until in ends.
// The error is that of an unknown name, or of a handler's failure that is not contained.
func RunDriver(name string, in io.Reader, out io.Writer) error {
	if _, err := find(spec.Driver, name); err != nil {
		return err
	}
	d := &driver{wrong: name, out: out, turns: make(chan func()), sessions: map[string]*driven{}}
	go d.readCommands(in)
	for !d.over {
		(<-d.turns)()
	}
	for _, s := range d.sessions {
		s.close(nil, true)
	}
	return nil
}

// driver does everything in one loop; goroutines that read and write hand it their turns.
type driver struct {
	wrong    string // the name of what is wrong
	out      io.Writer
	turns    chan func()
	sessions map[string]*driven
	last     *driven
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

func (d *driver) write(line map[string]any) {
	text, _ := json.Marshal(line) // of plain values
	fmt.Fprintf(d.out, "%s\n", text)
}

func (d *driver) obey(o order) {
	queued, err := d.do(o)
	r := map[string]any{"id": o.ID, "ok": err == nil}
	if err != nil {
		r["error"] = err.Error()
	} else if o.Do == "send" && d.wrong != "driver-without-count" {
		r["queued"] = queued
	}
	d.write(r)
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
		delete(d.sessions, o.Session)
		if d.wrong != "release-leaks-connection" {
			s.close(nil, true)
		}
		return 0, nil
	case "on_message":
		return 0, s.onMessage(o)
	case "on_close":
		return 0, s.onClose(o)
	}
	return 0, fmt.Errorf("unsupported")
}

// driven is one session.
type driven struct {
	d         *driver
	name      string
	conn      *net.UnixConn
	received  []byte
	onMsg     func([]byte)
	onCls     func(error)
	hadCls    bool
	closed    bool
	delivered int

	mu    sync.Mutex
	more  *sync.Cond
	queue [][]byte
	ended bool
}

func newDriven(d *driver, name string, conn *net.UnixConn) *driven {
	s := &driven{d: d, name: name, conn: conn}
	s.more = sync.NewCond(&s.mu)
	go s.writeQueue()
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
		n, err := s.conn.Read(buf)
		piece := bytes.Clone(buf[:n])
		s.d.turns <- func() { s.take(piece, err) }
		if err != nil {
			return
		}
	}
}

// readNow reads what there is, once.
func readNow(fd uintptr, buf []byte) (int, error) { return unix.Read(int(fd), buf) }
