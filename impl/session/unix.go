package session

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/oizys-protocol/oizys/spec"
)

// Dial connects to the Unix socket at path and returns a session over the connection. Like New it reads nothing yet. While
// the server has more connections to accept than the system queues, Dial waits, for as long as ctx allows.
func Dial(ctx context.Context, path string, opts Options) (*Session, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
		if err == nil {
			return New(conn, opts), nil
		}
		if !errors.Is(err, syscall.EAGAIN) {
			return nil, err
		}
		select {
		case <-time.After(dialPause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// The system does not tell when there is room among the connections to accept.
const dialPause = time.Millisecond

func checkPath(path string) error {
	switch n := len(path); {
	case n == 0:
		return fmt.Errorf("the socket's path is empty")
	case n > spec.MaxSocketPath:
		return fmt.Errorf("the socket's path has %d bytes, and at most %d are possible: %s", n, spec.MaxSocketPath, path)
	}
	return nil
}
