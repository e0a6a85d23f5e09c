package suite

import (
	"time"

	"github.com/oizys-protocol/oizys/conformance/process"
)

// turn is how a client has had its turn on the machine's processors, up to the last look.
type turn struct {
	at   time.Time
	seen process.Scheduling
}

// Deadlines are about clients, not about machines that are busy with something else: a client that has spent a good part
// of its time in waiting for a processor is given more of it, a limited number of times.
const (
	maxExtensions = 8
	maxExtended   = 40 * time.Second // with all of them: within what the runner gives a case, so that a client that never rests is judged
	starvedShare  = 4                // of the time since the last look, one part in so many
)

// starved reports whether the client has been ready to run for long since the last look, without its turn.
func (v *visit) starved() bool {
	now, err := process.SchedulingOf(v.proc.Pid())
	if err != nil {
		return false
	}
	waited, passed := now.Sub(v.turn.seen).Waited, time.Since(v.turn.at)
	v.turn = turn{at: time.Now(), seen: now}
	return waited > passed/starvedShare
}

// waitOn reports whether a wait for so long that has come to its end is to be made longer, by as much, for the given time.
func (v *visit) waitOn(extension int, wait time.Duration) bool {
	return extension <= maxExtensions && time.Duration(extension)*wait < maxExtended && !v.proc.Ended() && v.starved()
}
