package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/conformance/transport"
	"github.com/oizys-protocol/oizys/spec"
	"github.com/oizys-protocol/oizys/vectors"
)

// run is one certification under way.
type run struct {
	o        Options
	cases    []suite.Case // the chosen ones
	part     part
	subject  *subject
	clients  *clients // nil but for a client
	drivers  *drivers // nil but for a driver
	patience time.Duration
	trip     time.Duration // median round trip
	idle     time.Duration // how long sessions idled through the run
	capacity suite.Capacity
	right    suite.Seen // what the peer got right
	idlers   int        // sessions that are open from the beginning of a round to its end
	jobs     int

	mu      sync.Mutex
	results map[string]*result // the result that counts, by case ID
	told    map[string]bool    // those that Progress has been told of

	deaths      map[string]int // of the peer, by family of the case that killed it
	mystery     []string       // deaths that no case alone brought about
	pasts       []past         // what the peer's processes have been through
	parting     *result        // what a process of it did when it was told to end, if that is worth recording
	named       int            // cases that were found to end the peer some time later
	searched    time.Duration  // for such
	vain        int            // searches that found none
	idled       time.Duration  // how long a peer of which nothing was asked was seen to go on
	lingers     int            // how often it served nobody and did not end
	stops       int            // how often the peer's process was stopped by a signal
	stopsItself bool           // also when nothing was asked of it
	alongside   []string       // failures beside other cases that were passes alone
	stalls      map[string]int // by family
	confirmed   map[string]int // stalled cases that stalled again alone, by family
	spent       time.Duration  // on stalled cases that stalled again
	crashes     int            // how often the peer was started anew because it had ended
	fresh       time.Duration  // on starting peers anew to run a failed case again
	asked       int            // how often the peer was asked where it hangs
	mute        bool           // it gave no answer
	restless    bool           // it uses up the processors when nothing is asked of it,
	calmed      int            // and was started anew so often for that,
	hopeless    bool           // or does so from its start
	held        bool           // it was kept for a debugger
	over        bool           // every case has its result
}

// Run certifies a peer. Cancelling the context ends the run early: the report then holds what was found until then,
// and its Complete is false. The error, if any, wraps ErrUsage or ErrNoPeer, or says what went wrong in the runner; a
// report comes with every error but one of usage.
func Run(ctx context.Context, o Options) (*report.Report, error) {
	set, all, part, err := o.choose()
	if err == nil && o.Attach != "" {
		err = checkAttach(o.Attach)
	}
	if err != nil {
		return nil, err
	}
	chosen := part.cases
	subject, err := newSubject(o)
	if err != nil {
		return nil, err
	}
	r := &run{part: part, o: o, cases: chosen, subject: subject, patience: floorPatience, capacity: suite.Capacity{Sessions: 1}}
	switch o.Role {
	case spec.Client:
		r.clients = newClients(subject)
	case spec.Driver:
		r.drivers = &drivers{command: o.Command, vars: o.Env, cwd: o.Dir, dir: subject.dir, tag: subject.tag}
	}
	rep := &report.Report{
		Schema: report.Schema, Role: string(o.Role), Seed: o.Seed, Strict: o.Strict, Repeat: r.o.Repeat, Started: time.Now(),
		Suite: report.Suite{Version: o.Version, VectorsDigest: set.Digest(), Cases: len(all)},
		Peer:  report.Peer{Command: o.Command, Attach: o.Attach, Embedded: o.Embedded},
	}
	if rep.Peer.Command == nil {
		rep.Peer.Command = []string{}
	}
	err = r.all(ctx)
	if o.Role != spec.Server {
		process.EndTagged(subject.tag) // what has left its process group
	}
	if errors.Is(err, ErrUsage) {
		return nil, errors.Join(err, subject.close())
	}
	err = errors.Join(err, subject.close())
	r.fill(rep, err == nil && r.over)
	switch {
	case ctx.Err() != nil && !r.over:
		rep.Why = "the run was interrupted"
	case err != nil:
		rep.Why = brief(err)
	}
	return rep, err
}

