package suite

import (
	"cmp"
	"context"
	"time"
)

// ReplyStream is what a server sends in answer to a client's message, right or wrong.
type ReplyStream struct {
	Message []byte // what the client is given to send: nil means an ordinary one; an empty one must not be sent at all
	Bytes   []byte
	Early   bool          // the bytes, which begin with a whole message and are few, are sent before the message is waited for
	Pause   time.Duration // before the bytes are sent
	Pieces  []int         // sizes in which the bytes are sent, each when the one before was read; none means in one piece
	Ended   bool          // the writing side is shut down behind them
	HungUp  bool          // the connection is closed behind them
}

// ServeStream runs the client once, takes its message and answers with the stream. What the client does is held against
// the model, as in the cases. It returns nil when it is right, and a finding otherwise.
func ServeStream(ctx context.Context, e *Env, s ReplyStream) *Finding {
	if s.Message != nil && len(s.Message) == 0 {
		f := sendsNothing(ctx, e)
		if f.Bad() {
			f.Requirement = "msg/empty-unsent"
		}
		return f
	}
	if s.Early {
		f := e.serveFirst(ctx, cmp.Or(string(s.Message), string(ordinary())), s.Bytes)
		if f.Bad() && f.Requirement == "" {
			f.Requirement = "stream/duplex"
		}
		return f
	}
	return e.serve(ctx, serving{message: s.Message, stream: s.Bytes, pieces: s.Pieces, pause: s.Pause, ended: s.Ended, hungUp: s.HungUp})
}
