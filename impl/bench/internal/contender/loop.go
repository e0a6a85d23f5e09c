package contender

// messages is a connection that blocks: what the naive loop and the WebSocket libraries offer.
type messages interface {
	// read returns the next message's content, valid until the next call.
	read() ([]byte, error)
	write(content []byte) error
	Close() error
}

// loop is a link by loops over calls that block.
type loop struct {
	messages

	ack []byte
}

func newLoop(m messages) Link { return &loop{messages: m, ack: []byte{ackByte}} }

func (l *loop) Send(load Load) error {
	for i := range load.Count {
		if err := l.write(load.message(i)); err != nil {
			return err
		}
	}
	reply, err := l.read()
	if err != nil {
		return err
	}
	return checkAck(reply)
}

func (l *loop) Receive(load Load) error {
	load.ready()
	for tally := load.tally(); !tally.Done(); {
		content, err := l.read()
		if err != nil {
			return err
		}
		if err := tally.Take(content); err != nil {
			return err
		}
	}
	return l.write(l.ack)
}

func (l *loop) Ping(load Load) error {
	for tally := load.tally(); !tally.Done(); {
		if err := l.write(load.message(tally.Seen())); err != nil {
			return err
		}
		reply, err := l.read()
		if err != nil {
			return err
		}
		if err := tally.Take(reply); err != nil {
			return err
		}
	}
	return nil
}

func (l *loop) Echo(load Load) error {
	load.ready()
	for tally := load.tally(); !tally.Done(); {
		content, err := l.read()
		if err != nil {
			return err
		}
		if err := tally.Take(content); err != nil {
			return err
		}
		if err := l.write(content); err != nil {
			return err
		}
	}
	return nil
}
