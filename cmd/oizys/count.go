package main

import (
	"fmt"
	"strconv"
)

// count is the value of a flag that is a whole number from 1 on. Left out it is 0, and means what is said of that.
type count[T int | uint64] struct {
	to      *T
	most    T      // 0 means that there is no highest
	without string // what leaving the flag out does
}

// String returns nothing: there is no default to show.
func (c count[T]) String() string { return "" }

// Type names the value in the help.
func (c count[T]) Type() string { return "N" }

// Set takes the number over. The error says what is allowed.
func (c count[T]) Set(text string) error {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err == nil && n >= 1 && (c.most == 0 || T(n) <= c.most):
		*c.to = T(n)
		return nil
	case c.most > 0:
		return fmt.Errorf("it must be a whole number from 1 to %d; leave it out to %s", c.most, c.without)
	default:
		return fmt.Errorf("it must be a whole number, 1 or more; leave it out to %s", c.without)
	}
}
