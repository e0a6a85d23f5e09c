package contender

import (
	"io"
	"net"

	"github.com/oizys-protocol/oizys/impl/wire"
)

// naive is what one writes first: two writes for a message, and two reads. Its buffers are kept, so that it is measured
// for its system calls and not for its memory.
type naive struct {
	conn    *net.UnixConn
	out, in []byte // headers
	content []byte
}

func newNaive(conn *net.UnixConn) (Link, error) {
	return newLoop(&naive{
		conn: conn,
		out:  make([]byte, wire.HeaderLen),
		in:   make([]byte, wire.HeaderLen),
	}), nil
}

func (n *naive) write(content []byte) error {
	var err error
	if n.out, err = wire.AppendHeader(n.out[:0], len(content)); err != nil {
		return err
	}
	if _, err := n.conn.Write(n.out); err != nil {
		return err
	}
	_, err = n.conn.Write(content)
	return err
}

func (n *naive) read() ([]byte, error) {
	if _, err := io.ReadFull(n.conn, n.in); err != nil {
		return nil, err
	}
	size, err := wire.ParseHeader([wire.HeaderLen]byte(n.in))
	if err != nil {
		return nil, err
	}
	if cap(n.content) < size {
		n.content = make([]byte, size)
	}
	content := n.content[:size]
	_, err = io.ReadFull(n.conn, content)
	return content, err
}

func (n *naive) Close() error { return n.conn.Close() }
