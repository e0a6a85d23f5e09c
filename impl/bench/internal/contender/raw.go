package contender

import (
	"io"
	"net"

	"github.com/oizys-protocol/oizys/impl/bench/internal/content"
	"github.com/oizys-protocol/oizys/impl/wire"
)

// raw moves as many bytes as the session does, headers included, without looking for messages in them: what the socket
// can do. Its messages exist only as a number of bytes.
type raw struct {
	conn *net.UnixConn
	one  []byte
	buf  []byte
}

// rawPiece is what one read or write moves at most. It must divide content.Block.
const rawPiece = 1 << 18

func newRaw(conn *net.UnixConn) (Link, error) {
	return &raw{conn: conn, one: []byte{ackByte}, buf: make([]byte, rawPiece)}, nil
}

func wireSize(load Load) int { return wire.HeaderLen + load.Size }

func (r *raw) Send(load Load) error {
	period := load.Pattern.Period(load.Size)
	at := 0
	for left := load.Count * wireSize(load); left > 0; {
		n := min(left, rawPiece)
		if _, err := r.conn.Write(period[at : at+n]); err != nil {
			return err
		}
		left -= n
		at = (at + n) % len(period)
	}
	if _, err := io.ReadFull(r.conn, r.buf[:1]); err != nil {
		return err
	}
	return checkAck(r.buf[:1])
}

func (r *raw) Receive(load Load) error {
	check := content.NewStream(load.Pattern, load.Size)
	load.ready()
	for left := load.Count * wireSize(load); left > 0; {
		n, err := r.conn.Read(r.buf[:min(left, len(r.buf))])
		if err != nil {
			return err
		}
		if err := check.Take(r.buf[:n]); err != nil {
			return err
		}
		left -= n
	}
	_, err := r.conn.Write(r.one)
	return err
}

// Ping and Echo take messages as long as the session's are on the wire, but without a header.

func (r *raw) Ping(load Load) error {
	load.Size = wireSize(load)
	buf := r.whole(load.Size)
	for tally := load.tally(); !tally.Done(); {
		if _, err := r.conn.Write(load.message(tally.Seen())); err != nil {
			return err
		}
		if err := r.take(buf, &tally); err != nil {
			return err
		}
	}
	return nil
}

func (r *raw) Echo(load Load) error {
	load.Size = wireSize(load)
	buf := r.whole(load.Size)
	load.ready()
	for tally := load.tally(); !tally.Done(); {
		if err := r.take(buf, &tally); err != nil {
			return err
		}
		if _, err := r.conn.Write(buf); err != nil {
			return err
		}
	}
	return nil
}

func (r *raw) take(buf []byte, tally *content.Tally) error {
	if _, err := io.ReadFull(r.conn, buf); err != nil {
		return err
	}
	return tally.Take(buf)
}

func (r *raw) whole(size int) []byte {
	if len(r.buf) < size {
		r.buf = make([]byte, size)
	}
	return r.buf[:size]
}

func (r *raw) Close() error { return r.conn.Close() }
