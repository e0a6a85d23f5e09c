package runner

import (
	"context"

	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
)

// maxStacks is how often in a run a peer that hangs is asked where.
const maxStacks = 5

// askWhere sends SIGQUIT to a peer that has missed its longer deadline with nothing beside it, while the case's sessions
// are still open, and keeps the stacks that it prints as evidence. The peer is of no use afterwards, whether that has
// ended it or not: it is stopped, and not blamed for how it ends. One that prints nothing is not asked again.
func (r *run) askWhere(ctx context.Context, res *result, env *suite.Env) {
	if !res.stalled() || r.served(env).spoiled != "" || !r.final(env) || !r.subject.alive() || r.servesOthers(ctx, res, env) {
		return
	}
	if r.subject.attached() || r.mute || r.asked >= maxStacks {
		return
	}
	r.asked++
	if r.o.Role != spec.Server {
		res.stacks = env.Quit()
	} else {
		res.stacks = r.served(env).quit()
	}
	r.mute = res.stacks == ""
}

// final reports whether a deadline that was missed in env is not going to be tried again.
func (r *run) final(env *suite.Env) bool { return env.Alone && env.Patience > r.patience }

// servesOthers looks whether a server that missed its longer deadline serves anybody: with the case's sessions open, and
// if not, with them closed. One that serves nobody then has ended its accepting, which is not what the case is about. It
// reports whether closing them has freed the server, so that nothing is left to be asked.
func (r *run) servesOthers(ctx context.Context, res *result, env *suite.Env) bool {
	if r.o.Role != spec.Server || r.always() || r.capacity.Sessions < 2 || ctx.Err() != nil {
		return false
	}
	serves := func() bool {
		other := r.loneEnv("served?", r.patience)
		defer other.Close()
		return !suite.Served(ctx, other).Bad()
	}
	if serves() {
		return false
	}
	env.Close()
	if serves() || ctx.Err() != nil {
		return true
	}
	res.f.Requirement = "srv/serves-again"
	res.f.Actual += "; one plain message on a new session was not answered either, when this one was closed: the server serves nobody any more"
	return false
}
