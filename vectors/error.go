package vectors

import "fmt"

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

// spot is a place in a file of vectors, to which errors are pinned.
type spot struct{ file, vector, member string }

func (s spot) errorf(remedy, format string, args ...any) error {
	return &Error{File: s.file, Vector: s.vector, Member: s.member, Problem: fmt.Sprintf(format, args...), Remedy: remedy}
}

// at returns the place of a member below s.
func (s spot) at(format string, args ...any) spot {
	name := fmt.Sprintf(format, args...)
	if s.member != "" {
		name = s.member + "." + name
	}
	s.member = name
	return s
}
