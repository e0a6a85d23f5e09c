package scenario

import (
	"fmt"

	"github.com/oizys-protocol/oizys/spec"
)

// Breach says how a peer differed from the prediction.
type Breach uint8

// The breaches, a closed vocabulary.
const (
	None            Breach = iota // it did as predicted
	WrongBytes                    // an answer differs from what was sent
	ExtraBytes                    // behind all that was to be answered, more came
	EarlyClose                    // the session was closed although all was valid
	NoAnswer                      // by deadline: answers are missing
	NoClose                       // by deadline: the session was not closed
	NotTaking                     // by deadline: the peer took no more bytes
	ReservedIgnored               // the session went on behind a wrong reserved byte, which breaks a SHOULD
	ReservedOpen                  // by deadline: it was not closed behind a wrong reserved byte, which breaks a SHOULD
	NoConnection                  // by deadline: the peer did not accept
	Refused                       // nobody listens
	Unjudged                      // the system refused something: no socket, no memory
	breaches
)

var breachNames = [breaches]string{
	"none", "wrong-bytes", "extra-bytes", "early-close", "no-answer", "no-close", "not-taking", "reserved-ignored", "reserved-open",
	"no-connection", "refused", "unjudged",
}

// String returns the breach's word.
func (b Breach) String() string {
	if b < breaches {
		return breachNames[b]
	}
	return fmt.Sprintf("breach %d", uint8(b))
}

// ByDeadline reports whether a longer deadline might have shown something else, so that it must be tried again, alone,
// before it counts.
func (b Breach) ByDeadline() bool {
	switch b {
	case NoAnswer, NoClose, NotTaking, ReservedOpen, NoConnection:
		return true
	default:
		return false
	}
}

// Level returns how strongly what was broken binds; it is empty for None, and for what is no breach of the protocol:
// Refused, which only whoever started the peer can explain, and Unjudged.
func (b Breach) Level() spec.Level {
	switch b {
	case None, Refused, Unjudged:
		return ""
	case ReservedIgnored, ReservedOpen:
		return spec.Should
	default:
		return spec.Must
	}
}

// Result is what a peer did with a scenario. Stray is the player's own memory and holds until it plays again.
type Result struct {
	Breach     Breach
	Prediction Prediction
	// Sent is how many bytes were written, Matched how many of the predicted answer came.
	Sent, Matched int
	// Stray is the beginning of what came in place of the prediction, or behind it.
	Stray []byte
	// Closed says that the peer closed the connection.
	Closed bool
	// Err is why it could not be judged; nil unless the breach is Unjudged.
	Err error
}

// String says in words what was expected and what was seen.
func (r Result) String() string {
	p := r.Prediction
	switch r.Breach {
	case None:
		return "as predicted"
	case WrongBytes:
		return fmt.Sprintf("the answer differs from what was sent at byte %d of %d: % x", r.Matched, p.Valid, clip(r.Stray))
	case ExtraBytes:
		return fmt.Sprintf("behind all %d bytes that were to be answered came more: % x", p.Valid, clip(r.Stray))
	case EarlyClose:
		return fmt.Sprintf("the session was closed after %d of %d bytes of the answers, although all was valid", r.Matched, p.Valid)
	case NoAnswer:
		return fmt.Sprintf("only %d of %d bytes of the answers came before the deadline", r.Matched, p.Valid)
	case NoClose:
		return fmt.Sprintf("the session was not closed before the deadline (%s behind byte %d)", p.End, p.Valid)
	case NotTaking:
		return fmt.Sprintf("the peer took only %d bytes before the deadline", r.Sent)
	case ReservedIgnored:
		return fmt.Sprintf("the session went on behind the wrong reserved byte at %d: % x", p.Valid, clip(r.Stray))
	case ReservedOpen:
		return fmt.Sprintf("the session was not closed before the deadline behind the wrong reserved byte at %d", p.Valid)
	case NoConnection:
		return "the peer accepted no connection before the deadline"
	case Refused:
		return "nobody listens at the socket"
	default:
		return fmt.Sprintf("it could not be judged: %v", r.Err)
	}
}

func clip(b []byte) []byte { return b[:min(len(b), 24)] }
