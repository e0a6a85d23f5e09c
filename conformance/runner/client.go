package runner

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
)

// clients is a client under test: a command line that each case starts anew. It may be used concurrently.
type clients struct {
	command []string
	vars    []string // more of its environment
	cwd     string
	dir     string
	tag     string
	sockets atomic.Int64
	starts  atomic.Int64
	manners *suite.Manners

	mu    sync.Mutex
	tardy map[string]bool // cases in which it had to be ended
}

func newClients(s *subject) *clients {
	return &clients{command: s.command, vars: s.env, cwd: s.cwd, dir: s.dir, tag: s.tag, manners: &suite.Manners{}, tardy: map[string]bool{}}
}

// checkRole settles the role, and reports what is wrong with a command line for it.
func (o *Options) checkRole() error {
	if o.Role == "" {
		o.Role = spec.Server
	}
	message := slices.ContainsFunc(o.Command, func(word string) bool { return strings.Contains(word, "{message}") })
	switch {
	case !slices.Contains(spec.Roles(), o.Role):
		return fmt.Errorf("%w: there is no role %q; the role is server, client or driver", ErrUsage, o.Role)
	case o.Role == spec.Driver && o.Attach != "":
		return fmt.Errorf("%w: a driver cannot be attached to: it is started for each case; give its command line", ErrUsage)
	case o.Role == spec.Driver && slices.ContainsFunc(o.Command, func(word string) bool {
		return strings.Contains(word, "{socket}") || strings.Contains(word, "{message}")
	}):
		return fmt.Errorf("%w: a driver's command line has no {socket} or {message}: it is told of sockets on its standard input", ErrUsage)
	case o.Role == spec.Server && message:
		return fmt.Errorf("%w: {message} is for clients, and this is to be a server: add --role client, or leave {message} out", ErrUsage)
	case o.Role == spec.Client && o.Attach != "":
		return fmt.Errorf("%w: a client cannot be attached to: it is started, once for each message; give its command line", ErrUsage)
	case o.Role == spec.Client && !message:
		return fmt.Errorf("%w: the client's command line has no {message}: add it where the text to send goes, as in -- %s -m {message}", ErrUsage, strings.Join(o.Command, " "))
	}
	return nil
}

// Start runs the client once.
func (c *clients) Start(socket string, message []byte, keep int) (*process.Process, error) {
	c.starts.Add(1)
	fill := strings.NewReplacer("{socket}", socket, "{message}", string(message)) // in one pass: a message may hold either
	args := make([]string, len(c.command))
	for i, word := range c.command {
		args[i] = fill.Replace(word)
	}
	return process.Start(process.Command{Args: args, Env: append([]string{"OIZYS_SOCKET=" + socket, c.tag}, c.vars...), Dir: c.cwd, Capture: keep})
}

// env is what one execution of a case has of the client.
func (c *clients) env(id string, seed uint64, patience time.Duration) *suite.Env {
	return &suite.Env{
		Socket: fmt.Sprintf("%s/%d", c.dir, c.sockets.Add(1)), Patience: patience, Capacity: 1, Rand: suite.NewRand(seed, id),
		Program: c, Manners: c.manners,
	}
}

// meet runs the client once, to see how it presents a reply and how long it takes.
func (c *clients) meet(ctx context.Context, seed uint64, wait time.Duration) (met suite.Meeting, output, exit string, err error) {
	env := c.env("first run", seed, wait)
	defer env.Close()
	met, err = suite.Meet(ctx, env)
	output, exit = env.Printed()
	return met, output, exit, err
}

// meet runs the client for the first time: the deadline is made from how long that takes. The error says that it could
// not be run, or that it never came to the socket; what it does there is judged by the cases.
func (r *run) meet(ctx context.Context) error {
	met, output, exit, err := r.clients.meet(ctx, r.o.Seed, r.o.StartTimeout)
	if err == nil && met.Whole == 0 && ctx.Err() == nil {
		// How it presents a reply decides verdicts, and it may have been the machine that was too slow to show that.
		met, output, exit, err = r.clients.meet(ctx, r.o.Seed, r.o.StartTimeout)
	}
	r.subject.output, r.subject.exit = output, exit
	switch {
	case errors.Is(err, suite.ErrNoVisit):
		return r.noVisit(output, exit)
	case errors.Is(err, suite.ErrNotStarted):
		return fmt.Errorf("%w: %v", ErrUsage, err)
	case err != nil:
		return err
	}
	r.trip, r.patience = met.Whole, max(floorPatience, tripFactor*max(met.Arrived, met.Whole))
	if r.o.Timeout > 0 {
		r.patience = r.o.Timeout
	}
	r.jobs = r.o.Jobs
	if r.jobs == 0 {
		r.jobs = clientsPerCore * runtime.NumCPU()
	}
	return nil
}

