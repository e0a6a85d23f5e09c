package suite

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
)

// The memory case goes on, some hundred sessions at a time, while memory grows: an allocator's or a collector's heap
// comes to rest, a leak does not.
const (
	leastRounds    = 24 // however slow they are
	memoryRounds   = 60
	memorySessions = 500      // in a round
	restRounds     = 2        // rounds in a row without growth that count as rest; after more growth restsAfter asks for more
	restGrowth     = 1 << 10  // growth a session, in bytes, in a round below which memory is at rest
	heapRounds     = 5        // rounds after which a collector's heap may still be filling for the first time,
	heapGrowth     = 2 << 10  // by less than this many bytes a session over all of them: that is rest, too
	hiddenLeak     = 16 << 10 // growth a session, in bytes, that a large heap hides: rounds go on until it would be half of the heap
	leakGrowth     = 32 << 20 // growth over all rounds, in bytes, from which it is a leak; below it is a warning
	enoughGrowth   = 1 << 30  // growth over leastRounds and more, in bytes, from which a leak is beyond doubt
	memoryLimit    = 20 * time.Second
	slowLimit      = 40 * time.Second                   // with a slow peer, unless its memory grows like a leak: that takes leastRounds
	memoryCase     = leastRounds*lanesLimit + slowLimit // what the case takes at most
)

// memoryRests runs on a fresh peer: memory that other cases' large messages have left free would hide a leak.
func memoryRests(ctx context.Context, e *Env) *Finding {
	server, f := e.watch(ctx)
	if f != nil {
		return f
	}
	if _, f := e.sessions(ctx, 300); f != nil {
		return f
	}
	first, err := server.usage()
	if err != nil {
		return skipped(err.Error())
	}
	lazy := process.CollectsLazily(server.pid) || process.GrowsFirst(server.pid)
	atLimit := lazy || process.CollectsAtLimit(server.pid)
	last, total, rested, begin := first, 0, 0, time.Now()
	atRest, settled := false, false // settled: and there were enough sessions to say so
	var seen []int64                // resident memory after each round
	for memoryGoesOn(len(seen), rested, time.Since(begin), last.Resident-first.Resident) {
		done, f := e.sessions(ctx, memorySessions)
		if f != nil {
			return f
		}
		total += done
		now, err := server.usage()
		if err != nil {
			return unjudged(err)
		}
		if growth := now.Resident - last.Resident; growth >= int64(done)*restGrowth {
			rested = 0
		} else {
			rested++
		}
		last, seen = now, append(seen, now.Resident)
		rounds, little := len(seen), now.Resident-first.Resident < int64(total)*heapGrowth
		atRest = rested >= restRounds && (lazy || little || restsAfter(rested, rounds)) || rounds >= heapRounds && little
		settled = atRest && (lazy || int64(total)*hiddenLeak >= now.Resident/2)
		if settled || !atLimit && beyondDoubt(seen) {
			break
		}
	}
	growth := risen(seen)
	switch {
	case !settled && len(seen) < leastRounds:
		return skipped(fmt.Sprintf("%s in %v are too few to judge: the peer is slow, and its memory has grown by %s",
			count(total, "session"), time.Since(begin).Round(time.Second), count(int(last.Resident-first.Resident), "byte")))
	case atRest || growth < int64(total)*restGrowth:
		return &Finding{Verdict: report.Pass, Measured: map[string]float64{
			"sessions": float64(total), "growth_bytes": float64(last.Resident - first.Resident), "resident_bytes": float64(last.Resident),
		}}
	}
	return memoryGrew(growth, int64(max(total, 1)), server.pid)
}

// memoryGoesOn reports whether another round is wanted: after so many rounds, of which so many of the last brought no
// growth, in so long a time, and with so many bytes of growth in all.
func memoryGoesOn(rounds, rested int, took time.Duration, growth int64) bool {
	switch {
	case rounds >= memoryRounds:
		return false
	case took < memoryLimit:
		return true
	case took < slowLimit:
		return rounds < leastRounds || rested > 0
	default:
		return rounds < leastRounds && growth >= leakGrowth
	}
}

// beyondDoubt reports whether memory has grown so far, and so evenly to the last, that more rounds would only fill it: at
// a heap's first collection it would have stopped.
func beyondDoubt(seen []int64) bool {
	if len(seen) < leastRounds || risen(seen) < enoughGrowth {
		return false
	}
	quarter, mean := len(seen)/4, (seen[len(seen)-1]-seen[0])/int64(len(seen)-1)
	for i := len(seen) - 1; i >= quarter; i -= quarter {
		if seen[i]-seen[i-quarter] < mean*int64(quarter)/2 {
			return false
		}
	}
	return true
}

// risen returns by how much memory has risen for good, in bytes, over all rounds: from the most in the first third of
// them to the least in the last third, times three. What only goes up and down comes to nothing.
func risen(seen []int64) int64 {
	third := len(seen) / 3
	if third == 0 {
		return 0
	}
	return 3 * max(0, slices.Min(seen[len(seen)-third:])-slices.Max(seen[:third]))
}

// restsAfter reports whether the last rounds without growth are enough, of so many, to say that memory is at rest. A
// collector that has freed garbage lets a leak fill the room that is left: memory does not grow meanwhile, for up to a
// quarter of all the sessions so far.
func restsAfter(rested, rounds int) bool { return rested*3 >= rounds }

func memoryGrew(growth, sessions int64, pid int) *Finding {
	perSession := growth / sessions
	f := broken("memory comes to rest, however many sessions there were",
		fmt.Sprintf("resident memory did not come to rest in %s: it grew by %s in all, %s a session",
			count(int(sessions), "session"), count(int(growth), "byte"), count(int(perSession), "byte")))
	f.Measured = map[string]float64{"growth_bytes": float64(growth), "growth_per_session_bytes": float64(perSession), "sessions": float64(sessions)}
	f.Hints = []string{"what a session or a message allocated is not freed when the session ends"}
	switch {
	case process.CollectsLazily(pid):
		return recorded(f.Actual+"; this runtime collects late, so it may be no leak", f.Measured)
	case growth < leakGrowth:
		f.Verdict = report.Warn
	}
	return f
}
