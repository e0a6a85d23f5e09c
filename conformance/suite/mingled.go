package suite

import (
	"bytes"
	"fmt"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/spec"
)

// Mingled is what was seen of a server that serves a few sessions well and mixes them once more are open, which must not
// be taken for its capacity.
type Mingled struct {
	// Finding says which session was sent what.
	Finding Finding
	// Sessions is what went over that session, and over the one whose answer it got.
	Sessions []report.Transcript
}

// mingled returns what came over a session that was not its own answer, if anything did while others were open. A server
// whose very first answer is wrong is another case's business.
func (all atOnce) mingled() *Mingled {
	for i, x := range all {
		s := x.conn.Snapshot()
		if len(s.Stray) == 0 {
			continue
		}
		if len(all) == 1 {
			return nil
		}
		m := &Mingled{Sessions: []report.Transcript{x.conn.Transcript()}}
		m.Finding = *broken("each session is sent the answers to its own messages, however many are open",
			fmt.Sprintf("with %s open, session %d %s", count(len(all), "session"), i+1, x.misled(s.Matched == s.Want, s.Stray)))
		for j, other := range all {
			if j != i && bytes.Contains(s.Stray, other.sent[spec.HeaderLen:]) {
				m.Finding.Actual = fmt.Sprintf("with %s open, session %d was sent the answer of session %d", count(len(all), "session"), i+1, j+1)
				m.Finding.Hints = []string{"state is shared between sessions: a table of too few places, an index or a descriptor that is reused while it is in use"}
				m.Sessions = append(m.Sessions, other.conn.Transcript())
				break
			}
		}
		return m
	}
	return nil
}

// misled says what came in place of the session's answer, or behind it.
func (x exchange) misled(answered bool, stray []byte) string {
	if answered {
		return "was sent more than its answer: " + sample(stray)
	}
	return "was sent something else than its answer: " + sample(stray)
}
