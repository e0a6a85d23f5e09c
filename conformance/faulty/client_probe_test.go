package faulty

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/oizys-protocol/oizys/spec"
)

// clientProbe is a set of meetings that every correct client comes through, and the faults that it is about do not. The
// meetings are made once, and not changed.
type clientProbe struct {
	name     string
	meetings []meeting
}

var clientProbes = sync.OnceValue(func() []clientProbe {
	return []clientProbe{
		{"request", requestMeetings()}, {"answer", answerMeetings()}, {"pieces", pieceMeetings()}, {"invalid", invalidMeetings()}, {"ends", endMeetings()},
	}
})

// clientProbeFor returns the probe for what a fault of a client breaks first.
func clientProbeFor(f Fault) clientProbe {
	name := "answer"
	switch first := f.Breaks[0]; {
	case strings.HasPrefix(f.Name, "request-"), first == "cli/request", first == "stream/unsolicited":
		name = "request"
	case first == "cli/ends":
		name = "ends"
	case strings.HasPrefix(first, "stream/"):
		name = "pieces"
	case first == "msg/empty", first == "hdr/reserved-nonzero", first == "cli/invalid-reply", strings.HasPrefix(first, "close/"):
		name = "invalid"
	}
	all := clientProbes()
	return all[slices.IndexFunc(all, func(p clientProbe) bool { return p.name == name })]
}

// answered is a meeting with a reply that is printed as it came.
func answered(name, message, reply string, behind ...string) meeting {
	m := meeting{name: name, message: message, reply: []byte(reply)}
	all := [][]byte{m.reply}
	for _, next := range behind {
		all = append(all, []byte(next))
	}
	m.pieces = [][]byte{frames(all...)}
	return m
}

func requestMeetings() []meeting {
	echo := func(message string) meeting { return answered(fmt.Sprintf("%.20q", message), message, message) }
	all := []meeting{{name: "nothing", unsent: true}}
	for _, message := range []string{
		"0", "x", "é€😀", "e\u0301 n\u0303", "\uFEFFmark", " two  three ", "a\nb\n", `\n \\ "q" 'q' 100%% $HOME &amp; `, "caf\xe9", "\xff", "all *.c", "key=value",
	} {
		all = append(all, echo(message))
	}
	for _, message := range []string{"-x", "@home"} { // an option or a file's name by convention
		m := echo(message)
		m.refusable = true
		all = append(all, m)
	}
	for _, n := range []int{256, 384, 4096, 5000, 70_000, 131_000} {
		all = append(all, echo(strings.Repeat("m0123456789", n/11+1)[:n]))
	}
	late := answered("late", "are you there?", "yes")
	late.pause = 300 * time.Millisecond
	failed := meeting{name: "failed", message: "fail", pieces: [][]byte{empty}}
	reset := meeting{name: "reset", message: "reset", reset: true, full: true}
	return append(all, late, failed, reset)
}

func answerMeetings() []meeting {
	all := []meeting{
		answered("short", "a question that is longer", "yes, an answer"),
		answered("text", "?", "a\x00b\r\nc\n%% \x1b[31mé caf\xe9 \xff\xfe"),
		answered("space", "?", "  spaces  "),
		answered("high", "?", "\x80\x81"),
		answered("cr", "thirteen byte", "thirteen byte"),
	}
	all[0].absent = []string{"answert is", "\x00\x00"}
	for _, n := range []int{1, 128, 255, 256, 258, 384, 3338, 4096, 0x8001, 0xFFFF, 0x18080, 1<<20 + 1, 1 << 23, 1<<24 - 1} {
		all = append(all, answered(fmt.Sprint(n, " bytes"), "?", string(pattern(n, 1))))
	}
	late := answered("late", "?", "after a while")
	late.pause = 300 * time.Millisecond
	gone := answered("gone", "?", string(pattern(300_000, 2)))
	gone.full = true
	soon := answered("soon gone", "?", "goodbye")
	soon.full = true
	next := answered("next", "?", "the reply itself", "the next message")
	next.absent = []string{"itself\x00\x00", "itselfthe"}
	return append(all, late, gone, soon, next)
}

func pieceMeetings() []meeting {
	wire := frames([]byte("in two pieces"))
	row := func(name string, pause time.Duration, pieces ...[]byte) meeting {
		return meeting{name: name, message: "?", pieces: pieces, pause: pause, reply: []byte("in two pieces")}
	}
	early := answered("early", "?", "in two pieces")
	early.early = true
	next := answered("next", "?", "in two pieces", "the next message")
	next.absent = []string{"pieces\x00\x00", "piecesthe", "\x00\x0din two"}
	return []meeting{
		row("header apart", 50*time.Millisecond, wire[:4], wire[4:]),
		row("in the header", 50*time.Millisecond, wire[:2], wire[2:]),
		row("in the content", 50*time.Millisecond, wire[:9], wire[9:]),
		early, next,
	}
}

func invalidMeetings() []meeting {
	const hidden = "what must not be shown"
	row := func(name string, half bool, wire ...byte) meeting {
		return meeting{name: name, message: "?", pieces: [][]byte{wire}, half: half, absent: []string{hidden, "\x00\x00"}}
	}
	all := []meeting{
		row("empty", false, 0, 0, 0, 0),
		row("empty and more", false, append(empty[:4:4], frames([]byte(hidden))...)...),
		row("cut header", true, 0, 0),
		row("cut content", true, append([]byte{0, 0, 0, 99}, hidden...)...),
		row("nothing", true),
	}
	reset := row("reset", false, append([]byte{0, 0, 0, 99}, hidden...)...)
	reset.reset, reset.full = true, true
	full := row("cut after much", true, append([]byte{0, 0xFF, 0xFF, 0xFF}, strings.Repeat(hidden, 1<<20/len(hidden))...)...)
	all = append(all, reset, full)
	gone := answered("gone", "?", "goodbye")
	gone.full = true
	for _, b := range []byte{1, 0x80} {
		bad := append([]byte{b}, frames([]byte(hidden))[1:]...)
		m := row(fmt.Sprintf("reserved %#x", b), false, append(bad, frames([]byte(hidden))...)...)
		m.should = "hdr/reserved-nonzero"
		all = append(all, m)
	}
	alone := row("reserved, header alone", false, 1, 0, 0, 5)
	alone.should = "hdr/reserved-nonzero"
	return append(all, alone, gone)
}

func endMeetings() []meeting {
	reply := answered("reply", "?", "that is all")
	reply.ends = true
	failed := meeting{name: "failed", message: "?", pieces: [][]byte{{spec.Reserved, 0, 0, 0}}, ends: true}
	return []meeting{reply, failed}
}
