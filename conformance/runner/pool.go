package runner

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/oizys-protocol/oizys/conformance/suite"
)

// besideEachOther runs cases beside each other until all have a result. With brake, the rest of a family waits once
// cases of it have missed their deadline.
func (r *run) besideEachOther(ctx context.Context, cases []suite.Case, brake bool) error {
	queue := mingled(cases)
	for len(queue) > 0 && ctx.Err() == nil {
		if err := r.calm(ctx); err != nil {
			return err
		}
		done, rest := r.pool(ctx, queue, brake)
		if ctx.Err() != nil || r.outlived(ctx) {
			for _, res := range done {
				r.keep(res)
			}
			if err := r.soon(ctx, done...); err != nil {
				return err
			}
			queue = rest
			continue
		}
		suspects, innocent := r.suspects(done)
		for _, res := range innocent {
			r.keep(res)
		}
		if err := r.blame(ctx, suspects); err != nil {
			return err
		}
		queue = rest
	}
	return nil
}

// mingled orders cases so that neighbours are of different families.
func mingled(cases []suite.Case) []suite.Case {
	var families []string
	byFamily := map[string][]suite.Case{}
	for _, c := range cases {
		f := family(c.ID)
		if byFamily[f] == nil {
			families = append(families, f)
		}
		byFamily[f] = append(byFamily[f], c)
	}
	mixed := make([]suite.Case, 0, len(cases))
	for len(mixed) < len(cases) {
		for _, f := range families {
			if left := byFamily[f]; len(left) > 0 {
				mixed = append(mixed, left[0])
				byFamily[f] = left[1:]
			}
		}
	}
	return mixed
}

// pool runs cases beside each other and returns the results, in the order in which they ended, and the cases that were
// not begun: because the peer had died, the run was cancelled, or a restless peer is to be calmed first.
func (r *run) pool(ctx context.Context, queue []suite.Case, brake bool) (done []*result, rest []suite.Case) {
	var mu sync.Mutex
	memory, sessions := newBudget(memoryAtOnce), newBudget(r.sessionsToSpare())
	taken := 0
	take := func() (suite.Case, bool) {
		mu.Lock()
		defer mu.Unlock()
		for len(queue) > 0 && ctx.Err() == nil && r.subject.alive() && (!r.restless || taken < casesToCalm) {
			c := queue[0]
			queue = queue[1:]
			taken++
			if !brake || !r.braked(c) {
				return c, true
			}
		}
		return suite.Case{}, false
	}
	var wg sync.WaitGroup
	for range r.jobs {
		wg.Go(func() {
			for c, ok := take(); ok; c, ok = take() {
				memory.take(c.Bytes)
				sessions.take(sessionsOf(c))
				res := r.execute(ctx, c, r.patience, nil)
				res.beside = r.jobs > 1
				sessions.give(sessionsOf(c))
				memory.give(c.Bytes)
				mu.Lock()
				if ctx.Err() == nil {
					done = append(done, res)
				}
				mu.Unlock()
				r.seen(res)
			}
		})
	}
	wg.Wait()
	return done, queue
}

// seen counts a stalled case for the brake.
func (r *run) seen(res *result) {
	if res.stalled() {
		r.mu.Lock()
		r.stalls[family(res.c.ID)]++
		r.mu.Unlock()
	}
}

// braked reports whether the case's family has missed so many deadlines, or killed the peer so often, that the case is
// to wait for what becomes of the others.
func (r *run) braked(c suite.Case) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stalls[family(c.ID)] >= stalledPerFamily || r.deaths[family(c.ID)] >= deathsPerFamily
}

// memoryAtOnce is how much the cases that run beside each other may take together.
const memoryAtOnce = 24 << 20

// budget is a weighted semaphore that lets anything through when nothing else is.
type budget struct {
	mu   sync.Mutex
	free *sync.Cond
	max  int
	used int
}

func newBudget(limit int) *budget {
	b := &budget{max: limit}
	b.free = sync.NewCond(&b.mu)
	return b
}

func (b *budget) take(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.used > 0 && b.used+n > b.max {
		b.free.Wait()
	}
	b.used += n
}

func (b *budget) give(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= n
	b.free.Broadcast()
}

// suspicion is how long before the peer was seen dead a case may have ended and still be the one that killed it.
const suspicion = 2 * time.Second

// suspects splits the results of a pool in which the peer died into those that may have to do with it and those that
// ended before.
func (r *run) suspects(done []*result) (suspects, innocent []*result) {
	died := time.Now()
	if r.subject.proc != nil && r.subject.proc.Ended() {
		died = r.subject.proc.EndedAt()
	}
	for _, res := range done {
		if res.ended.After(died.Add(-suspicion)) {
			suspects = append(suspects, res)
		} else {
			innocent = append(innocent, res)
		}
	}
	return suspects, innocent
}

func more(list []string) string {
	if len(list) < 2 {
		return ""
	}
	return fmt.Sprintf(" (and %d more like it)", len(list)-1)
}
