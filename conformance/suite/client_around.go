package suite

import (
	"bytes"
	"fmt"

	"github.com/oizys-protocol/oizys/conformance/model"
)

// presentsMore is a finding if the client presents its reply with bytes joined to it that can only come from a wrong count.
// A client may print what it likes around a reply, other things each time; what is looked for is the reply's own header in
// front of it and, behind it, what came next, what is left of the message that was sent, or memory that was never written.
func (v *visit) presentsMore(expected string, content []byte) *Finding {
	p := v.env.manners().look(v.proc.Stdout().Bytes(), v.proc.Stderr().Bytes())
	if len(content) > longestLooked {
		return nil
	}
	for _, j := range v.joined(content) {
		apart := bytes.ReplaceAll(p.replies, j.bytes, nil)
		if len(apart) == len(p.replies) || bytes.Contains(apart, content) {
			continue // it does not stand there, or only beside the reply itself
		}
		f := broken(expected, fmt.Sprintf("the reply was printed with %s: %s", j.what, v.printed()))
		f.Requirement, f.Hints = "cli/reply", []string{j.cause}
		return f
	}
	return nil
}

// joint is a reply and bytes that are no part of it.
type joint struct {
	bytes       []byte
	what, cause string
}

const (
	fewestJoined  = 4       // from so many bytes on, what is joined to a reply is no chance
	longestLooked = 1 << 20 // up to this length: a wrong count shows in short replies too
)

// joined returns what a client prints that counts wrongly.
func (v *visit) joined(content []byte) []joint {
	behind := func(more []byte, what, cause string) joint {
		return joint{join(content, head(more, telling)), what, cause}
	}
	all := []joint{{frame(content), "its header in front of it", "the whole message is printed, and not its content alone"}}
	if len(v.behind) >= fewestJoined {
		all = append(all, behind(v.behind, "what came behind it", "everything that was read is printed, and not as much as the header announces"))
	}
	if next := nextContents(v.behind); len(next) >= telling {
		all = append(all, behind(next, "the content of the next message", "the content of all messages that have come is joined"))
	}
	if len(v.message) >= len(content)+fewestJoined && !bytes.HasPrefix(v.message, content) {
		all = append(all, behind(v.message[len(content):], "the rest of the message that was sent", "one buffer serves for the message and the reply, and more of it is printed than was received"))
	}
	return append(all, behind(make([]byte, telling), "NULs behind it", "a whole buffer is printed, and not as much of it as was received"))
}

// nextContents returns the first contents of the messages in a stream, joined.
func nextContents(stream []byte) []byte {
	var all []byte
	for _, m := range model.Judge(head(stream, 1<<10), false).Messages {
		all = append(all, stream[m.Offset:m.Offset+m.Length]...)
	}
	return all
}
