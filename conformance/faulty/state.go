package faulty

import (
	"slices"
	"sync"

	"github.com/oizys-protocol/oizys/spec"
)

func stateFaults() []Fault {
	return []Fault{
		{
			Name: "content-buffer-shared", Class: StateSharing,
			Description: "All sessions read content into one buffer, so that the pieces of one overwrite those of another: a static array in C, a module-level buffer in Node; give each session its own.",
			Breaks:      []string{"srv/isolation", "msg/binary"},
			mutate: func(do *hooks) {
				var mu sync.Mutex
				shared := make([]byte, spec.MaxContentLen)
				do.content = func(s *session, n int) ([]byte, error) {
					err := eachPiece(s, n, func(at int, piece []byte) {
						mu.Lock()
						defer mu.Unlock()
						copy(shared[at:], piece)
					})
					mu.Lock()
					defer mu.Unlock()
					return slices.Clone(shared[:n]), err
				}
			},
		},
	}
}
