package scenario

import (
	"encoding/hex"
	"slices"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// recorder keeps what went over a connection, as evidence. All methods of a nil recorder do nothing.
type recorder struct {
	transcript report.Transcript
	start      time.Time
	offset     map[report.Direction]int64
}

// Caps of what is kept of one connection.
const (
	maxEvents     = 400
	maxEventBytes = 256
)

func newRecorder(name string) *recorder {
	return &recorder{transcript: report.Transcript{Name: name}, start: time.Now(), offset: map[report.Direction]int64{}}
}

func (r *recorder) bytes(d report.Direction, b []byte) {
	if r == nil {
		return
	}
	at := r.offset[d]
	r.offset[d] += int64(len(b))
	r.add(report.Event{Direction: d, Offset: at, Length: len(b), Hex: hex.EncodeToString(b[:min(len(b), maxEventBytes)])})
}

func (r *recorder) note(d report.Direction) {
	if r != nil {
		r.add(report.Event{Direction: d})
	}
}

// add keeps the first events and the last ones.
func (r *recorder) add(e report.Event) {
	e.AtMS = float64(time.Since(r.start).Microseconds()) / 1000
	if len(r.transcript.Events) >= maxEvents {
		r.transcript.Events = slices.Delete(r.transcript.Events, maxEvents/2, maxEvents/2+1)
		r.transcript.Dropped++
	}
	r.transcript.Events = append(r.transcript.Events, e)
}