const (
	tripFactor     = 10 // the deadline, in runs of the client
	clientsPerCore = 2
)

// noVisit says that the client did not come, and why that may be.
func (r *run) noVisit(output, exit string) error {
	said := fmt.Sprintf("the client did not connect to the socket that it was given within %v", r.o.StartTimeout)
	if exit != "" {
		said = fmt.Sprintf("the client ended (%s) and had not connected to the socket that it was given", exit)
	}
	return withOutput(kindError{said + noSocketIn(r.clients.command), ErrNoPeer}, "it printed", output)
}

// noSocketIn is what to say of a peer that did not come to its socket and whose command line has no {socket}; it is empty
// for one that has. A program may read OIZYS_SOCKET instead, so that nothing is said before it was run.
func noSocketIn(command []string) string {
	if slices.ContainsFunc(command, func(word string) bool { return strings.Contains(word, "{socket}") }) {
		return ""
	}
	return "; its command line has no {socket}: add it where the socket's path goes, unless the program is to read OIZYS_SOCKET"
}

// kindError is an error of a kind, which says no more than its text.
type kindError struct {
	text string
	kind error
}

func (e kindError) Error() string { return e.text }
func (e kindError) Unwrap() error { return e.kind }

// seen takes from an env that is closed what the client has left there.
func (c *clients) seen(res *result, env *suite.Env) {
	if res.bad() {
		output, exit := env.Printed()
		res.output, res.left = tail(output), exit
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if env.Tardy() {
		c.tardy[res.c.ID] = true
	}
}

// forget begins a repetition.
func (c *clients) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tardy = map[string]bool{}
	c.manners = c.manners.Patient()
}

// judgeEnds judges whether the client has ended by itself in every case.
func (r *run) judgeEnds(ctx context.Context, chosen []suite.Case) {
	for _, c := range chosen {
		now := time.Now()
		res := &result{c: c, began: now, ended: now}
		tardy := r.tardyCases()
		switch {
		case r.missing(c) != "":
			res = skip(c, "%s", r.missing(c))
		case len(r.results) == 0:
			res = skip(c, "no other case was run")
		case len(tardy) > 0 && r.tardyAgain(ctx, tardy[0]):
			res = failed(c, report.Warn, "the client ends by itself soon after its session, whatever the session was",
				fmt.Sprintf("it had to be ended in case %s, again so alone, with a longer deadline%s", tardy[0].ID, further(len(tardy)-1)))
		}
		res.ended = time.Now()
		if ctx.Err() == nil {
			r.keep(res)
		}
	}
}

func further(n int) string {
	if n == 0 {
		return ""
	}
	return "; before, in " + cases(n) + " more"
}

// tardyCases returns the cases in which the client had to be ended, in the catalogue's order.
func (r *run) tardyCases() []suite.Case {
	var tardy []suite.Case
	for _, c := range r.cases {
		if r.clients.wasTardy(c.ID) {
			tardy = append(tardy, c)
		}
	}
	return tardy
}

func (c *clients) wasTardy(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tardy[id]
}

// tardyAgain reports whether the client has to be ended in a case when that is run alone, with a longer deadline.
func (r *run) tardyAgain(ctx context.Context, c suite.Case) bool {
	_, tardy := r.patiently(ctx, c)
	return tardy
}

// patiently runs a case alone with a longer deadline, whatever else the client has kept waiting, and reports whether it
// had to be ended all the same.
func (r *run) patiently(ctx context.Context, c suite.Case) (res *result, tardy bool) {
	env := r.clients.env(c.ID, r.o.Seed, confirmFactor*r.patience)
	env.Manners = env.Manners.Patient()
	res = r.executeIn(ctx, c, env, nil)
	return res, env.Tardy()
}

// endsConfirmed is how many cases are run again in which a client had to be ended.
const endsConfirmed = 2

// confirmEnds runs cases again that passed although the client had to be ended, so that the exit status was not seen. One
// that the machine had kept from ending is judged by how it ends then.
func (r *run) confirmEnds(ctx context.Context) {
	tardy := slices.DeleteFunc(r.tardyCases(), func(c suite.Case) bool { return r.results[c.ID] == nil || r.results[c.ID].bad() })
	for _, c := range tardy[:min(len(tardy), endsConfirmed)] {
		res, again := r.patiently(ctx, c)
		if ctx.Err() != nil {
			return
		}
		if res.bad() && !again {
			res.f = confirmedOnce(res.f)
			r.keep(res)
		}
	}
}
