package scenario

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever is made of a valid scenario is valid, differs mostly, leaves the others alone and depends on the seed alone.
func TestMutate(t *testing.T) {
	g := Generator{Seed: 3, MaxLength: 5000}
	m, same := NewMutator(7, 5000), NewMutator(7, 5000)
	var other Scenario
	g.Fill(1, &other)
	before, changed := other.String(), 0
	n := 5000
	if testing.Short() {
		n = 500
	}
	for i := range uint64(n) {
		var s Scenario
		g.Fill(i, &s)
		was, again := s.String(), s.Clone()
		m.Mutate(&s, &other)
		same.Mutate(again, &other)
		require.NoError(t, s.Check(), "%s, made of %s", &s, was)
		require.Equal(t, s.String(), again.String())
		require.Equal(t, before, other.String())
		back, err := Parse(s.String())
		require.NoError(t, err)
		require.Equal(t, s.AppendWire(nil), back.AppendWire(nil))
		if s.String() != was {
			changed++
		}
	}
	require.Greater(t, changed, n*8/10)
}

// Bytes that change one by one reach what a comparison asks for, and every way to end is tried.
func TestMutateReaches(t *testing.T) {
	m := NewMutator(1, 0)
	s := Scenario{Frames: []Frame{{Length: 6}}}
	closes, first, frames := map[Close]bool{}, map[byte]bool{}, map[int]bool{}
	for range 20_000 {
		c := s.Clone()
		m.Mutate(c, &s)
		closes[c.Close], frames[len(c.Frames)] = true, true
		if wire := c.AppendWire(nil); len(wire) > 4 {
			first[wire[4]] = true
		}
	}
	require.Len(t, closes, 3)
	require.Len(t, first, 256)
	require.Contains(t, frames, 0)
	require.Contains(t, frames, 2)
	require.Contains(t, frames, 3)
}

// Every byte in reach takes every value once, from the last frame on.
func TestStep(t *testing.T) {
	s := Scenario{Frames: []Frame{{Length: 2, Content: Ones}, {Length: 3}, {Length: 0, Reserved: 1}}}
	seen := map[string]bool{}
	for n := 0; ; n++ {
		c := s.Clone()
		if !c.Step(n) {
			require.Equal(t, 5*256, n)
			require.Equal(t, s.String(), c.String())
			break
		}
		require.NoError(t, c.Check())
		wire := c.AppendWire(nil)
		seen[string(wire)] = true
	}
	require.Len(t, seen, 5*256-5+1, "each byte is once what it was")
}
