package live

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/scenario"
)

// lane plays one act after the other, beside the other lanes.
type lane struct {
	h      *hunter
	plan   *plan
	player *scenario.Player
	act    Act
	done   counts
	states map[uint32]struct{}
	ring   [ringLen]turn // the last acts on this peer
	played int           // how many acts there were on this peer
	newest []Act         // acts that reached a state that the lane had not seen
	fail   *suspect

	mutator *scenario.Mutator
	view    view  // what the lane has seen of the peer's coverage
	reached []Act // acts that may have reached something new there
}

const ringLen = 64

// suspect is an act that failed, once.
type suspect struct {
	act   Act
	index int64
	obs   observation
	out   outcome
	at    time.Time

	settled bool // it was found out what is behind it
}

// at makes the lane play to the peer as it runs now.
func (l *lane) at(h *hunter) (err error) {
	l.played = 0
	l.player, err = scenario.NewPlayer(h.peer.Socket(), scenario.Options{Patience: h.patience})
	return err
}

// round has all lanes play for a while, or until one of them meets what is not known.
func (h *hunter) round(ctx context.Context) []*suspect {
	var stop atomic.Bool
	limit := roundLength
	if h.o.Duration > 0 {
		limit = min(limit, max(h.o.Duration-time.Since(h.begin), time.Millisecond))
	}
	timer := time.AfterFunc(limit, func() { stop.Store(true) })
	defer timer.Stop()
	release := context.AfterFunc(ctx, func() { stop.Store(true) })
	defer release()
	var all sync.WaitGroup
	for _, l := range h.lanes {
		l.fail = nil
		all.Go(func() { l.run(&stop) })
	}
	idler := h.idler(&all)
	all.Wait()
	var suspects []*suspect
	for _, l := range h.lanes {
		h.done.add(l.done)
		l.done = counts{}
		h.merge(l)
		if l.fail != nil {
			suspects = append(suspects, l.fail)
		}
	}
	if idler != nil && *idler != nil {
		suspects = append(suspects, *idler)
	}
	return suspects
}

// merge takes over the states that a lane has reached.
func (h *hunter) merge(l *lane) {
	before := len(h.states)
	for s := range l.states {
		h.states[s] = struct{}{}
	}
	if len(h.states) > before {
		h.newState = time.Now()
	}
	if h.corpus != nil {
		h.corpus.keep(l.newest)
	}
	l.newest = nil
}

// run plays until it is stopped, the run's number of acts is reached, or something fails in a way that is not known.
func (l *lane) run(stop *atomic.Bool) {
	for !stop.Load() {
		t, ok := l.choose()
		if !ok {
			return
		}
		l.done.Acts++
		if l.h.braked(&l.act, t.index+uint64(l.played)) {
			l.done.Failed++
			continue
		}
		l.ring[l.played%ringLen] = t
		l.played++
		out := l.h.play(l.player, &l.act)
		l.count(out)
		if out.result.Breach == scenario.None {
			l.looked()
			continue
		}
		if l.suspects(out, t.number()) {
			stop.Store(true)
			return
		}
	}
}

// first is the number with which the run begins, which is not 0 when it goes on from a corpus.
func (h *hunter) first() uint64 {
	if h.corpus == nil {
		return 0
	}
	return h.corpus.progress.Next
}

func (l *lane) count(out outcome) {
	l.done.played(&l.act, out)
	s := state(l.act.Mode, &l.act.List[out.which], out.result)
	if _, seen := l.states[s]; !seen {
		l.states[s] = struct{}{}
		if l.h.corpus != nil {
			l.newest = append(l.newest, l.act.clone())
		}
	}
}

// suspects keeps a failure that is not known, and reports whether it is one.
func (l *lane) suspects(out outcome, index int64) bool {
	obs := observe(&l.act, out)
	if f := l.h.kind(obs); f != nil && out.result.Breach != scenario.Refused && out.result.Breach != scenario.NoConnection {
		l.done.Failed++
		l.h.seen(f)
		return false
	}
	out.result.Stray = nil
	l.fail = &suspect{act: l.act.clone(), index: index, obs: obs, out: out, at: time.Now()}
	return true
}

// seen counts a finding that came again; lanes do so beside each other.
func (h *hunter) seen(f *Finding) {
	atomic.AddInt64(&f.again, 1)
}

// braked reports whether an act is left out: of kinds that are found and cost a deadline each time, only some are played.
func (h *hunter) braked(a *Act, index uint64) bool {
	const free, oneIn = 8, 64
	if len(h.known) == 0 || index%oneIn == 0 {
		return false
	}
	for _, f := range h.order {
		if !f.deadline || atomic.LoadInt64(&f.again) < free {
			continue
		}
		for i := range a.List {
			if f.shape.like(&a.List[i]) {
				return true
			}
		}
	}
	return false
}

// shape is what scenarios have in common that fail in one way.
type shape struct {
	close scenario.Close
	end   model.End
}

func (sh shape) like(s *scenario.Scenario) bool {
	if s.Close != sh.close {
		return false
	}
	return sh == shapeOf(s)
}

// shapeOf predicts from the frames alone: making the wire would cost as much as playing it.
func shapeOf(s *scenario.Scenario) shape {
	sh := shape{close: s.Close, end: model.Open}
	if s.Close != scenario.Hold {
		sh.end = model.EndOfStream
	}
	for i := range s.Frames {
		f := &s.Frames[i]
		switch {
		case f.Valid():
			continue
		case f.Size() < 4:
			sh.end = model.TruncatedHeader
		case f.Reserved != 0:
			sh.end = model.Reserved
		case f.Length == 0:
			sh.end = model.Empty
		default:
			sh.end = model.TruncatedContent
		}
		break
	}
	return sh
}

// idler plays, once and beside the lanes, a session that rests between its messages.
func (h *hunter) idler(all *sync.WaitGroup) **suspect {
	if h.idleLook || h.capacity.Sessions < 4*len(h.lanes) || time.Since(h.begin) < idleAfter {
		return nil
	}
	h.idleLook = true
	var found *suspect
	p, err := scenario.NewPlayer(h.peer.Socket(), scenario.Options{Patience: h.patience, Idle: idleRest})
	if err != nil {
		return nil
	}
	all.Go(func() {
		a := idleAct()
		if out := h.play(p, &a); out.result.Breach != scenario.None {
			found = &suspect{act: a, index: -1, obs: observe(&a, out), out: out, at: time.Now()}
		}
	})
	return &found
}

const (
	idleRest  = 800 * time.Millisecond
	idleAfter = 1500 * time.Millisecond
)
