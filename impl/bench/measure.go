package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"github.com/oizys-protocol/oizys/impl/bench/internal/contender"
	"github.com/oizys-protocol/oizys/impl/bench/internal/content"
)

// Kinds of cells.
const (
	oneWay    = "one-way"
	roundTrip = "round-trip"
)

// sample is one measurement.
type sample struct {
	Count   int           `json:"count"`
	Elapsed time.Duration `json:"elapsed_ns"`
	Sender  spent         `json:"sender"`
	// Receiver is the process that receives or echoes.
	Receiver spent `json:"receiver"`
}

func (s sample) perSecond() float64 { return float64(s.Count) / s.Elapsed.Seconds() }

// cpu returns what both processes spent for a message, in microseconds.
func (s sample) cpu() float64 {
	return float64((s.Sender.CPU + s.Receiver.CPU).Nanoseconds()) / 1e3 / float64(s.Count)
}

func (s sample) sendAllocs() float64    { return float64(s.Sender.Mallocs) / float64(s.Count) }
func (s sample) receiveAllocs() float64 { return float64(s.Receiver.Mallocs) / float64(s.Count) }

// rig is what all measurements share.
type rig struct {
	opts    options
	pattern content.Pattern
	peer    *process
}

// measure takes all measurements.
func measure(opts options, progress io.Writer) (*report, error) {
	rep := newReport(opts)
	r, err := newRig(opts)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(r.rounds(rep, progress), r.peer.stop()); err != nil {
		return nil, err
	}
	if opts.idle > 0 {
		for _, c := range opts.contenders {
			fmt.Fprintf(progress, "bench: %d idle connections, %s\n", opts.idle, c.Name)
			one, err := measureIdle(c, opts)
			if err != nil {
				return nil, fmt.Errorf("idle, %s: %w", c.Name, err)
			}
			rep.Idle = append(rep.Idle, one)
		}
	}
	rep.finish()
	return rep, nil
}

func newRig(opts options) (*rig, error) {
	longest := slices.Max(opts.sizes)
	r := &rig{opts: opts, pattern: content.New(longest)}
	var err error
	if r.peer, err = startReceiver(); err != nil {
		return nil, err
	}
	_, err = r.peer.ask(order{Do: doPattern, Size: longest})
	if err == nil && opts.cpuProfile != "" {
		_, err = r.peer.ask(order{Do: doProfile, File: opts.cpuProfile + ".receiver"})
	}
	if err != nil {
		return nil, errors.Join(err, r.peer.stop())
	}
	return r, nil
}

// rounds measures every cell once in each round. The contenders follow each other closely, in an order that changes from
// round to round: what disturbs the machine then disturbs all of them.
func (r *rig) rounds(rep *report, progress io.Writer) error {
	for round := range r.opts.rounds {
		fmt.Fprintf(progress, "bench: round %d of %d\n", round+1, r.opts.rounds)
		for _, kind := range r.opts.kinds {
			for _, size := range r.opts.sizes {
				for i := range r.opts.contenders {
					c := r.opts.contenders[(i+round)%len(r.opts.contenders)]
					s, err := r.measureCell(kind, size, c)
					if err != nil {
						return fmt.Errorf("%s, %s, %s: %w", kind, sizeName(size), c.Name, err)
					}
					rep.add(kind, size, c, s)
				}
			}
		}
	}
	return nil
}

// measureCell takes one measurement on a connection of its own, after a warm-up.
func (r *rig) measureCell(kind string, size int, c contender.Contender) (s sample, err error) {
	runtime.GC() // Here and in the receiving process: what others left is not this one's work.
	buffer := r.opts.sendBufferFor(c)
	if err := r.peer.order(order{Do: doAccept, Contender: c.Name, SendBuffer: buffer}); err != nil {
		return s, err
	}
	link, err := r.peer.connect(c, buffer)
	if err != nil {
		return s, err
	}
	defer func() { _ = link.Close() }()
	if _, err := r.peer.answer(); err != nil {
		return s, err
	}
	run := func(count int) (sample, error) {
		return r.run(kind, link, contender.Load{Pattern: r.pattern, Size: size, Count: count})
	}
	count, err := r.warmUp(run)
	if err != nil {
		return s, err
	}
	if s, err = run(count); err != nil {
		return s, err
	}
	_, err = r.peer.ask(order{Do: doClose})
	return s, err
}

// sendBufferFor returns the send buffer of a contender's sockets. The raw socket is the session's limit only with the one
// that the session asks for.
func (o options) sendBufferFor(c contender.Contender) int {
	if o.sendBuffer == 0 && c.Name == contender.Raw {
		return sessionSendBuffer
	}
	return o.sendBuffer
}

const sessionSendBuffer = 1 << 20

// The warm-up takes this part of what is measured.
const warmUpPart = 4

// The warm-up has at least so many messages: after the first, buffers have the size that is needed.
const warmUpLeast = 3

// warmUp returns how many messages to measure.
func (r *rig) warmUp(run func(count int) (sample, error)) (int, error) {
	if r.opts.count > 0 {
		_, err := run(max(1, r.opts.count/warmUpPart))
		return r.opts.count, err
	}
	for count := warmUpLeast; ; {
		s, err := run(count)
		if err != nil {
			return 0, err
		}
		if s.Elapsed >= r.opts.duration/warmUpPart {
			return max(1, int(float64(s.Count)*r.opts.duration.Seconds()/s.Elapsed.Seconds())), nil
		}
		// Aim beyond the warm-up's time, but do not believe a short run too much.
		guess := 1.2 * float64(count) * (r.opts.duration / warmUpPart).Seconds() / max(s.Elapsed.Seconds(), 1e-9)
		count = min(max(count+1, int(guess)), 16*count)
	}
}

// watchTime is how long one step may take beyond what was planned, before the other process is given up.
const watchTime = time.Minute

// run makes one run and times it in this process: until the receiver has acknowledged the last message, or until the last
// echo has come.
func (r *rig) run(kind string, link contender.Link, load contender.Load) (sample, error) {
	do, work := doReceive, link.Send
	if kind == roundTrip {
		do, work = doEcho, link.Ping
	}
	watch := time.AfterFunc(watchTime+8*r.opts.duration, func() { _ = link.Close() })
	defer watch.Stop()
	if _, err := r.peer.ask(order{Do: do, Size: load.Size, Count: load.Count}); err != nil {
		return sample{}, err
	}
	before := spentSoFar()
	start := time.Now()
	err := work(load)
	elapsed := time.Since(start)
	took := spentSoFar().since(before)
	if err != nil {
		_ = link.Close()
	}
	a, answerErr := r.peer.answer()
	if err := errors.Join(err, answerErr); err != nil {
		return sample{}, err
	}
	return sample{Count: load.Count, Elapsed: max(elapsed, 1), Sender: took, Receiver: a.Spent}, nil
}