// choose checks the options, fills in their defaults, and returns the vectors, all cases and those that are to run.
func (o *Options) choose() (set *vectors.Set, all []suite.Case, chosen part, err error) {
	if err := o.check(); err != nil {
		return nil, nil, part{}, err
	}
	if set, err = vectors.Embedded(); err != nil {
		return nil, nil, part{}, fmt.Errorf("loading the golden vectors: %w", err)
	}
	if all, err = Catalogue(o.Role, set); err != nil {
		return nil, nil, part{}, err
	}
	all = o.Tier.Of(o.Role, all)
	if err := o.Known.Check(idsOf(all)); err != nil {
		return nil, nil, part{}, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	wanted, err := Choose(all, o.Only, o.Skip)
	if err == nil {
		chosen, err = o.Shard.of(wanted)
	}
	return set, all, chosen, err
}

// Check reports which of the options [Run] would refuse, and starts nothing. Whether the command can be run, and whether
// somebody listens at the socket to attach to, is seen by Run alone.
func Check(o Options) error {
	_, _, _, err := o.choose()
	return err
}

// all starts the peer and runs every case, as often as is asked for.
func (r *run) all(ctx context.Context) error {
	if err := r.begun(ctx); err != nil {
		return err
	}
	r.o.Progress.Begin(len(r.cases))
	defer r.o.Progress.End()
	if r.o.Role == spec.Server {
		r.calibrate(ctx)
	}
	merged := map[string]*result{}
	var err error
	for round := 1; round <= r.o.Repeat && ctx.Err() == nil && err == nil; round++ {
		if round > 1 {
			r.o.Progress.Note("repetition %d of %d", round, r.o.Repeat)
		}
		r.begin()
		if err = r.once(ctx); errors.Is(err, errGivenUp) {
			r.giveUp(err)
			err = nil
		}
		merge(merged, r.results)
	}
	r.results = merged
	if r.over = err == nil && ctx.Err() == nil; r.over {
		r.holdAtEnd(ctx)
	}
	return err
}

// begun starts a server, or runs a client or a driver for the first time.
func (r *run) begun(ctx context.Context) error {
	switch {
	case r.clients != nil:
		return r.meet(ctx)
	case r.drivers != nil:
		return r.meetDriver(ctx)
	}
	if r.always() {
		return r.tryOut(ctx)
	}
	return r.subject.start(ctx)
}

// Catalogue returns the cases for a role.
func Catalogue(role spec.Role, set *vectors.Set) ([]suite.Case, error) {
	switch role {
	case spec.Client:
		return suite.Client(set)
	case spec.Driver:
		return suite.Drivers(set)
	default:
		return suite.Server(set)
	}
}

func idsOf(cases []suite.Case) []string {
	ids := make([]string, len(cases))
	for i, c := range cases {
		ids[i] = c.ID
	}
	return ids
}

func (r *run) begin() {
	r.results, r.told = map[string]*result{}, map[string]bool{}
	r.deaths, r.stalls, r.confirmed = map[string]int{}, map[string]int{}, map[string]int{}
	r.mystery, r.alongside, r.spent, r.fresh = nil, nil, 0, 0
	r.stops, r.stopsItself, r.lingers = 0, false, 0
	r.parting = nil
	r.pasts, r.named, r.searched, r.vain, r.idled = nil, 0, 0, 0, 0
	if r.clients != nil {
		r.clients.forget()
	}
}

// merge keeps the worst result of every case, with the verdicts of all repetitions.
func merge(into, from map[string]*result) {
	rank := map[report.Verdict]int{report.Fail: 5, report.Error: 4, report.Warn: 3, report.Skip: 2, report.Info: 1, report.Pass: 0}
	for id, res := range from {
		old, ok := into[id]
		verdicts := []report.Verdict{res.verdictNow()}
		if ok {
			verdicts = append(append([]report.Verdict(nil), old.verdict...), verdicts...)
		}
		if !ok || rank[res.verdictNow()] > rank[old.verdictNow()] {
			into[id] = res
		}
		into[id].verdict = verdicts
	}
}

// calibrate makes the deadline from the peer's own round trips, at least the floor. The first trip of a session counts
// from the connection on: a peer may start a process for each. A peer that does not answer keeps the floor: the first
// case judges it.
func (r *run) calibrate(ctx context.Context) {
	const sessions, trips = 3, 5
	var times []time.Duration
	for range sessions {
		env := r.env("calibration", r.patience)
		one := r.roundTrips(ctx, env, trips)
		env.Close()
		times = append(times, one...)
		if len(one) < trips {
			break
		}
	}
	r.trip, r.patience = deadline(times)
	if r.o.Timeout > 0 {
		r.patience = r.o.Timeout
	}
}

// roundTrips measures n round trips of a small message on one session; fewer when one fails.
func (r *run) roundTrips(ctx context.Context, env *suite.Env, n int) (times []time.Duration) {
	const firstAnswer = 2 * time.Second
	socket, err := env.Listening(ctx)
	if err != nil {
		return nil
	}
	begin := time.Now()
	c, err := transport.Dial(ctx, socket, "calibration", max(firstAnswer, r.o.Timeout))
	if err != nil {
		return nil
	}
	defer c.Close()
	for range n {
		message := []byte{0, 0, 0, 9, 'c', 'a', 'l', 'i', 'b', 'r', 'a', 't', 'e'}
		c.Expect(message)
		if c.Send(message) != nil {
			break
		}
		if s, err := c.AwaitExpected(ctx); err != nil || s.Matched != s.Want {
			break
		}
		times = append(times, time.Since(begin))
		begin = time.Now()
	}
	return times
}

// deadline returns the median of the round trips and the deadline that they make.
func deadline(times []time.Duration) (median, patience time.Duration) {
	if len(times) == 0 {
		return 0, floorPatience
	}
	sorted := slices.Sorted(slices.Values(times))
	median = sorted[len(sorted)/2]
	return median, max(floorPatience, 20*sorted[len(sorted)-1], 50*median)
}

// fill completes the report with what was found.
func (r *run) fill(rep *report.Report, complete bool) {
	rep.Jobs = r.jobs
	rep.Peer.RoundTripMS, rep.Peer.DeadlineMS = float64(r.trip.Microseconds())/1000, float64(r.patience.Microseconds())/1000
	rep.Peer.Starts, rep.Peer.Output, rep.Peer.Exit = r.subject.starts, r.subject.output, r.subject.ending()
	rep.Peer.Sessions = r.capacity.Sessions
	if r.always() {
		rep.Peer.Starts = int(r.subject.serial.Load())
	}
	if r.clients != nil {
		rep.Peer.Starts, rep.Peer.Sessions, rep.Peer.RoundTripMS = int(r.clients.starts.Load()), 0, 0
	}
	rep.Cases = []report.Case{}
	for _, c := range r.cases {
		res, ok := r.results[c.ID]
		if ok && !complete && res.bad() && (res.beside || res.stalled()) {
			res = skip(c, "it failed once, and the run ended before it was run again alone: %s", res.f.Actual)
		}
		if ok {
			rep.Cases = append(rep.Cases, r.entry(res))
		}
	}
	if r.drivers != nil {
		rep.Peer.Starts, rep.Peer.Sessions, rep.Peer.RoundTripMS = int(r.drivers.starts.Load()), 0, 0
	}
	rep.Complete = complete && len(rep.Cases) == len(r.cases)
	r.part.mark(rep)
	if len(r.o.Known) > 0 {
		rep.ExpectFailures(r.o.Known.Entries())
	}
	rep.Settle()
	rep.DurationMS = float64(time.Since(rep.Started).Microseconds()) / 1000
}
