package suite

import (
	"context"
	"time"
)

// ReplyStream is what a server sends in answer to a client's message, right or wrong.
type ReplyStream struct {
	Message []byte // what the client is given to send: nil means an ordinary one; an empty one must not be sent at all
	Bytes   []byte
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
	return e.serve(ctx, serving{message: s.Message, stream: s.Bytes, pieces: s.Pieces, pause: s.Pause, ended: s.Ended, hungUp: s.HungUp})
}
