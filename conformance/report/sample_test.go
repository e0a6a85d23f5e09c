package report

import (
	"fmt"
	"strings"
	"time"
)

// nasty is peer output that tries everything: ANSI, NUL, invalid UTF-8, markup of every format.
const nasty = "\x1b[2J\x1b]0;owned\x07 ]]> </failure> `tick` ```` | pipe \\| *bold* <script>alert(1)</script> &amp; \x00\x08\x0b \xff\xfe \ufffe \u202eevil\u009b31m\r\nsecond line\tend\n"

// sample returns a report that has every verdict and hostile bytes wherever a peer could put them.
func sample() *Report {
	cases := []Case{
		{ID: "msg/echo/hi", Title: "The message Hi comes back", Requirements: []string{"msg/binary"}, Verdict: Pass, DurationMS: 0.21,
			Replay: "oizys certify --case msg/echo/hi -- ./echo {socket}"},
		lengthFailure(),
		{ID: "msg/hostile/text", Title: "A reply that is full of | markup <b> `code`", Requirements: []string{"msg/binary"}, Verdict: Fail,
			Expected: `the message "Hi" comes back`, Actual: "got " + nasty, DurationMS: 3.5,
			Replay:   "oizys certify --case msg/hostile/text -- './ec`ho|' {socket}",
			Evidence: &Evidence{Requirements: []Rule{binaryRule()}, PeerOutput: nasty, PeerExit: "signal: broken pipe"}},
		{ID: "srv/harness/fault", Title: "A case that the suite could not run", Requirements: []string{"srv/stays-up"}, Verdict: Error,
			Expected: "a verdict", Actual: "the socket directory vanished", DurationMS: 1},
		{ID: "close/on-error/latency", Title: "How long closing takes", Requirements: []string{"close/on-error"}, Verdict: Info,
			Actual: "closed 0.4 ms after the error", DurationMS: 0.9, Measured: map[string]float64{"closed_after_ms": 0.4, "attempts": 3}},
		{ID: "stream/half-close/replies", Title: "Replies after a half-close", Requirements: []string{"close/end-of-stream"}, Verdict: Info,
			Actual: "replies were still sent", DurationMS: 0.4},
	}
	for i := range 12 {
		cases = append(cases, reserved(i+1, Warn))
	}
	for i := range 5 {
		cases = append(cases, Case{ID: fmt.Sprintf("srv/concurrent/%d", i+2), Title: "Several sessions at once", Requirements: []string{"srv/isolation"},
			Verdict: Skip, Actual: "the peer serves one session at a time"})
	}
	cases = append(cases, Case{ID: "srv/releases/memory", Title: "Memory comes back", Requirements: []string{"srv/releases"}, Verdict: Skip,
		Actual: "the peer is attached: its process is not known"})
	cases = append(cases, pipelineFailure())
	return reportOf(cases)
}

// pipelineFailure is a flaky case with a long transcript, out of which events were dropped.
func pipelineFailure() Case {
	events := []Event{{AtMS: 0.1, Direction: Sent, Length: 300_000, Hex: strings.Repeat("0000000161", 12)}}
	for i := range 60 {
		offset := int64(i * 5)
		if i >= 30 {
			offset += 5000
		}
		events = append(events, Event{AtMS: 0.2 + float64(i)/10, Direction: Received, Offset: offset, Length: 5, Hex: "0000000161"})
	}
	events = append(events, Event{AtMS: 7, Direction: Closed})
	return Case{
		ID: "stream/order/pipelined", Title: "60,000 messages without waiting", Requirements: []string{"stream/order", "stream/duplex"}, Verdict: Fail,
		Expected: "every message comes back once, in order", Actual: `message 31 came back as "a  a", two spaces`, DurationMS: 7.2,
		Replay:   "oizys certify --case stream/order/pipelined --seed 42 -- ./echo {socket}",
		Verdicts: []Verdict{Fail, Pass, Fail}, Flaky: true,
		Evidence: &Evidence{Requirements: []Rule{}, Sessions: []Transcript{{Events: events, Dropped: 1000}}},
	}
}

