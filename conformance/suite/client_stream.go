package suite

import "context"

// ReplyStream is what a server sends in answer to a client's message, right or wrong.
type ReplyStream struct {
	Message []byte // what the client is given to send; none means an ordinary one
	Bytes   []byte
	Pieces  []int // sizes in which the bytes are sent, each when the one before was read; none means in one piece
	Ended   bool  // the writing side is shut down behind them
	HungUp  bool  // the connection is closed behind them
}

// ServeStream runs the client once, takes its message and answers with the stream. What the client does is held against
// the model, as in the cases. It returns nil when it is right, and a finding otherwise.
func ServeStream(ctx context.Context, e *Env, s ReplyStream) *Finding {
	return e.serve(ctx, serving{message: s.Message, stream: s.Bytes, pieces: s.Pieces, ended: s.Ended, hungUp: s.HungUp})
}
