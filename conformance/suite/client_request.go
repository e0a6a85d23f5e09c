package suite

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/oizys-protocol/oizys/conformance/transport"
	"github.com/oizys-protocol/oizys/spec"
)

// judgeRequest judges what the client has sent up to the end of its message.
func (v *visit) judgeRequest(want []byte, s transport.State, err error) *Finding {
	expected := fmt.Sprintf("the message of %s that the client was given, with the header % x", count(len(v.message), "byte"), want[:spec.HeaderLen])
	switch {
	case len(s.Stray) > 0 && s.Matched == s.Want:
		return v.judgeTrailer(v.moreStray(s))
	case len(s.Stray) > 0:
		return v.differentRequest(want, v.moreStray(s), expected)
	case err == nil && s.Matched == s.Want:
		return nil
	case s.Ended != "":
		f := broken(expected, fmt.Sprintf("the client closed the session (%s) after %s of it", s.Ended, count(int(s.Matched), "byte")))
		f.Requirement, f.Hints = "cli/request", shortRequest(int(s.Matched))
		return f
	case errors.Is(err, transport.ErrStalled):
		f := broken(expected, fmt.Sprintf("within the deadline came %s of it and no more", count(int(s.Matched), "byte")))
		f.Stalled, f.Requirement, f.Hints = true, "cli/request", shortRequest(int(s.Matched))
		return f
	default:
		return unjudged(err)
	}
}

// shortRequest is the likely cause of a message of which only the first bytes came.
func shortRequest(came int) []string {
	if came < leastShort {
		return nil
	}
	return []string{strings.Replace(shortWrite, "an answer", "the message", 1)}
}

// moreStray gives a client that writes in several pieces the time for a few more, so that what is wrong can be named.
func (v *visit) moreStray(s transport.State) transport.State {
	for begin := time.Now(); time.Since(begin) < strayPatience && s.Ended == "" && s.Got < int64(len(v.message)+spec.HeaderLen); {
		time.Sleep(time.Millisecond)
		s = v.conn.Snapshot()
	}
	return s
}

const strayPatience = 50 * time.Millisecond

func (v *visit) differentRequest(want []byte, s transport.State, expected string) *Finding {
	at := int(s.Matched)
	f := broken(expected, "")
	f.Requirement = "cli/request"
	got := join(want[:at], s.Stray)
	a := answer{got: got, want: v.message, right: at, stray: s.Stray, next: s.Next, given: true}
	if len(got) >= spec.HeaderLen {
		a.length, a.body = length24(got), got[spec.HeaderLen:]
	}
	for _, c := range a.likely() {
		f.Hints = append(f.Hints, c.text)
	}
	switch {
	case at >= spec.HeaderLen:
		f.Actual = fmt.Sprintf("content byte %s of %s is 0x%02x, given was 0x%02x", group(at-spec.HeaderLen), group(len(v.message)), s.Stray[0], next(s))
	case len(got) < spec.HeaderLen:
		f.Actual = fmt.Sprintf("the message begins with % x", got)
	default:
		f.Actual = fmt.Sprintf("the header is %s, followed by %s", headerText(got), sample(a.body))
		f.Requirement = v.headerBreaks(got, a, int(s.Got)-spec.HeaderLen)
	}
	return f
}

// headerBreaks names the requirement that the wrong header of a message breaks, behind which so many bytes came: content that
// is not what was given is the message's fault, not the header's.
func (v *visit) headerBreaks(got []byte, a answer, behind int) string {
	same := bytes.HasPrefix(a.body, head(v.message, len(a.body))) && behind == len(v.message)
	switch {
	case got[0] != spec.Reserved && a.length == len(v.message):
		return "hdr/reserved-zero"
	case same:
		return "hdr/length"
	case a.length == 0 && got[0] == spec.Reserved:
		return "msg/empty-unsent"
	default:
		return "cli/request"
	}
}

// judgeTrailer judges what came on the session behind the message.
func (v *visit) judgeTrailer(s transport.State) *Finding {
	if len(s.Stray) == 0 || s.Matched < s.Want {
		return nil
	}
	f := broken("the client's one message, and nothing behind it", fmt.Sprintf("%s followed: %s", count(len(s.Stray), "byte"), sample(s.Stray)))
	f.Requirement = "cli/request"
	again := frame(v.message)
	switch {
	case bytes.HasPrefix(s.Stray, again[:min(len(again), len(s.Stray))]):
		f.Hints = []string{"the message is sent twice"}
	case bytes.HasPrefix(s.Stray, []byte{0, 0, 0, 0}):
		f.Requirement = "msg/empty-unsent"
		f.Hints = []string{"an empty message is sent behind it"}
	case len(s.Stray) == 1 && s.Stray[0] == 0:
		f.Hints = []string{"a string's terminating NUL is sent, and not counted"}
	case s.Stray[0] == '\n' || s.Stray[0] == '\r':
		f.Hints = []string{"a line end is sent behind the message"}
	case len(s.Stray) >= spec.HeaderLen && s.Stray[0] == spec.Reserved:
		f.Hints = []string{"another message is sent: an acknowledgement or a farewell; the protocol has neither"}
	}
	return f
}
