package suite

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/oizys-protocol/oizys/conformance/transport"
)

// onMessage sets the message handler. With the handler "send", each message is answered with the content.
func (d *driven) onMessage(handler string, answer ...part) {
	d.ok(command{Do: "on_message", Session: d.name, Handler: handler, Content: answer})
}

// onClose sets the close handler.
func (d *driven) onClose(handler string, farewell ...part) {
	d.ok(command{Do: "on_close", Session: d.name, Handler: handler, Content: farewell})
}

// both sets plain handlers.
func (d *driven) both() {
	d.onClose("plain")
	d.onMessage("plain")
}

// send has the driver send a message, which is expected on the wire, and returns what it says of its queue.
func (d *driven) send(content ...part) line {
	d.expectMessage(content...)
	return d.ok(command{Do: "send", Session: d.name, Content: content})
}

// expect adds to what is to come on the wire; it must be called before that is caused.
func (d *driven) expect(b []byte) {
	if d.f == nil {
		d.conn.Expect(b)
	}
}

// expectMessage expects the message with the given content; see expect.
func (d *driven) expectMessage(content ...part) {
	for _, piece := range pieces(content) {
		d.expect(piece)
	}
}

// longBlock is how much of a long stretch is made: the same block stands in the message time and again.
const longBlock = 64 << 10

// pieces returns the message with the given content, in pieces that may share their bytes.
func pieces(content []part) [][]byte {
	length := 0
	var all [][]byte
	for _, p := range content {
		unit, _ := hex.DecodeString(p.Hex) // the judge's own
		left := max(p.Count, 1) * len(unit)
		length += left
		block := bytes.Repeat(unit, min(max(p.Count, 1), 1+longBlock/max(len(unit), 1)))
		for ; left > 0; left -= len(block) {
			block = block[:min(left, len(block))]
			all = append(all, block)
		}
	}
	header := rawFrame(0, length, nil)
	if len(all) > 0 && len(all[0]) < longBlock {
		all[0] = append(header, all[0]...) // a short message is one piece
		return all
	}
	return append([][]byte{header}, all...)
}

func (d *driven) close()   { d.ok(command{Do: "close", Session: d.name}) }
func (d *driven) release() { d.ok(command{Do: "release", Session: d.name}) }

// literal is content written out.
func literal(b []byte) part { return part{Hex: hex.EncodeToString(b)} }

func words(s string) part { return literal([]byte(s)) }

// write sends bytes to the driver's session, in pieces if there are any.
func (d *driven) write(b []byte, pieces ...int) {
	if d.f != nil {
		return
	}
	err := d.conn.SendPieces(b, pieces)
	switch {
	case errors.Is(err, transport.ErrStalled):
		d.fail("the session reads what is sent to it", err.Error(), true)
	case err != nil && !errors.Is(err, transport.ErrPeerClosed):
		d.f = unjudged(err)
	}
}

// endOfStream shuts down the judge's writing side.
func (d *driven) endOfStream() {
	if d.f == nil {
		if err := d.conn.HalfClose(); err != nil {
			d.f = unjudged(err)
		}
	}
}

// next waits for the next event of a kind in the session, of which some were taken already.
func (d *driven) next(kind string, taken int, expected string) (line, bool) {
	if d.f != nil {
		return line{}, false
	}
	var found line
	err := d.talk.until(d.ctx, d.env.Patience, func() bool {
		n := 0
		for _, e := range d.talk.events {
			if e.Session == d.name && e.Event == kind {
				if n++; n > taken {
					found = e
					return true
				}
			}
		}
		return false
	})
	d.lost(err, expected)
	return found, d.f == nil
}

// delivers wants messages delivered, in this order.
func (d *driven) delivers(contents ...[]byte) {
	for i, want := range contents {
		expected := fmt.Sprintf("message %d of %d delivered: %s", i+1, len(contents), count(len(want), "byte"))
		e, ok := d.next("message", d.messages, expected)
		if !ok {
			return
		}
		d.messages++
		sum := sha256.Sum256(want)
		if *e.Length != len(want) || e.SHA256 != hex.EncodeToString(sum[:]) {
			d.fail(expected, fmt.Sprintf("delivered was another: %s", shown(e)), false)
		} else if e.Hex != nil && *e.Hex != hex.EncodeToString(want) {
			d.f = unjudged(fmt.Errorf("%w: the hex of a message is not what its sha256 is of: %s", errContract, quoted([]byte(*e.Hex))))
		}
	}
}

