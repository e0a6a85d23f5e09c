package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"syscall"
	"time"
)

// spent is what a process has used since it began, or for a run.
type spent struct {
	Mallocs uint64        `json:"mallocs"`
	CPU     time.Duration `json:"cpu_ns"` // Of all threads, in the program and in the system.
}

func spentSoFar() spent {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage) // Fails only for arguments that it is not given here.
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return spent{stats.Mallocs, time.Duration(usage.Utime.Nano() + usage.Stime.Nano())}
}

func (s spent) since(before spent) spent {
	return spent{s.Mallocs - before.Mallocs, s.CPU - before.CPU}
}

// memory is what a process uses, in bytes.
type memory struct {
	Heap  uint64 `json:"heap"`  // Spans in use.
	Stack uint64 `json:"stack"` // Of goroutines.
	RSS   uint64 `json:"rss"`   // What the system counts; 0 where it cannot be read.
}

// settleTime is given to goroutines that are about to end and to what is freed only after a while.
const settleTime = 50 * time.Millisecond

func memoryInUse() (memory, error) {
	// What a pool holds is gone after the second collection; a third frees what that one's finalizers let go.
	for range 3 {
		time.Sleep(settleTime)
		runtime.GC()
	}
	debug.FreeOSMemory()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	rss, err := residentSize()
	return memory{Heap: stats.HeapInuse, Stack: stats.StackInuse, RSS: rss}, err
}

func residentSize() (uint64, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, nil //nolint:nilerr // Not on every system.
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0, fmt.Errorf("cannot read the resident size from %q", text)
	}
	pages, err := strconv.ParseUint(string(fields[1]), 10, 64)
	return pages * uint64(os.Getpagesize()), err
}

// startProfile writes a CPU profile to a file until the returned function is called; no name means none.
func startProfile(name string) (stop func() error, err error) {
	if name == "" {
		return func() error { return nil }, nil
	}
	file, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		_ = file.Close()
		return nil, err
	}
	return func() error {
		pprof.StopCPUProfile()
		return file.Close()
	}, nil
}
