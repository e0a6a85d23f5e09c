package live

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// place is a place in the peer's program: whatever is told apart by what tells of coverage.
type place uint64

// counters is the map that a C or C++ peer counts in while it runs: a file that both have in memory, a byte for each place.
// coverage/oizys_coverage.c is the peer's side.
type counters struct{ bytes []byte }

const (
	countersSize = 1 << 16
	countersEnv  = "OIZYS_COVERAGE_MAP"
)

// newCounters makes the map in a directory, and returns what tells the peer of it.
func newCounters(dir string) (c *counters, env string, err error) {
	path := filepath.Join(dir, "coverage.map")
	f, err := os.Create(path)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	if err := f.Truncate(countersSize); err != nil {
		return nil, "", err
	}
	b, err := unix.Mmap(int(f.Fd()), 0, countersSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, "", fmt.Errorf("mapping %s: %w", path, err)
	}
	return &counters{b}, countersEnv + "=" + path, nil
}

func (c *counters) close() error { return unix.Munmap(c.bytes) }

// reset forgets what has run.
func (c *counters) reset() { clear(c.bytes) }

// ran returns the places that have run since the last reset.
func (c *counters) ran() []place {
	var places []place
	for i, n := range c.bytes {
		if n != 0 {
			places = append(places, place(i))
		}
	}
	return places
}

// view is what one lane has seen of the counters.
type view [countersSize]bool

// gains takes over which places have run, and reports whether one is new to the view.
func (v *view) gains(c *counters) (gained bool) {
	for at := 0; at < countersSize; at += 8 {
		if binary.NativeEndian.Uint64(c.bytes[at:]) == 0 {
			continue
		}
		for i := at; i < at+8; i++ {
			if c.bytes[i] != 0 && !v[i] {
				v[i], gained = true, true
			}
		}
	}
	return gained
}

// set makes the view one that has seen these places.
func (v *view) set(places map[place]struct{}) {
	*v = view{}
	for p := range places {
		v[p] = true
	}
}
