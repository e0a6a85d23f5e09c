package main

import (
	"errors"
	"fmt"
)

// The exit codes of every command.
const (
	exitDone         = 0 // conforming, or done
	exitFound        = 1 // non-conforming, or something was found
	exitUsage        = 2 // the command line, a file it names or the machine does not let the command begin
	exitInconclusive = 3 // the command ran and could not judge
)

// exitError is an error that knows the exit code it ends the program with.
type exitError struct {
	code int
	err  error
}

// Error returns the sentence to show; it is empty when the command has said all there is to say.
func (e exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

// Unwrap returns the cause.
func (e exitError) Unwrap() error { return e.err }

// usageErrorf returns an error that ends the program with exitUsage.
func usageErrorf(format string, args ...any) error {
	return exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// codeOf returns the exit code for what a command returned. An error of the command-line library is a usage error.
func codeOf(err error) int {
	var known exitError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &known):
		return known.code
	default:
		return exitUsage
	}
}
