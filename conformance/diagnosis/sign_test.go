package diagnosis

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/faulty"
	"github.com/oizys-protocol/oizys/spec"
)

// strongest returns the class that an observation speaks for most.
func strongest(o Observation) string {
	spoken := o.evidence()
	best := ""
	for _, class := range faulty.Classes() {
		if spoken[class] > spoken[best] {
			best = class
		}
	}
	return best
}

func TestSignsSpeakForTheirClass(t *testing.T) {
	for _, row := range []struct {
		finding Finding
		class   string
	}{
		{Finding{Case: "hdr/length/example-hi", Actual: "answer 1 has the header 00 02 00 00 (x), expected 00 00 00 02"}, faulty.ByteOrder},
		{Finding{Case: "cli/request/length-300", Expected: "the message, with the header 00 00 01 2c", Actual: "the header is 00 00 00 2c (x)"}, faulty.Width},
		{Finding{Case: "cli/request/length-128", Expected: "the message, with the header 00 00 00 80", Actual: "the header is ff ff ff 80 (x)"}, faulty.Width},
		{Finding{Case: "hdr/length/example-hi", Actual: "answer 1 begins with 48 69, expected 00 00 00 02", Hints: []string{"content is sent without a header"}}, faulty.Layout},
		{Finding{Case: "msg/sizes/1048576", Actual: "the server closed the session (end of stream) after no byte of an answer"}, faulty.Boundary},
		{Finding{Case: "hdr/length/example-hi", Actual: "answer 1 has the header 01 00 00 02 (x), expected 00 00 00 02"}, faulty.Reserved},
		{Finding{Case: "hdr/reserved-nonzero/0x01", Requirement: "hdr/reserved-nonzero", Actual: "the reserved byte was ignored"}, faulty.Reserved},
		{Finding{Case: "msg/empty/only", Requirement: "msg/empty", Actual: "the session went on"}, faulty.Empty},
		{Finding{Case: "stream/split/one-message-1-5", Actual: "no byte of an answer came within the deadline"}, faulty.Segmentation},
		{Finding{Case: "stream/order/two-mebibytes", Actual: "only 219,264 bytes of the answer's 1,048,580 came"}, faulty.ShortWrite},
		{Finding{Case: "msg/binary/zeros", Actual: "answer 1: content byte 7 of 8 is 0x3f, sent was 0x80"}, faulty.Text},
		{Finding{Case: "stream/order/ping-pong-500", Actual: "x", Hints: []string{"a message is answered twice"}}, faulty.Order},
		{Finding{Case: "stream/order/x", Actual: "x", Hints: []string{"content of another message stands in the answer: a buffer is used again"}}, faulty.BufferReuse},
		{Finding{Case: "srv/isolation/contents", Actual: "x"}, faulty.StateSharing},
		{Finding{Case: "hdr/length/example-hi", Actual: "all was echoed, and 1 byte that nothing had asked for followed: 0a"}, faulty.Unsolicited},
		{Finding{Case: "stream/idle/silent-and-usable", Actual: "the server closed the session"}, faulty.Idle},
		{Finding{Case: "close/truncated-content/1-of-8", Actual: "the session went on"}, faulty.Truncation},
		{Finding{Case: "close/on-error/by-itself", Actual: "the session was still open 3s later, and nothing came back"}, faulty.Close},
		{Finding{Case: "msg/sizes/16777214", Actual: "the server's process ended: signal SIGKILL"}, faulty.Crash},
		{Finding{Case: "cli/request/plain", Actual: "the reply was printed, and the client ended with exit status 13"}, faulty.ExitStatus},
		{Finding{Case: "sess/handler-twice/message", Actual: "it succeeded"}, faulty.Handler},
		{Finding{Case: "sess/reentrant/send-in-message", Actual: "within the deadline of 3s the driver wrote nothing more"}, faulty.Hang},
		{Finding{Case: "srv/releases/memory", Actual: "resident memory did not come to rest in 5,604 sessions"}, faulty.Leak},
		{Finding{Case: "sess/release/open", Actual: "it was open 3s later"}, faulty.Leak},
	} {
		require.Equal(t, row.class, strongest(Observation{Role: spec.Server, Findings: []Finding{row.finding}}), row.finding.Case+" "+row.finding.Actual)
	}
	require.Empty(t, strongest(Observation{}), "without findings nothing speaks for a class")
}

// Errors of one kind speak for that kind, those of several for what is done about errors.
func TestErrorsOfSeveralKindsSpeakForClose(t *testing.T) {
	empty := Finding{Case: "msg/empty/only", Requirement: "msg/empty", Actual: "the session went on"}
	reserved := Finding{Case: "hdr/reserved-nonzero/0x01", Requirement: "hdr/reserved-nonzero", Actual: "the session went on"}
	other := Finding{Case: "stream/order/x", Actual: "it failed"}
	require.Equal(t, faulty.Empty, strongest(Observation{Findings: []Finding{empty, empty}}))
	require.Equal(t, faulty.Close, strongest(Observation{Findings: []Finding{empty, reserved}}))
	require.Empty(t, Observation{Findings: []Finding{empty, other, other}}.errorsMistaken(), "most of it is about something else")
}

func TestLengthsThatGoWrongSpeakForAClass(t *testing.T) {
	all := []string{"msg/sizes/1", "msg/sizes/127", "hdr/length/0x0080", "msg/sizes/255", "msg/sizes/256", "msg/sizes/32767", "msg/sizes/32768", "msg/sizes/65535", "msg/sizes/65536", "msg/sizes/65537", "msg/sizes/8388607", "msg/sizes/8388608", "stream/order/x"}
	of := func(wrong ...string) string {
		o := Observation{Judged: map[string]bool{}}
		for _, id := range all {
			o.Judged[id] = true
		}
		for _, id := range wrong {
			o.Findings = append(o.Findings, Finding{Case: id})
		}
		return o.ofLengths()
	}
	require.Equal(t, faulty.Width, of("msg/sizes/8388608"), "the sign of 24 bits")
	require.Equal(t, faulty.Width, of("msg/sizes/65536", "msg/sizes/65537", "msg/sizes/8388607", "msg/sizes/8388608"))
	require.Equal(t, faulty.Boundary, of("msg/sizes/65537", "msg/sizes/8388607", "msg/sizes/8388608"), "a limit of 65,536 bytes")
	require.Equal(t, faulty.Boundary, of("msg/sizes/256", "msg/sizes/32768", "msg/sizes/65536", "msg/sizes/8388608"), "multiples of 256")
	require.Equal(t, faulty.Boundary, of("msg/sizes/1"))
	require.Equal(t, faulty.Boundary, of("msg/sizes/32767"), "one length in the middle")
	require.Empty(t, of("msg/sizes/127", "msg/sizes/65537"), "nothing in common")
	require.Empty(t, of(all...), "no length went well")
	require.Empty(t, of("stream/order/x"), "it has no length")
}
