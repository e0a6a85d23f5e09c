package scenario

import (
	"bytes"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/report"
)

// session is one connection under way, and where in its scenario it is.
type session struct {
	s      *Scenario
	fd     int // -1 when there is no connection
	wire   []byte
	result Result
	stray  []byte
	broken bool // a write found the connection closed
	keep   bool // the connection is for another scenario

	frame, at int  // the next frame that may wait for answers, and where in the wire it begins
	cut       int  // the next cut
	naps      int  // turns spent on waiting for a peer that did not take a piece
	failed    bool // there is a breach
	record    *recorder
}

// load makes the session ready for a scenario; the connection stays as it is.
func (x *session) load(s *Scenario) {
	wire := x.wire[:0]
	if cap(wire) > keepWire {
		wire = nil
	}
	*x = session{s: s, fd: x.fd, wire: s.AppendWire(wire), stray: x.stray[:0], record: x.record}
	x.result.Prediction = s.Predict(x.wire)
}

// next continues the session with another scenario.
func (x *session) next(s *Scenario) { x.load(s) }

// more reports whether something is left to be sent to a peer that is there to take it.
func (x *session) more() bool {
	return x.fd >= 0 && !x.failed && !x.broken && !x.result.Closed && len(x.stray) == 0 && x.result.Sent < len(x.wire)
}

// awaits returns up to where answers must have come before the next byte is sent.
func (x *session) awaits() int {
	sent, valid := x.result.Sent, x.result.Prediction.Valid
	target := 0
	for x.frame < len(x.s.Frames) && x.at <= sent {
		if f := &x.s.Frames[x.frame]; f.Await && x.at == sent && sent <= valid {
			target = sent
		}
		x.at += x.s.Frames[x.frame].Size()
		x.frame++
	}
	return target
}

// piece returns the bytes of the next write, and whether it begins at a cut.
func (x *session) piece() (piece []byte, atCut bool) {
	sent := x.result.Sent
	for x.cut < len(x.s.Cuts) && x.s.Cuts[x.cut] <= sent {
		atCut = x.s.Cuts[x.cut] == sent
		x.cut++
	}
	end := len(x.wire)
	if x.cut < len(x.s.Cuts) {
		end = x.s.Cuts[x.cut]
	}
	at := x.at
	for i := x.frame; i < len(x.s.Frames) && at < end; i++ {
		if x.s.Frames[i].Await && at > sent {
			end = at
		}
		at += x.s.Frames[i].Size()
	}
	return x.wire[sent:end], atCut
}

// received holds what came against the prediction.
func (x *session) received(b []byte) {
	x.record.bytes(report.Received, b)
	expected := x.wire[x.result.Matched:x.result.Prediction.Valid]
	n := min(len(b), len(expected))
	if len(x.stray) == 0 {
		if !bytes.Equal(b[:n], expected[:n]) {
			for n = 0; b[n] == expected[n]; {
				n++
			}
		}
		x.result.Matched += n
		b = b[n:]
	}
	x.stray = append(x.stray, b[:min(len(b), maxStray-len(x.stray))]...)
}

// fail gives the session its breach; the first one stays.
func (x *session) fail(b Breach) {
	if !x.failed {
		x.failed = true
		x.result.Breach = b
	}
}

// judgeStray gives the session its breach when bytes came that were not predicted.
func (x *session) judgeStray() {
	if len(x.stray) == 0 || x.failed {
		return
	}
	p := x.result.Prediction
	x.result.Stray = x.stray
	switch {
	case x.result.Matched < p.Valid:
		x.fail(WrongBytes)
	case p.End == model.Reserved && x.lenient():
		x.fail(ReservedIgnored)
	default:
		x.fail(ExtraBytes)
	}
}

// lenient reports whether what came is what a peer sends that takes the reserved byte for nothing: it answers the
// message, or leaves it out and goes on with the next.
func (x *session) lenient() bool {
	rest := x.wire[x.result.Prediction.Valid:]
	return bytes.HasPrefix(model.LenientEcho(rest, true), x.stray) || bytes.HasPrefix(model.LenientEcho(rest, false), x.stray)
}
