package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Usage is what a process and its descendants hold at one moment.
type Usage struct {
	Processes   int   // the process itself and its descendants, zombies among them
	Zombies     int   // those of them that have ended and were not waited for
	Threads     int   // of all of them
	Descriptors int   // open file descriptors of all of them
	Resident    int64 // bytes of memory in use, of all of them
	CPU         int64 // processor time used so far, in clock ticks (1/100 s)
}

// UsageOf returns what process pid and its descendants hold. The error says that the process is gone or may not be
// looked at.
func UsageOf(pid int) (Usage, error) {
	var total Usage
	if err := total.add(pid); err != nil {
		return Usage{}, fmt.Errorf("reading what process %d uses: %w", pid, err)
	}
	for _, child := range descendants(pid) {
		_ = total.add(child) // it may have ended meanwhile
	}
	return total, nil
}

func (u *Usage) add(pid int) error {
	stat, err := readStat(pid)
	if err != nil {
		return err
	}
	u.Processes++
	u.Threads += stat.threads
	u.Resident += resident(pid)
	u.CPU += stat.cpu
	if stat.state == "Z" {
		u.Zombies++
		return nil
	}
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return err
	}
	u.Descriptors += len(entries)
	return nil
}

// resident returns the bytes of memory in use, or 0 when the process is gone. The number in stat would be behind by
// what each processor has counted for itself, megabytes on large machines; that in statm is not, on kernels since 6.16.
func resident(pid int) int64 {
	b, err := readProc(fmt.Sprintf("/proc/%d/statm", pid), nil)
	fields := strings.Fields(string(b))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64) // the kernel writes numbers
	return pages * int64(os.Getpagesize())
}

type stat struct {
	state   string
	parent  int
	threads int
	cpu     int64
}

func readStat(pid int) (stat, error) { return readStatFile(fmt.Sprintf("/proc/%d/stat", pid)) }

func readStatFile(path string) (stat, error) {
	b, err := readProc(path, nil)
	if err != nil {
		return stat{}, err
	}
	// The name in parentheses may hold spaces and parentheses: the fields go on behind the last one.
	_, rest, ok := strings.Cut(string(b[bytes.LastIndexByte(b, ')')+1:]), " ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 18 {
		return stat{}, fmt.Errorf("%s has %d fields", path, len(fields))
	}
	number := func(i int) int64 {
		n, _ := strconv.ParseInt(fields[i], 10, 64) // the kernel writes numbers
		return n
	}
	return stat{
		state:   fields[0],
		parent:  int(number(1)),
		cpu:     number(11) + number(12),
		threads: int(number(17)),
	}, nil
}

// descendants returns the processes below pid, as far as they can be seen.
func descendants(pid int) []int {
	var below []int
	for _, task := range tasks(pid) {
		b, err := readProc(task+"/children", nil)
		if err != nil {
			continue
		}
		for _, field := range strings.Fields(string(b)) {
			if child, err := strconv.Atoi(field); err == nil {
				below = append(below, child)
				below = append(below, descendants(child)...)
			}
		}
	}
	return below
}

// GrowsFirst reports whether process pid runs on a runtime that lets its heap grow for some time after the start before
// it collects it, and then keeps to it: Node, Bun or Deno.
func GrowsFirst(pid int) bool {
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		return false
	}
	switch filepath.Base(exe) {
	case "node", "nodejs", "bun", "deno":
		return true
	default:
		return false
	}
}

// CollectsLazily reports whether process pid runs on a runtime that lets memory grow for long before it collects any of
// it, so that growth says little: a Java virtual machine or .NET.
func CollectsLazily(pid int) bool {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	return err == nil && (bytes.Contains(maps, []byte("/libjvm.so")) || bytes.Contains(maps, []byte("/libcoreclr.so")))
}

// Stopped reports whether process pid was stopped by a signal and goes on only if another continues it. It is false for
// one that a debugger holds.
func Stopped(pid int) bool {
	s, err := readStat(pid)
	return err == nil && s.state == "T"
}

// Runs reports whether process pid is there and has not ended.
func Runs(pid int) bool {
	s, err := readStat(pid)
	return err == nil && s.state != "Z" && s.state != "X"
}

// CollectsAtLimit reports whether process pid was told by its environment to let memory grow up to a limit before any of it
// is collected: a Go program with GOMEMLIMIT, or with GOGC off or in the thousands. What a program sets for itself is not seen.
func CollectsAtLimit(pid int) bool {
	environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil {
		return false
	}
	for entry := range bytes.SplitSeq(environ, []byte{0}) {
		name, value, _ := strings.Cut(string(entry), "=")
		percent, err := strconv.Atoi(value)
		if name == "GOMEMLIMIT" || name == "GOGC" && (value == "off" || err == nil && percent >= 1000) {
			return true
		}
	}
	return false
}
