package faulty

import (
	"slices"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Servers that use memory in ways of their own.
func memoryHabits() []Fault {
	return []Fault{
		{
			Name:        "announced-memory-mapped",
			Description: "Address space for all announced content is taken before any has come, and used only as it comes.",
			mutate: func(do *hooks) {
				do.content = func(s *session, n int) ([]byte, error) {
					mapped, err := unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
					if err != nil {
						return nil, err
					}
					defer unix.Munmap(mapped)
					err = eachPiece(s, n, func(at int, piece []byte) { copy(mapped[at:], piece) })
					if err != nil {
						return nil, err
					}
					return slices.Clone(mapped), nil
				}
			},
		},
		{
			Name:        "memory-reaches-plateau",
			Description: "Each of the first 100 sessions leaves 64 KiB in a pool of buffers, and later ones take them from there.",
			mutate: hoarding(func(do *hooks, all *hoard) {
				var sessions atomic.Int64
				do.open = func(*session) {
					if sessions.Add(1) <= 100 {
						all.add(64 << 10)
					}
				}
			}),
		},
	}
}
