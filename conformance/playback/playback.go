// Package playback stands in for a peer that was recorded: for a server it says on each session what the server said, when
// as much had been sent to it, and ends as it ended; for a client or a driver it does what that did, on its sessions and its
// streams, when the suite is as far as it was then.
//
// Begin with [Player]; its Connect is what an Env of package suite wants for a server, and the player itself is the
// [suite.Standin] of a client or a driver. Whether what was played was the session that was
// recorded is asked afterwards: [Player.Doubt].
package playback

import (
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// Player plays the sessions of one case. Its methods may be called concurrently.
type Player struct {
	tapes    map[string]*report.Tape
	runs     []report.Run
	presents *report.Presents

	mu       sync.Mutex
	count    map[string]int
	played   []*session
	programs []*program
	lost     error // a session was asked for that the recording does not have
}

// NewPlayer returns a player of a recording that is not Missing.
func NewPlayer(r *report.Recording) *Player {
	p := &Player{tapes: map[string]*report.Tape{}, count: map[string]int{}, runs: r.Runs, presents: r.Presents}
	for i := range r.Sessions {
		p.tapes[r.Sessions[i].Name] = &r.Sessions[i]
	}
	return p
}

// Waits reports whether a deadline passed on one of the sessions, as it will again.
func (p *Player) Waits() bool {
	for _, t := range p.tapes {
		if t.Waited {
			return true
		}
	}
	for i := range p.runs {
		if p.runs[i].Waited {
			return true
		}
	}
	return false
}

// Connect opens the next session of the given name. The error wraps suite.ErrNotRecorded if there is none.
func (p *Player) Connect(name string, patience time.Duration) (*transport.Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count[name]++
	tape := p.tapes[suite.SessionName(name, p.count[name])]
	if tape == nil {
		p.lost = fmt.Errorf("its session %q was %w", suite.SessionName(name, p.count[name]), suite.ErrNotRecorded)
		return nil, p.lost
	}
	s, err := newSession(tape)
	if err != nil {
		return nil, err
	}
	ours, theirs, err := pair()
	if err != nil {
		return nil, err
	}
	p.played = append(p.played, s)
	s.begin(theirs)
	return transport.Over(ours, name, patience), nil
}

// Close ends what is still played. The other ends must be closed by then.
func (p *Player) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.played {
		s.end()
	}
	for _, g := range p.programs {
		g.end()
	}
}

// Doubt says why what came of the case cannot be believed: it was put through something else than what was recorded, or
// waited in vain for what the recording does not know. It is to be asked after Close. Stalled says that what came of it
// rests on a deadline.
func (p *Player) Doubt(stalled bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lost != nil {
		return p.lost
	}
	waited := false
	for _, s := range p.played {
		if err := s.doubt(); err != nil {
			return err
		}
		waited = waited || s.tape.Waited && s.exhausted
	}
	for _, g := range p.programs {
		if err := g.doubt(); err != nil {
			return err
		}
		waited = waited || g.run.Waited && g.exhausted
	}
	if len(p.programs) < len(p.runs) {
		return fmt.Errorf("it runs the program fewer times than was recorded: %d, and then %d", len(p.runs), len(p.programs))
	}
	if stalled && !waited {
		return errors.New("it waits for something for which it was not waited then")
	}
	return nil
}

// pair returns the two ends of a connection.
func pair() (ours, theirs *net.UnixConn, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	var ends [2]*net.UnixConn
	for i, fd := range fds {
		file := os.NewFile(uintptr(fd), "played session")
		sock, err := net.FileConn(file)
		file.Close()
		if err != nil {
			if i == 1 {
				ends[0].Close()
			} else {
				unix.Close(fds[1])
			}
			return nil, nil, err
		}
		ends[i] = sock.(*net.UnixConn)
	}
	return ends[0], ends[1], nil
}

// session plays one tape.
type session struct {
	tape  *report.Tape
	marks []report.Mark
	rest  []byte
	sock  *net.UnixConn
	done  sync.WaitGroup

	mu        sync.Mutex
	more      *sync.Cond
	got       int64  // bytes of the suite
	head      []byte // those of them that are to be sent back
	sum       uint32 // of the first tape.Sent
	over      bool   // the suite sends no more
	stopped   bool
	exhausted bool // all that was recorded was played
}

