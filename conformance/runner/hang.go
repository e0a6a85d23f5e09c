package runner

import (
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
)

// maxStacks is how often in a run a peer that hangs is asked where.
const maxStacks = 5

// askWhere sends SIGQUIT to a peer that has missed its longer deadline with nothing beside it, while the case's sessions
// are still open, and keeps the stacks that it prints as evidence. The peer is of no use afterwards, whether that has
// ended it or not: it is stopped, and not blamed for how it ends. One that prints nothing is not asked again.
func (r *run) askWhere(res *result, env *suite.Env) {
	if !res.stalled() || r.served(env).spoiled != "" || !r.final(env) || r.subject.attached() || r.mute || r.asked >= maxStacks || !r.subject.alive() {
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
