package session

import (
	"net"

	"github.com/oizys-protocol/oizys/impl/wire"
)

// EagerWrites is how often the flusher writes at once.
const EagerWrites = eagerWrites

// NewNonBlocking returns a session that writes without blocking by means of try, as it does on a socket.
func NewNonBlocking(conn net.Conn, try func(p []byte) int, opts Options) *Session {
	s := New(conn, opts)
	s.raw = tryable{conn, try}
	return s
}

type tryable struct {
	conn net.Conn
	try  func(p []byte) int
}

func (c tryable) tryWrite(p []byte) int                 { return c.try(p) }
func (c tryable) reader(dec *wire.Decoder) func() error { return connReader(c.conn, dec) }
