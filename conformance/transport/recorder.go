package transport

import (
	"encoding/hex"
	"sync"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
)

const (
	maxHead  = 48  // events kept from a transcript's beginning
	maxTail  = 48  // and from its end
	maxBytes = 256 // bytes kept of one event
)

// recorder keeps the first and the last events of a connection.
type recorder struct {
	mu      sync.Mutex
	name    string
	start   time.Time
	head    []event
	tail    []event // a ring once it is full
	next    int     // where the ring goes on
	dropped int
	closed  bool
}

// event is a report.Event whose bytes are not yet written as hex: most transcripts are never looked at.
type event struct {
	at        time.Duration
	direction report.Direction
	offset    int64
	length    int
	bytes     []byte
	note      string
}

func (r *recorder) begin(name string) {
	r.name, r.start = name, time.Now()
}

func (r *recorder) bytes(d report.Direction, offset int64, b []byte) {
	r.add(event{direction: d, offset: offset, length: len(b), bytes: append([]byte(nil), b[:min(len(b), maxBytes)]...)})
}

func (r *recorder) note(d report.Direction, note string) { r.add(event{direction: d, note: note}) }

func (r *recorder) once(d report.Direction, note string) {
	r.mu.Lock()
	seen := r.closed
	r.closed = true
	r.mu.Unlock()
	if !seen {
		r.add(event{direction: d, note: note})
	}
}

func (r *recorder) add(e event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.at = time.Since(r.start)
	switch {
	case len(r.head) < maxHead:
		r.head = append(r.head, e)
	case len(r.tail) < maxTail:
		r.tail = append(r.tail, e)
	default:
		r.tail[r.next] = e
		r.next = (r.next + 1) % maxTail
		r.dropped++
	}
}

func (r *recorder) transcript() report.Transcript {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := report.Transcript{Name: r.name, Dropped: r.dropped}
	for _, part := range [][]event{r.head, r.tail[r.next:], r.tail[:r.next]} {
		for _, e := range part {
			t.Events = append(t.Events, report.Event{
				AtMS:      float64(e.at.Microseconds()) / 1000,
				Direction: e.direction,
				Offset:    e.offset,
				Length:    e.length,
				Hex:       hex.EncodeToString(e.bytes),
				Note:      e.note,
			})
		}
	}
	return t
}
