package process

import (
	"strings"
	"time"
)

// Busy reports whether process pid or one of its descendants is at work: a thread of it runs, waits for its turn on a
// processor, or waits for memory or a disk, in one of a few looks within some milliseconds. It is false for a process
// that waits for input, and for one that may not be looked at.
func Busy(pid int) bool {
	const looks, pause = 4, 3 * time.Millisecond
	for look := range looks {
		if look > 0 {
			time.Sleep(pause)
		}
		if atWork(pid) {
			return true
		}
		for _, child := range descendants(pid) {
			if atWork(child) {
				return true
			}
		}
	}
	return false
}

// Running returns how many threads of process pid and its descendants run, or would if a processor were free, at this
// moment. It is 0 for a process that may not be looked at.
func Running(pid int) int {
	n := count(pid, "R")
	for _, child := range descendants(pid) {
		n += count(child, "R")
	}
	return n
}

func atWork(pid int) bool { return count(pid, "RD") > 0 }

// count returns how many threads of a process are in one of the given states.
func count(pid int, states string) int {
	n := 0
	for _, task := range tasks(pid) {
		if s, err := readStatFile(task + "/stat"); err == nil && strings.Contains(states, s.state) {
			n++
		}
	}
	return n
}