// closes wants the close handler called: with an error, or without one.
func (d *driven) closes(withError bool) line {
	want := "without an error"
	if withError {
		want = "with an error"
	}
	expected := "the close handler runs, " + want
	e, ok := d.next("close", d.closesTaken(), expected)
	if ok && (e.Error != nil) != withError {
		if d.rule != "sess/close-late-handler" {
			d.rule = map[bool]string{true: "sess/close-cause", false: "sess/close-local"}[withError]
		}
		d.fail(expected, fmt.Sprintf("it ran with %s", causeOf(e)), false)
	}
	return e
}

func (d *driven) closesTaken() int {
	d.closed++
	return d.closed - 1
}

// did wants a handler's action done, with the given success, without a deadlock.
func (d *driven) did(do string, ok bool) {
	expected := fmt.Sprintf("%s, called within a handler, returns", do)
	e, came := d.next("did", d.dids, expected)
	if !came {
		return
	}
	d.dids++
	switch {
	case e.Do != do:
		d.f = unjudged(fmt.Errorf("%w: the handler was to %s, and did %s", errContract, do, quoted([]byte(e.Do))))
	case *e.OK != ok && ok:
		d.fail(do+" within the handler succeeds", "it was refused: "+quoted([]byte(*e.Error)), false)
	case *e.OK != ok:
		d.fail(do+" within the handler is refused", "it succeeded", false)
	}
}

// reads begins to take what the driver sends.
func (d *driven) reads() {
	if d.f == nil {
		d.conn.Read()
	}
}

// arrives wants all that is expected on the wire, and nothing else before it.
func (d *driven) arrives() {
	if d.f != nil {
		return
	}
	d.conn.Read()
	s, err := d.conn.AwaitExpected(d.ctx)
	expected := fmt.Sprintf("%s on the wire, as they stand in the messages that were sent", count(int(s.Want), "byte"))
	d.judgeWire(s, err, expected)
}

func (d *driven) judgeWire(s transport.State, err error, expected string) {
	switch {
	case len(s.Stray) > 0:
		d.fail(expected, fmt.Sprintf("behind byte %s came %s", group(int(s.Matched)), sample(s.Stray)), false)
		if d.f.Requirement == "" {
			d.f.Requirement = d.wireRule(s)
		}
	case s.Matched == s.Want && err == nil:
	case s.Ended != "":
		d.fail(expected, fmt.Sprintf("the session was closed (%s) after %s of them", s.Ended, count(int(s.Matched), "byte")), false)
	case errors.Is(err, transport.ErrStalled):
		d.fail(expected, fmt.Sprintf("within the deadline came %s of them", count(int(s.Matched), "byte")), true)
	case err != nil:
		d.f = unjudged(err)
	}
}

// wireRule names the requirement that a message breaks whose first header is wrong; empty for anything else.
func (d *driven) wireRule(s transport.State) string {
	switch {
	case s.Matched >= 4 || len(s.Next) == 0:
		return ""
	case s.Matched == 0 && s.Stray[0] != 0:
		return "hdr/reserved-zero"
	default:
		return "hdr/length"
	}
}

// hangsUp wants the session's connection closed by the driver, and nothing sent before.
func (d *driven) hangsUp() {
	if d.f != nil {
		return
	}
	d.conn.Read()
	s, err := d.conn.AwaitEnd(d.ctx)
	switch {
	case len(s.Stray) > 0:
		d.fail("the connection closed, and nothing sent before", "there came "+sample(s.Stray), false)
	case s.Ended != "":
	case errors.Is(err, transport.ErrStalled):
		d.fail("the connection closed", fmt.Sprintf("it was open %v later", d.conn.Patience()), true)
	case err != nil:
		d.f = unjudged(err)
	}
}

// lives proves that the session is open both ways: a message comes in and one goes out.
func (d *driven) lives() {
	in, out := []byte("still open?"), []byte("still open.")
	d.write(frame(in))
	d.delivers(in)
	d.send(literal(out))
	d.arrives()
}
