package suite

import (
	"sort"
	"sync"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/spec"
)

// Seen is what the peer was seen to get right in a run. A likely cause that it contradicts is none. The zero value has
// seen nothing, and nil never sees anything. It may be used concurrently.
type Seen struct {
	mu      sync.Mutex
	longest int     // content that came whole
	high    [3]bool // which bytes of a length were 0x80 or above, the upper one first
	header  bool    // a header that came in pieces was understood,
	content bool    // and so was content
}

// right notes that the messages of a stream that was sent in pieces of the given sizes were taken as they are.
func (s *Seen) right(stream []byte, pieces []int) {
	if s == nil {
		return
	}
	cuts := offsets(pieces)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range model.Judge(stream, false).Messages {
		s.length(m.Length)
		s.header = s.header || within(cuts, m.Offset-spec.HeaderLen+1, m.Offset)
		s.content = s.content || within(cuts, m.Offset+1, m.Offset+m.Length)
	}
}

// any reports whether anything was right; of a peer of which that is not noted, it is taken for granted.
func (s *Seen) any() bool {
	if s == nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.longest > 0
}

func (s *Seen) length(n int) {
	s.longest = max(s.longest, n)
	for i, b := range [3]byte{byte(n >> 16), byte(n >> 8), byte(n)} {
		s.high[i] = s.high[i] || b >= 0x80
	}
}

// longestContent returns the length of the longest content that came whole; 0 means that nothing did.
func (s *Seen) longestContent() int {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.longest
}

// highBytes says which bytes of a length were seen to be understood with a value of 0x80 or above, the upper one first.
func (s *Seen) highBytes() [3]bool {
	if s == nil {
		return [3]bool{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.high
}

// cutMessages says whether a header, and content, that came in pieces were seen to be understood.
func (s *Seen) cutMessages() (header, content bool) {
	if s == nil {
		return false, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.header, s.content
}

// offsets returns where a stream is cut that is sent in pieces of the given sizes.
func offsets(pieces []int) []int {
	var cuts []int
	at := 0
	for _, n := range pieces {
		at += n
		cuts = append(cuts, at)
	}
	return cuts
}

// within reports whether one of the cuts, which ascend, lies at or behind from and before to.
func within(cuts []int, from, to int) bool {
	i := sort.SearchInts(cuts, from)
	return i < len(cuts) && cuts[i] < to
}
