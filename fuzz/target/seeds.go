package target

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/oizys-protocol/oizys/fuzz/target/operations"
	"github.com/oizys-protocol/oizys/fuzz/target/stream"
	"github.com/oizys-protocol/oizys/vectors"
)

// seedLimit is the longest stream of a golden vector that is used as a seed, in bytes: longer ones only slow engines down.
const seedLimit = 4 * stream.DefaultLimit

// many is how many messages are many: an engine's counters tell so many apart from few.
const many = 10

// fromVectors makes a seed of each golden vector that shows something of its own; of equal ones it keeps the first.
func fromVectors(make func(v *vectors.Vector) []byte) ([]Seed, error) {
	set, err := vectors.Embedded()
	if err != nil {
		return nil, err
	}
	var seeds []Seed
	seen := map[string]bool{}
	for _, v := range telling(set.All()) {
		data := make(v)
		if !seen[string(data)] {
			seen[string(data)] = true
			seeds = append(seeds, Seed{Name: strings.ReplaceAll(v.ID, "/", "_"), Data: data})
		}
	}
	if len(seeds) == 0 {
		return nil, errors.New("no golden vector is short enough to be a seed")
	}
	return seeds, nil
}

// telling returns, of the vectors that are about the same requirement, end alike for the targets' decoder and have as many
// messages (none, one, few or many), the one with the shortest stream: the others reach no code that it does not, and an
// engine makes them of it.
func telling(all []*vectors.Vector) []*vectors.Vector {
	by := map[string]*vectors.Vector{}
	for _, v := range all {
		if v.Kind != vectors.KindStream || v.WireLength == 0 || v.WireLength > seedLimit {
			continue
		}
		count := min(len(v.Messages), 2)
		if len(v.Messages) >= many {
			count = many
		}
		key := fmt.Sprint(v.Requirements[0], v.Outcome.State, v.Outcome.Error, v.EndOfStream, count, stream.TooLong(v.Wire(), stream.DefaultLimit))
		if first, there := by[key]; !there || v.WireLength < first.WireLength {
			by[key] = v
		}
	}
	var chosen []*vectors.Vector
	for _, v := range by {
		chosen = append(chosen, v)
	}
	slices.SortFunc(chosen, func(a, b *vectors.Vector) int { return cmp.Compare(a.ID, b.ID) })
	return chosen
}

func wires() ([]Seed, error) { return fromVectors((*vectors.Vector).Wire) }

func chunkedWires() ([]Seed, error) {
	return fromVectors(func(v *vectors.Vector) []byte { return stream.Piecewise(v.Wire(), pieceSize(v)) })
}

// pieceSize returns the size of the pieces that the vector begins with; the largest if it asks for none.
func pieceSize(v *vectors.Vector) int {
	if len(v.Pieces) == 0 {
		return 32
	}
	return min(v.Pieces[0], 32)
}

// scripts are the short golden vectors as frame scripts, and a script with every action: a script makes a long stream of a
// few bytes.
func scripts() ([]Seed, error) {
	seeds, err := fromVectors(func(v *vectors.Vector) []byte { return stream.ScriptOf(v.Wire(), v.EndOfStream) })
	seeds = slices.DeleteFunc(seeds, func(s Seed) bool { return len(s.Data) > 100 })
	return append(seeds, Seed{"script_every-action", stream.EveryAction()}, Seed{"script_valid", []byte{0, 0, 0}}), err
}

// sessions are the short golden vectors, sent to a session with both handlers, and every operation in a row.
func sessions() ([]Seed, error) {
	seeds, err := fromVectors(func(v *vectors.Vector) []byte { return operations.Receiving(v.Wire(), v.EndOfStream) })
	seeds = slices.DeleteFunc(seeds, func(s Seed) bool { return len(s.Data) > 255 })
	return append(seeds, Seed{"operations_every", operations.EveryAction()}), err
}
