package diagnosis

import (
	"regexp"
	"slices"
	"strconv"
	"sync"

	"github.com/oizys-protocol/oizys/conformance/faulty"
)

// lengthSets are those that a mistake with the length itself, or with a buffer, gets wrong, the first that fits being it.
var lengthSets = []struct {
	class string
	has   func(n int) bool
}{
	{faulty.Width, func(n int) bool { return n >= 1<<23 }}, // no sign, or 23 bits
	{faulty.Width, func(n int) bool { return n >= 1<<16 }},
	{faulty.Width, func(n int) bool { return n >= 1<<15 }},
	{faulty.Width, func(n int) bool { return n >= 1<<8 }},
	{faulty.Width, func(n int) bool { return n >= 1<<7 }},
	{faulty.Width, func(n int) bool { return n&0x8000 != 0 }},   // the sign of 16 bits,
	{faulty.Width, func(n int) bool { return n&0x808080 != 0 }}, // of each byte
	{faulty.Boundary, func(n int) bool { return n&0xff == 0xff || n>>8&0xff == 0xff || n>>16 == 0xff }},
	{faulty.Boundary, func(n int) bool { return n%(1<<8) == 0 }},
	{faulty.Boundary, func(n int) bool { return n%(1<<12) == 0 }},
	{faulty.Boundary, func(n int) bool { return n%(1<<16) == 0 }},
}

// ofLengths returns the class that the lengths which went wrong speak for, from those that went well: a length's width
// where too few bits hold none of them, a boundary where they are all above or below one. It is "" where they have
// nothing in common, and where no length went well.
func (o Observation) ofLengths() string {
	failed := map[string]bool{}
	var wrong, right []int
	for _, f := range o.Findings {
		if n := lengthOf(f.Case); n > 0 {
			wrong = append(wrong, n)
		}
		failed[f.Case] = true
	}
	for id := range o.Judged {
		if n := lengthOf(id); n > 0 && !failed[id] && !slices.Contains(wrong, n) {
			right = append(right, n)
		}
	}
	if len(wrong) == 0 || len(right) == 0 {
		return ""
	}
	for _, set := range lengthSets {
		lacks := func(n int) bool { return !set.has(n) }
		if !slices.ContainsFunc(wrong, lacks) && !slices.ContainsFunc(right, set.has) {
			return set.class
		}
	}
	if slices.Min(wrong) > slices.Max(right) || slices.Max(wrong) < slices.Min(right) || len(slices.Compact(slices.Sorted(slices.Values(wrong)))) == 1 {
		return faulty.Boundary
	}
	return ""
}

var lengthCase = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:msg/sizes/(?:sent-(?:longest-)?)?|cli/request/length-|hdr/length/|sess/send-too-long/)(0x[0-9a-f]+|\d+)$`)
})

// lengthOf returns the length of content that a case is about, or 0.
func lengthOf(id string) int {
	found := lengthCase().FindStringSubmatch(id)
	if found == nil {
		return 0
	}
	n, err := strconv.ParseInt(found[1], 0, 32)
	if err != nil {
		return 0
	}
	return int(n)
}
