// Package contender has the ways of carrying messages over a Unix socket that are compared, each behind the same
// interface: the session of this project, what bounds it from above and below, and three WebSocket libraries.
//
// Begin with [All]. Measuring is out of scope: here is only what is measured.
package contender

import (
	"errors"
	"fmt"
	"net"

	"github.com/oizys-protocol/oizys/impl/bench/internal/content"
)

// Names that ratios refer to.
const (
	Session = "session"
	Raw     = "raw"
	Naive   = "naive"
)

// Load is what one run carries.
type Load struct {
	Pattern content.Pattern
	Size    int // of each message's content, in bytes
	Count   int // messages
	// Ready is called by Receive and Echo when the first message may come; nil is not called.
	Ready func()
}

func (l Load) ready() {
	if l.Ready != nil {
		l.Ready()
	}
}

func (l Load) message(i int) []byte { return l.Pattern.Message(i, l.Size) }

func (l Load) tally() content.Tally { return content.NewTally(l.Pattern, l.Size, l.Count) }

// Link is one side of a connection that carries messages. Its methods but Close are called one after the other; while one
// side is in Send the other is in Receive, and while one is in Ping the other is in Echo, with the same load. A link may be
// used for any number of runs, until one returned an error.
type Link interface {
	// Send sends all messages, as fast as the contender can, and returns when the receiver has acknowledged the last.
	Send(Load) error
	// Receive takes and checks all messages, and acknowledges the last.
	Receive(Load) error
	// Ping sends each message when the echo of the one before has come.
	Ping(Load) error
	// Echo takes and checks all messages, and sends each back.
	Echo(Load) error
	// Close closes the connection at once. It may be called at any time, and ends what the other methods do.
	Close() error
}

// Contender is one way of carrying messages.
type Contender struct {
	// Name is what it is called in flags and reports.
	Name string
	// What says in a line how it is used.
	What string
	// Connect makes the link of the side that dialled, Accept that of the other; both are called at the same time. The
	// connection belongs to them, also when they fail.
	Connect, Accept func(*net.UnixConn) (Link, error)
	// Note says what had to be changed from the contender's defaults for messages of a size; nil means nothing ever.
	Note func(size int) string
}

// All returns the contenders, in the order of reports.
func All() []Contender {
	return []Contender{
		symmetric(Session, "impl/session: SendWait, and the message handler", newSession),
		symmetric(Raw, "the limit: as many bytes in large reads and writes, without framing", newRaw),
		symmetric(Naive, "a write for the header and one for the content; io.ReadFull for each", newNaive),
		gorillaContender(),
		coderContender(),
		gobwasContender(),
	}
}

func symmetric(name, what string, open func(*net.UnixConn) (Link, error)) Contender {
	return Contender{Name: name, What: what, Connect: open, Accept: open}
}

// Named returns the contender of a name.
func Named(name string) (Contender, error) {
	for _, c := range All() {
		if c.Name == name {
			return c, nil
		}
	}
	return Contender{}, fmt.Errorf("no contender is called %q", name)
}

// errAck is what comes instead of an acknowledgement.
var errAck = errors.New("not an acknowledgement")

// An acknowledgement is a message of one byte.
const ackByte = 0x06

func checkAck(content []byte) error {
	if len(content) != 1 || content[0] != ackByte {
		return fmt.Errorf("%w: %d bytes", errAck, len(content))
	}
	return nil
}
