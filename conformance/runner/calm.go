package runner

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
)

const (
	restlessFor   = time.Second           // for so long a server uses up the processors that is called restless,
	restlessAgain = 50 * time.Millisecond // and for so long one that was called so
	restlessLook  = 5 * time.Millisecond
	casesToCalm   = 32  // cases beside each other, behind which a restless server is looked at again
	calmings      = 200 // how often one is started anew
)

// calm sees to it that a server is at rest before anything is asked of it. Threads that run on when their session is over
// use up the processors, so that whatever comes next misses its deadline for their sake: such a server is started anew. One
// that is restless from its start is left alone, since that is its way.
func (r *run) calm(ctx context.Context) error {
	limit := restlessFor
	if r.restless {
		limit = restlessAgain
	}
	if !r.usesUp(ctx, limit) || ctx.Err() != nil {
		return nil
	}
	if !r.restless {
		r.restless = true
		r.o.Progress.Note("the server uses up the processors while nothing is asked of it")
	}
	if r.hopeless || r.calmed >= calmings {
		return nil
	}
	r.calmed++
	r.subject.stop()
	if err := r.subject.start(ctx); err != nil {
		return err
	}
	r.hopeless = r.usesUp(ctx, restlessFor)
	return nil
}

// usesUp reports whether the server, of which nothing is asked, keeps every processor at work for as long as limit.
func (r *run) usesUp(ctx context.Context, limit time.Duration) bool {
	if r.subject.perCase || r.subject.proc == nil || r.hopeless {
		return false
	}
	pid := r.subject.proc.Pid()
	for begin := time.Now(); process.Running(pid) >= runtime.NumCPU(); {
		if time.Since(begin) > limit {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(restlessLook):
		}
	}
	return false
}

// soon confirms at once, and not at the end, what a server that had to be calmed has missed: whatever it is asked for makes
// it slower, and a run that goes on to its end takes very long. One failure that is certain is enough. The error then wraps
// errGivenUp.
func (r *run) soon(ctx context.Context, results ...*result) error {
	if r.calmed == 0 || r.hopeless {
		return nil
	}
	for _, res := range results {
		if !res.stalled() || ctx.Err() != nil {
			continue
		}
		if err := r.confirmLate(ctx, res); err != nil {
			return err
		}
		if now := r.results[res.c.ID]; now.bad() && !now.stalled() {
			return fmt.Errorf("the server uses up the processors while nothing is asked of it, has failed %s, and %w", res.c.ID, errGivenUp)
		}
	}
	return nil
}

// whyRestless is a hint for what fails because the server is restless.
const whyRestless = "threads run on when their session is over, and use up the processors: a loop that reads again at the end of the stream"
