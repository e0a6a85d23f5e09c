package vectors

import (
	"fmt"
	"strings"
)

// Error is what [Load] found wrong, where, and what to do about it.
type Error struct {
	// File is the name of the file.
	File string
	// Vector is the vector's ID, or "#N" with its place in the file, from 1, when it has no usable ID; empty when the
	// file as a whole is wrong.
	Vector string
	// Member is the member of the JSON object, such as "segments[2].hex"; empty for the object as a whole.
	Member string
	// Problem is what is wrong.
	Problem string
	// Remedy is what to do.
	Remedy string
}

// Error says where, what and what to do, in one line.
func (e *Error) Error() string {
	where := e.File
	if e.Vector != "" {
		where += fmt.Sprintf(": vector %q", e.Vector)
	}
	if e.Member != "" {
		where += ": " + e.Member
	}
	return where + ": " + e.Problem + "; " + e.Remedy
}

// spot is a place in a file of vectors, to which errors are pinned. Its text is made when there is an error.
type spot struct {
	file, vector string
	path         [3]step
	depth        int
}

// step is a member, or an item of a member that is an array.
type step struct {
	name  string
	item  bool
	index int
}

// at returns the place of a member below s.
func (s spot) at(name string) spot { return s.down(step{name: name}) }

// item returns the place of an item of a member below s.
func (s spot) item(name string, index int) spot { return s.down(step{name, true, index}) }

func (s spot) down(to step) spot {
	if s.depth < len(s.path) {
		s.path[s.depth] = to
		s.depth++
	}
	return s
}

func (s spot) member() string {
	var b strings.Builder
	for i, p := range s.path[:s.depth] {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(p.name)
		if p.item {
			fmt.Fprintf(&b, "[%d]", p.index)
		}
	}
	return b.String()
}

func (s spot) errorf(remedy, format string, args ...any) error {
	return &Error{File: s.file, Vector: s.vector, Member: s.member(), Problem: fmt.Sprintf(format, args...), Remedy: remedy}
}