// reportOf returns a report of the given cases, decided as a run would.
func reportOf(cases []Case) *Report {
	r := &Report{
		Schema: Schema, Role: "server", Seed: 42, Jobs: 2, Repeat: 1, Complete: true,
		Suite:   Suite{Version: "0.1.0", VectorsDigest: "sha256:3f2a9c0d11e2f3a4b5c6d7e8f90a1b2c", Cases: len(cases) + 40},
		Peer:    Peer{Command: []string{"./echo", "{socket}"}, Sessions: 1, RoundTripMS: 0.04, DeadlineMS: 1000, Starts: 3, Output: nasty, Exit: "exit status 1"},
		Started: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), DurationMS: 1432.5, Cases: cases,
	}
	r.Summary = Count(cases)
	r.Result, r.Why = Decide(r.Summary, r.Complete, r.Strict)
	return r
}

func binaryRule() Rule {
	return Rule{ID: "msg/binary", Level: "MUST", Statement: "Content is binary: every byte value, in any order, arrives unmodified.", Source: `liboizys, "Message Content"`}
}

// lengthFailure is a peer that reads the length with its least significant byte first.
func lengthFailure() Case {
	return Case{
		ID: "hdr/length/256", Title: "Content of 256 bytes", Requirements: []string{"hdr/length"}, Verdict: Fail,
		Expected: "the message of 256 bytes comes back", Actual: "a message of 1 byte came back, then the connection was closed",
		DurationMS: 1003.2, Replay: "oizys certify --case hdr/length/256 --seed 42 -- ./echo {socket}",
		Evidence: &Evidence{
			Requirements: []Rule{{ID: "hdr/length", Level: "MUST", Source: `liboizys, "header"`,
				Statement: "Bytes 1 to 3 of the header are the content's length in bytes, unsigned, most significant byte first."}},
			Hints: []string{"the length is read least significant byte first", "only the last byte of the length is read"},
			Sessions: []Transcript{{Name: "a", Events: []Event{
				{AtMS: 0.1, Direction: Sent, Length: 260, Hex: "00000100" + strings.Repeat("41", 60)},
				{AtMS: 0.3, Direction: Received, Length: 5, Hex: "0000000141"},
				{AtMS: 0.31, Direction: Received, Offset: 5, Length: 3, Hex: "000001"},
				{AtMS: 1003, Direction: PeerClosed, Note: "end of file"},
			}}},
			PeerOutput: "listening\npanic: short read\n", PeerExit: "exit status 2",
		},
	}
}

// reserved is a peer that ignores a reserved byte.
func reserved(b int, v Verdict) Case {
	id := fmt.Sprintf("hdr/reserved-nonzero/%02x", b)
	return Case{
		ID: id, Title: fmt.Sprintf("A header whose reserved byte is 0x%02x", b), Requirements: []string{"hdr/reserved-nonzero"}, Verdict: v,
		Expected: "the session is closed", Actual: fmt.Sprintf(`the message "%c" behind reserved byte 0x%02x was echoed`, 'a'+b%26, b),
		DurationMS: 0.5, Replay: "oizys certify --case " + id + " -- ./echo {socket}",
		Evidence: &Evidence{
			Requirements: []Rule{{ID: "hdr/reserved-nonzero", Level: "SHOULD", Source: "seen of liboizys 1.0.0",
				Statement: "A receiver closes the session when the reserved byte of a header is not 0x00."}},
			Sessions: []Transcript{{Name: "a", Events: []Event{
				{AtMS: 0.1, Direction: Sent, Length: 11, Hex: fmt.Sprintf("%02x00000248690000000121", b)},
				{AtMS: 0.2, Direction: Received, Length: 6, Hex: "000000024869"},
				{AtMS: 0.3, Direction: HalfClosed},
				{AtMS: 0.4, Direction: Waited, Note: "for the peer to close"},
			}}},
		},
	}
}
