package report

import (
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
	"sync"
)

// Recording is what went over a case's sessions, as much of it as judging the case again needs. Of bytes that the peer
// sent back as they had come only the number is kept, and of those that the suite sent a checksum, since the suite makes
// them anew: the recording of a case that passed is some hundred bytes, however long its messages.
type Recording struct {
	Sessions []Tape `json:"sessions,omitempty"`
	// Runs are those of a client or a driver, in order.
	Runs []Run `json:"runs,omitempty"`
	// Presents is how a client presents a reply, where that is known.
	Presents *Presents `json:"presents,omitempty"`
	// Missing says why the case cannot be judged again from what is here; empty means that it can.
	Missing string `json:"missing,omitempty"`
}

// Tape is one session as the suite saw it.
type Tape struct {
	// Name tells the case's sessions apart.
	Name string `json:"name"`
	// Sent is how many bytes the suite sent, and Sum their CRC-32 (Castagnoli).
	Sent int64  `json:"sent"`
	Sum  uint32 `json:"sum"`
	// Echoed is how many bytes came that were the first ones of those that were sent; Rest is what came behind them, in hex.
	Echoed int64  `json:"echoed"`
	Rest   string `json:"rest,omitempty"`
	// Flow says when bytes came: pairs "sent:received" with a space between, of which each says that so many bytes had been
	// received in all when so many had been sent. A writing side that is shut down counts as one more byte sent.
	Flow string `json:"flow,omitempty"`
	// Ended is how the peer ended the stream, empty if it did not, and EndedAt how many bytes had been sent when that was
	// seen; Refused is true if a write found the connection closed.
	Ended   string `json:"ended,omitempty"`
	EndedAt int64  `json:"ended_at,omitempty"`
	Refused bool   `json:"refused,omitempty"`
	// Waited is true if a deadline passed on the session.
	Waited bool `json:"waited,omitempty"`
}

// castagnoli is made when it is first needed: making it takes a good part of a short process's time.
var castagnoli = sync.OnceValue(func() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) })

// AddSum returns the checksum, as recordings have it, of bytes of which sum is that of the ones before b; that of no bytes
// is 0. It may be called concurrently.
func AddSum(sum uint32, b []byte) uint32 { return crc32.Update(sum, castagnoli(), b) }

// Mark is one pair of a tape's flow.
type Mark struct{ Sent, Received int64 }

// FlowOf writes marks as a tape's flow.
func FlowOf(marks []Mark) string {
	words := make([]string, len(marks))
	for i, m := range marks {
		words[i] = fmt.Sprintf("%d:%d", m.Sent, m.Received)
	}
	return strings.Join(words, " ")
}

// Marks reads the flow. The error wraps [ErrInvalid].
func (t *Tape) Marks() ([]Mark, error) {
	var marks []Mark
	last := Mark{}
	for _, word := range strings.Fields(t.Flow) {
		sent, received, ok := strings.Cut(word, ":")
		m := Mark{}
		var err1, err2 error
		m.Sent, err1 = strconv.ParseInt(sent, 10, 64)
		m.Received, err2 = strconv.ParseInt(received, 10, 64)
		if !ok || err1 != nil || err2 != nil || m.Sent < last.Sent || m.Received <= last.Received || m.Sent > t.Sent+1 {
			return nil, invalid("a recording's flow has %q behind %d:%d", word, last.Sent, last.Received)
		}
		marks = append(marks, m)
		last = m
	}
	if all := t.Echoed + int64(len(t.Rest)/2); last.Received != all || t.Echoed > t.Sent || t.Echoed < 0 {
		return nil, invalid("a recording's flow is of %d bytes, and %d came", last.Received, all)
	}
	return marks, nil
}
