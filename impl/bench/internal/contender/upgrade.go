package contender

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// The address of every handshake; the connection is there already.
const wsURL = "ws://localhost/"

// handshakeTime is how long a handshake may take.
const handshakeTime = 10 * time.Second

// upgraded runs an HTTP server for a single connection, whose only request is answered by upgrade.
func upgraded(conn net.Conn, upgrade func(http.ResponseWriter, *http.Request) (Link, error)) (Link, error) {
	type outcome struct {
		link Link
		err  error
	}
	done := make(chan outcome, 1)
	handler := func(w http.ResponseWriter, r *http.Request) {
		link, err := upgrade(w, r)
		done <- outcome{link, err}
	}
	closed := func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			select {
			case done <- outcome{err: io.ErrUnexpectedEOF}:
			default:
			}
		}
	}
	server := http.Server{Handler: http.HandlerFunc(handler), ReadTimeout: handshakeTime, ConnState: closed}
	if err := server.Serve(&single{conn: conn}); !errors.Is(err, errServed) {
		return nil, err
	}
	o := <-done
	return o.link, o.err
}

// single is a listener that accepts one connection.
type single struct {
	conn net.Conn
	once sync.Once
}

var errServed = errors.New("the connection is being served")

func (s *single) Accept() (net.Conn, error) {
	err := errServed
	s.once.Do(func() { err = nil })
	if err != nil {
		return nil, err
	}
	return s.conn, nil
}

func (s *single) Close() error   { return nil }
func (s *single) Addr() net.Addr { return s.conn.LocalAddr() }

// dialled returns a function that dials by handing out a connection that is there.
func dialled(conn net.Conn) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) { return conn, nil }
}