func newSession(t *report.Tape) (*session, error) {
	marks, err := t.Marks()
	if err != nil {
		return nil, err
	}
	rest, err := hex.DecodeString(t.Rest)
	if err != nil {
		return nil, fmt.Errorf("%w: a recording's rest is no hex: %w", report.ErrInvalid, err)
	}
	s := &session{tape: t, marks: marks, rest: rest}
	s.more = sync.NewCond(&s.mu)
	return s, nil
}

func (s *session) begin(sock *net.UnixConn) {
	s.sock = sock
	s.done.Go(s.listen)
	s.done.Go(s.speak)
}

func (s *session) end() {
	s.mu.Lock()
	s.stopped = true
	s.more.Broadcast()
	s.mu.Unlock()
	_ = s.sock.SetReadDeadline(time.Now().Add(drainLimit)) // what was sent lies there to be counted
	s.done.Wait()
	s.sock.Close()
}

// drainLimit is far more than reading takes of what the other end had written before it was closed.
const drainLimit = 5 * time.Second

var castagnoli = sync.OnceValue(func() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) })

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli()) }

// listen takes what the suite sends.
func (s *session) listen() {
	buf := make([]byte, 64<<10)
	for {
		n, err := s.sock.Read(buf)
		s.mu.Lock()
		s.heard(buf[:n])
		s.over = s.over || err != nil
		s.more.Broadcast()
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (s *session) heard(b []byte) {
	if left := s.tape.Sent - s.got; left > 0 {
		s.sum = crc32.Update(s.sum, castagnoli(), b[:min(left, int64(len(b)))])
	}
	if left := s.tape.Echoed - int64(len(s.head)); left > 0 {
		s.head = append(s.head, b[:min(left, int64(len(b)))]...)
	}
	s.got += int64(len(b))
}

// speak says what the peer said, each part when as much had been sent.
func (s *session) speak() {
	said := int64(0)
	for _, m := range s.marks {
		if !s.await(m.Sent) {
			return
		}
		for _, part := range s.between(said, m.Received) {
			if _, err := s.sock.Write(part); err != nil {
				return // the suite has heard enough
			}
		}
		said = m.Received
	}
	if s.tape.Ended != "" {
		if !s.await(s.tape.EndedAt) || s.sock.CloseWrite() != nil {
			return
		}
	}
	s.mu.Lock()
	s.exhausted = true
	s.mu.Unlock()
	if s.tape.Refused && s.await(s.tape.Sent) {
		_ = s.sock.CloseRead() // what follows is refused, as it was
	}
}

// await waits until the suite has sent so many bytes, of which its end counts as one, and reports whether it has.
func (s *session) await(sent int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		at := s.got
		if s.over {
			at++
		}
		if at >= sent {
			return true
		}
		if s.over || s.stopped {
			return false
		}
		s.more.Wait()
	}
}

// between returns what the peer had sent from one place of its stream to another.
func (s *session) between(from, to int64) [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	var parts [][]byte
	if echoed := s.tape.Echoed; from < echoed {
		end := min(to, echoed, int64(len(s.head)))
		parts = append(parts, s.head[min(from, end):end])
	}
	if echoed := s.tape.Echoed; to > echoed {
		parts = append(parts, s.rest[max(from-echoed, 0):to-echoed])
	}
	return parts
}

// doubt says in what the suite did something else than was recorded.
func (s *session) doubt() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.got < s.tape.Sent:
		return fmt.Errorf("on its session %q it sends fewer bytes than was recorded: %d, and then %d", s.tape.Name, s.got, s.tape.Sent)
	case s.sum != s.tape.Sum:
		return fmt.Errorf("on its session %q it sends other bytes than was recorded", s.tape.Name)
	case s.got > s.tape.Sent && s.tape.Ended == "" && !s.tape.Refused:
		return fmt.Errorf("on its session %q it sends more bytes than was recorded: %d, and then %d", s.tape.Name, s.got, s.tape.Sent)
	default:
		return nil
	}
}
