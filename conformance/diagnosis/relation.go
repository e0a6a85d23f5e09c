package diagnosis

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// relations returns how what came differs from what was expected, in words that hold for every peer: whether a header's
// length is swapped, cut to its low bytes or off by a few, whether content is longer or shorter.
func relations(expected, actual string) []string {
	got, ok := firstHeader(actual)
	want, known := announced(actual)
	if !known {
		want, known = firstHeader(expected)
	}
	if ok && known {
		return compareHeaders(want, got)
	}
	if ok {
		return nil
	}
	want2, got2 := byteCount(expected), byteCount(actual)
	if want2 < 0 || got2 < 0 {
		return nil
	}
	switch d := got2 - want2; {
	case d == 0:
		return []string{"as long as expected"}
	case 0 < d && d <= few:
		return []string{"a few bytes longer"}
	case -few <= d && d < 0:
		return []string{"a few bytes shorter"}
	case got2 == want2%(1<<8) || got2 == want2%(1<<16):
		return []string{"as long as the low bytes of the length say"}
	case d > 0:
		return []string{"longer"}
	default:
		return []string{"shorter"}
	}
}

const few = 4 // bytes: a header's length, a terminator, a line end

type header struct{ reserved, length int }

func compareHeaders(want, got header) []string {
	var all []string
	switch {
	case got == want:
	case got.sorted() == want.sorted():
		all = append(all, "bytes in another order")
	case got.reserved == 0xff && got.length>>16 == 0xff:
		all = append(all, "filled with the sign")
	}
	if got.reserved != want.reserved {
		all = append(all, "reserved byte differs")
	}
	switch d := got.length - want.length; {
	case d == 0 && len(all) == 0:
		all = append(all, "header as expected")
	case d == 0:
	case got.length == swapped(want.length), got.reserved == want.length&0xff && got.length == want.length>>8&0xff<<8|want.length>>16:
		all = append(all, "length's bytes swapped")
	case d == 4:
		all = append(all, "length with the header's")
	case 0 < d && d < few:
		all = append(all, "length a little more")
	case -few <= d && d < 0:
		all = append(all, "length a little less")
	case got.length == want.length&0xff, got.length == want.length&0xffff:
		all = append(all, "low bytes of the length")
	case printable(got):
		all = append(all, "text where the header should be")
	case d > 0:
		all = append(all, "length more")
	default:
		all = append(all, "length less")
	}
	return all
}

func swapped(n int) int { return n&0xff<<16 | n&0xff00 | n>>16 }

func (h header) bytes() [4]int {
	return [4]int{h.reserved, h.length >> 16, h.length >> 8 & 0xff, h.length & 0xff}
}

func (h header) sorted() [4]int {
	b := h.bytes()
	slices.Sort(b[:])
	return b
}

func printable(h header) bool {
	for _, b := range h.bytes() {
		if b < ' ' || b > '~' {
			return false
		}
	}
	return true
}

var (
	headerWords = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`header(?: is)? ([0-9a-f]{2} [0-9a-f]{2} [0-9a-f]{2} [0-9a-f]{2})`)
	})
	expectedWords = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`expected ([0-9a-f]{2} [0-9a-f]{2} [0-9a-f]{2} [0-9a-f]{2})`)
	})
	countWords = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?:^|[^\w.])(\d[\d,]*) bytes?\b`) })
)

func firstHeader(s string) (header, bool) { return parseHeader(headerWords().FindStringSubmatch(s)) }

func announced(s string) (header, bool) { return parseHeader(expectedWords().FindStringSubmatch(s)) }

func parseHeader(found []string) (header, bool) {
	if found == nil {
		return header{}, false
	}
	n, err := strconv.ParseUint(strings.ReplaceAll(found[1], " ", ""), 16, 32)
	return header{int(n >> 24), int(n & 0xffffff)}, err == nil
}

// byteCount returns the first count of bytes in a sentence, or -1.
func byteCount(s string) int {
	found := countWords().FindStringSubmatch(s)
	if found == nil {
		return -1
	}
	n, err := strconv.Atoi(strings.ReplaceAll(found[1], ",", ""))
	if err != nil {
		return -1
	}
	return n
}
