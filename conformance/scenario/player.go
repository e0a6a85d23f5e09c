package scenario

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/spec"
)

// Player plays scenarios to the server at one socket, and judges. It is for one goroutine at a time; several players may
// play to one server. It makes its own system calls, of which each may hold a thread: a program that plays much at once
// is quickest with a GOMAXPROCS somewhat above the number of players. A play allocates nothing once memory has grown to
// what scenarios need.
type Player struct {
	patience time.Duration
	busy     func() bool
	idle     time.Duration
	address  *unix.SockaddrUnix
	buf      []byte
	poll     [1]unix.PollFd
	sessions []session
	results  []Result
	record   bool
}

// Options adjust a Player. The zero value is ready to use.
type Options struct {
	// Patience is how long the peer may go without any progress; 0 is 1 s.
	Patience time.Duration
	// Busy says whether the peer is at work or waits for a processor: then a deadline is put off, a limited number of
	// times. Nil means that it cannot be told.
	Busy func() bool
	// Idle is for how long a session rests before its first frame and before every frame that waits for answers; the peer
	// must do nothing meanwhile. 0 means not at all.
	Idle time.Duration
}

const (
	defaultPatience = time.Second
	maxExtensions   = 4
	readSize        = 64 << 10
	maxStray        = 4 << 10
	keepWire        = 1 << 20 // longer wires' memory is given back
)

// NewPlayer returns a player for the server at the socket's path. The error says that the path is too long.
func NewPlayer(socket string, o Options) (*Player, error) {
	if len(socket) > spec.MaxSocketPath {
		return nil, fmt.Errorf("socket path %q has %d bytes; a Unix socket's path holds at most %d", socket, len(socket), spec.MaxSocketPath)
	}
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	return &Player{patience: o.Patience, busy: o.Busy, idle: o.Idle, address: &unix.SockaddrUnix{Name: socket}, buf: make([]byte, readSize)}, nil
}

// Play plays the scenario on a connection of its own.
func (p *Player) Play(s *Scenario) Result {
	p.grow(1)
	x := &p.sessions[0]
	p.begin(x, s)
	for x.more() {
		p.step(x)
	}
	p.finish(x)
	return x.result
}

// PlaySeries plays scenarios one after the other on one connection, and stops behind the first that closes it or breaks
// the prediction. It returns how many were played and the last one's result. All but the last must hold and be valid to
// their end.
func (p *Player) PlaySeries(list []Scenario) (int, Result) {
	p.grow(1)
	x := &p.sessions[0]
	for i := range list {
		if i == 0 {
			p.begin(x, &list[0])
		} else {
			x.next(&list[i])
		}
		for x.more() {
			p.step(x)
		}
		x.keep = i < len(list)-1 && list[i].Close == Hold
		p.finish(x)
		if x.fd < 0 || i == len(list)-1 {
			return i + 1, x.result
		}
	}
	return 0, Result{}
}

// PlayTogether plays scenarios beside each other, each on a connection of its own, all open at once: the first piece of
// each is written, then the second of each, and so on; then each is judged. The results are the player's own and hold
// until it plays again.
func (p *Player) PlayTogether(list []Scenario) []Result {
	p.grow(len(list))
	for i := range list {
		p.begin(&p.sessions[i], &list[i])
	}
	for going := true; going; {
		going = false
		for i := range list {
			if x := &p.sessions[i]; x.more() {
				p.step(x)
				going = true
			}
		}
	}
	results := p.results[:0]
	for i := range list {
		p.finish(&p.sessions[i])
		results = append(results, p.sessions[i].result)
	}
	p.results = results
	return results
}

// Record says whether later plays keep what went over their connections, which costs memory and time.
func (p *Player) Record(on bool) { p.record = on }

// Transcripts returns what went over the connections of the last play, if it was recorded.
func (p *Player) Transcripts() []report.Transcript {
	var all []report.Transcript
	for i := range p.sessions {
		if r := p.sessions[i].record; r != nil {
			all = append(all, r.transcript)
		}
	}
	return all
}

// grow makes room for n sessions and forgets what was recorded of those before.
func (p *Player) grow(n int) {
	for len(p.sessions) < n {
		p.sessions = append(p.sessions, session{fd: -1})
	}
	for i := range p.sessions {
		x := &p.sessions[i]
		x.record = nil
		if p.record && i < n {
			x.record = newRecorder(fmt.Sprintf("session %d", i+1))
		}
	}
}
