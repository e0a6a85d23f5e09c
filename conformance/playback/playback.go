// Package playback stands in for a peer that was recorded: for a server it says on each session what the server said, when
// as much had been sent to it, and ends as it ended; for a client or a driver it does what that did, on its sessions and its
// streams, when the suite is as far as it was then.
//
// Begin with [Player]; its Connect is what an Env of package suite wants for a server, and the player itself is the
// [suite.Standin] of a client or a driver. Whether what was played was the session that was
// recorded is asked afterwards: [Player.Doubt].
package playback

import (
	"errors"
	"fmt"
	"sync"
	"time"

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
	closed   bool
}

// NewPlayer returns a player of a recording that is not Missing, and must not change while it is played.
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

// Connect opens the next session of the given name; patience is as for [transport.Dial]. The error wraps
// [suite.ErrNotRecorded] if there is none, and [report.ErrInvalid] if what is recorded of it does not add up; any other is
// the system's.
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

// Close ends what is still played. The other ends must be closed by then, and the processes of programs stopped; nothing is
// to be asked for afterwards but Doubt and Waits. Closing again does nothing.
func (p *Player) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.closed = true
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
