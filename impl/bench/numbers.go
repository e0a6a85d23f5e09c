package main

import (
	"fmt"
	"strconv"
)

// How numbers are written in tables.

// grouped writes a number in groups of three digits, and one below a hundred with a digit after the point.
func grouped(v float64) string {
	if v < 100 {
		return fmt.Sprintf("%.1f", v)
	}
	digits := strconv.FormatInt(int64(v+0.5), 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// significant writes as many digits as mean something.
func significant(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v < 0.01:
		return fmt.Sprintf("%.1g", v)
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	}
	return grouped(v)
}

// ratio writes a ratio; 0 means that there is none.
func ratio(v float64) string {
	if v == 0 {
		return "-"
	}
	return significant(v)
}

func inverse(v float64) float64 {
	if v == 0 {
		return 0
	}
	return 1 / v
}

func percent(v float64) string { return fmt.Sprintf("%.0f %%", 100*v) }

func allocations(v float64) string { return fmt.Sprintf("%.2f", v) }
