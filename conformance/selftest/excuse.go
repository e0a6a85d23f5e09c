package selftest

import (
	"github.com/oizys-protocol/oizys/conformance/pattern"
	"github.com/oizys-protocol/oizys/spec"
)

// excuse says why cases that find no defect are kept.
type excuse struct {
	role  spec.Role
	cases string // a pattern
	why   string
}

// Excuse returns why a case of a role that finds no defect is kept, or nothing.
func Excuse(role spec.Role, id string) string {
	for _, e := range excuses() {
		if e.role == role && pattern.Matches(id, e.cases) {
			return e.why
		}
	}
	return ""
}

// Reasons that hold for several families.
const (
	foundBefore = "what it would find is found first by a case that it rests on, so that it is skipped; it stays for a peer that errs only so"
	everyByte   = "it rests on cases of a part of its bytes each, which find every known fault first; it stays for one that shows only in a long row of them"
	asHeader    = "its length's bytes are what text conversions change; those of the catalogue change content, too, and are found there first"
	onTheWire   = "a golden vector: faulty drivers have faults of the session's interface; those of the wire are shown to be found in the role server, by the same bytes"
	recorded    = "it records and does not judge"
	onlySo      = "faulty drivers that come near err in the plainer cases of the family as well, and are found there; it stays for a session that errs only so"
)

// excuses are the cases that the full runs found to be idle. Patterns are as in --case.
func excuses() []excuse {
	var all []excuse
	add := func(role spec.Role, why string, cases ...string) {
		for _, c := range cases {
			all = append(all, excuse{role, c, why})
		}
	}
	add(spec.Server, foundBefore, "close/nothing-after/*", "stream/unsolicited/after-error", "hdr/reserved-nonzero/by-itself*",
		"hdr/reserved-zero/one-byte")
	add(spec.Server, "the source's own example, which every reader of it tries first: other short messages find the same", "hdr/length/example-foo")
	add(spec.Server, everyByte, "msg/binary/all-values*", "msg/binary/high-half", "msg/binary/checkerboard")
	add(spec.Server, "content that programs of other kinds act on: no fault of the catalogue is of that kind alone",
		"msg/binary/no-line-end", "msg/binary/end-of-text", "msg/binary/end-of-transmission", "msg/binary/flow-control",
		"msg/binary/escape-sequence", "msg/binary/backspace", "msg/binary/quotes", "msg/binary/json")
	add(spec.Server, asHeader, "hdr/length/0x00000a", "hdr/length/0x00000d", "hdr/length/0x00001a")
	add(spec.Server, recorded, "srv/isolation/sessions-at-once")

	add(spec.Client, foundBefore, "close/nothing-after/*", "close/end-of-stream/after-*", "hdr/reserved-zero/one-byte",
		"hdr/reserved-nonzero/by-itself*", "cli/request/length-2", "cli/request/length-3", "msg/binary/lf-alone",
		"stream/split/three-messages-*", "stream/split/ten-messages-*", "stream/split/65536-*", "stream/order/same-again*",
		"stream/order/prefixes", "stream/order/shrinking", "stream/order/palindrome", "stream/order/zeros")
	add(spec.Client, everyByte, "msg/binary/all-values*")
	add(spec.Client, asHeader, "hdr/length/0x00000a", "hdr/length/0x00000d", "hdr/length/0x00001a")
	add(spec.Client, "a client may take it for the end of its options, so that none can be wrong", "cli/request/dash-dash")
	add(spec.Client, "a client that looks for words such as error in the reply: no fault of the catalogue does", "cli/reply/text-of-an-error")
	add(spec.Client, "a client that presents something where nothing has come does so at the end of the stream, too; it stays for one that does only where a read fails",
		"cli/invalid-reply/reset-at-once")
	add(spec.Client, recorded, "close/on-error/time")

	add(spec.Driver, onTheWire, "msg/*/*", "hdr/*/*", "stream/*/*", "close/nothing-after/*", "close/end-of-stream/*",
		"close/truncated-*/*", "close/on-error/*")
	add(spec.Driver, foundBefore, "sess/send-queues/before-handlers", "sess/send-queues/behind-delivery", "sess/reading-starts/close-handler-last",
		"sess/close-local/no-handlers", "sess/close-silences/behind-error", "sess/independent/one-closed", "sess/independent/fifty",
		"sess/close-once/{in-handler,fails}", "sess/close-cause/{empty,truncated-header,truncated-content}")
	add(spec.Driver, onlySo, "sess/send-queues/{unread-large,receives-meanwhile,closed-behind}", "sess/close-cause/{hang-up,behind-messages}",
		"sess/close-silences/{sent-behind,rest-of-a-message}", "sess/independent/{halves,handlers}")
	return all
}
