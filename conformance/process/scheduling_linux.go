package process

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Scheduling is how long a process and its descendants have been on a processor so far, and how long they have waited
// for one that was free. A process that spins always does the one or the other, however busy the machine is.
type Scheduling struct {
	Ran, Waited time.Duration
}

// SchedulingOf returns how process pid and its descendants have been scheduled. The error says that the process is gone,
// may not be looked at, or that the system does not tell.
func SchedulingOf(pid int) (Scheduling, error) {
	var total Scheduling
	if err := total.add(pid); err != nil {
		return Scheduling{}, fmt.Errorf("reading how process %d was scheduled: %w", pid, err)
	}
	for _, child := range descendants(pid) {
		_ = total.add(child) // it may have ended meanwhile
	}
	return total, nil
}

// Sub returns what has been added since an earlier look.
func (s Scheduling) Sub(earlier Scheduling) Scheduling {
	return Scheduling{Ran: s.Ran - earlier.Ran, Waited: s.Waited - earlier.Waited}
}

func (s *Scheduling) add(pid int) error {
	var told error = os.ErrNotExist
	for _, task := range tasks(pid) {
		b, err := readProc(task+"/schedstat", nil)
		if !errors.Is(err, os.ErrNotExist) {
			told = nil
		}
		fields := strings.Fields(string(b))
		if err != nil || len(fields) < 2 {
			continue // the thread has ended
		}
		ran, _ := strconv.ParseInt(fields[0], 10, 64) // the kernel writes numbers
		waited, _ := strconv.ParseInt(fields[1], 10, 64)
		s.Ran += time.Duration(ran)
		s.Waited += time.Duration(waited)
	}
	return told
}
