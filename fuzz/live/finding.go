package live

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/scenario"
	"github.com/oizys-protocol/oizys/spec"
)

// Finding is one kind of failure, confirmed.
type Finding struct {
	// Key is its kind, by which findings are told apart, such as "no-close hold empty-message".
	Key string `json:"key"`
	// Level is how strongly the rule binds that is broken: MUST or SHOULD.
	Level spec.Level `json:"level"`
	// Requirement is the ID of the main rule that is broken.
	Requirement string `json:"requirement"`
	// Actual says what was seen.
	Actual string `json:"actual"`
	// Acts is what shows it, made small, as text; the peer is fresh.
	Acts string `json:"acts"`
	// Index is that of the plan's act that showed it first; -1 for none.
	Index int64 `json:"index"`
	// Hits of Tries replays on a fresh peer have shown it.
	Hits  int `json:"hits"`
	Tries int `json:"tries"`
	// Beside says that it was seen only when acts were played beside each other, as they were when it was found.
	Beside bool `json:"beside,omitempty"`
	// Unminimised says that there was no time to make it small, or not to the end.
	Unminimised bool `json:"not_minimised,omitempty"`
	// AfterMS is when it was first seen, from the begin of the run; Seen how often its kind came in all.
	AfterMS float64 `json:"after_ms"`
	Seen    int     `json:"seen"`
	// Replay is a command that shows it again; Saved the folder in which it lies.
	Replay string `json:"replay"`
	Saved  string `json:"saved,omitempty"`
	// Sessions are the bytes of the last replay, PeerOutput and PeerExit what the peer printed and how it ended.
	Sessions   []report.Transcript `json:"sessions,omitempty"`
	PeerOutput string              `json:"peer_output,omitempty"`
	PeerExit   string              `json:"peer_exit,omitempty"`

	acts     []Act
	again    int64 // how often it came again; lanes count beside each other
	deadline bool
	shape    shape
}

// observation is one failure that was seen.
type observation struct {
	key, actual string
	plain       string // for what was seen of sessions beside each other: the key that it would have alone
	requirement string
	level       spec.Level
	exit        string
	printed     string
	sessions    []report.Transcript
	deadline    bool
	outside     bool // the peer was ended by a signal that it does not send itself
	lone        bool // the key says all: it was not the scenario's stream that did it
}

// observe makes an observation of what came of an act.
func observe(a *Act, out outcome) observation {
	r := out.result
	what := []string{a.List[out.which].Close.String(), string(r.Prediction.End)}
	if r.Breach == scenario.WrongBytes {
		what = []string{"in-" + field(a, out)}
	}
	key := append([]string{r.Breach.String()}, what...)
	plain := ""
	switch a.Mode {
	case Together:
		plain = strings.Join(key, " ")
		key = slices.Insert(key, 1, a.Mode.String())
	case Idle:
		key = slices.Insert(key, 1, a.Mode.String())
	}
	level := r.Breach.Level()
	if level == "" { // nobody listens, at a socket where the peer did before
		level = spec.Must
	}
	return observation{
		key: strings.Join(key, " "), plain: plain, actual: r.String(), level: level, requirement: requirement(a, r),
		deadline: r.Breach.ByDeadline(),
	}
}

// kind returns the finding that the observation is one of, or nil. What fails in the same way alone is not another kind
// beside others.
func (h *hunter) kind(o observation) *Finding {
	if f := h.known[o.key]; f != nil || o.plain == "" {
		return f
	}
	return h.known[o.plain]
}

// field says in which part of an answer the first wrong byte is.
func field(a *Act, out outcome) string {
	at := 0
	s := &a.List[out.which]
	for i := range s.Frames {
		if size := s.Frames[i].Size(); out.result.Matched >= at+size {
			at += size
			continue
		}
		break
	}
	if out.result.Matched-at < spec.HeaderLen {
		return "header"
	}
	return "content"
}

// requirement returns the ID of the rule that a breach breaks.
func requirement(a *Act, r scenario.Result) string {
	switch {
	case r.Breach.Level() == spec.Should:
		return "hdr/reserved-nonzero"
	case r.Breach == scenario.NoConnection, r.Breach == scenario.Refused:
		return "srv/serves-again"
	case a.Mode == Together:
		return "srv/isolation"
	case a.Mode == Idle:
		return "stream/idle"
	}
	switch r.Breach {
	case scenario.WrongBytes:
		return "msg/binary"
	case scenario.ExtraBytes:
		switch end := r.Prediction.End; end {
		case model.Open, model.EndOfStream:
			return "stream/unsolicited"
		case model.TruncatedHeader, model.TruncatedContent: // behind which nothing comes
			return end.Requirement()
		default:
			return "close/nothing-after"
		}
	case scenario.NoClose:
		return r.Prediction.End.Requirement()
	default:
		return "stream/order"
	}
}

// died is the observation of a peer that has ended.
func died(exit, printed string, outside bool) observation {
	o := observation{
		key: "died " + exit, actual: "the peer's process ended: " + exit, level: spec.Must, requirement: "srv/stays-up",
		exit: exit, printed: printed, outside: outside, lone: true,
	}
	if said, ok := complaint(printed); ok {
		o.key += " " + said.kind
		o.actual += fmt.Sprintf("; it printed %q", said.line)
	}
	return o
}
