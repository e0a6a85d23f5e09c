package session

import (
	"context"
	"fmt"
	"net"

	"github.com/oizys-protocol/oizys/spec"
)

// Dial connects to the Unix socket at path and returns a session over the connection. Like New it reads nothing yet.
func Dial(ctx context.Context, path string, opts Options) (*Session, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	return New(conn, opts), nil
}

func checkPath(path string) error {
	switch n := len(path); {
	case n == 0:
		return fmt.Errorf("the socket's path is empty")
	case n > spec.MaxSocketPath:
		return fmt.Errorf("the socket's path has %d bytes, and at most %d are possible: %s", n, spec.MaxSocketPath, path)
	}
	return nil
}
