package playback

import (
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/oizys-protocol/oizys/conformance/report"
)

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
		s.sum = report.AddSum(s.sum, b[:min(left, int64(len(b)))])
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
