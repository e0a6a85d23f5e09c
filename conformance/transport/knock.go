package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// ErrUnexpected is returned, wrapped, by Knock when something else came back than was sent.
var ErrUnexpected = errors.New("the answer differs")

// Knock sends a message and takes its echo. It must come before everything else on a connection that does not read yet;
// what it exchanges is in no later count. It returns an error wrapping ErrPeerClosed when the peer closed the connection
// without a byte, ErrUnexpected when the echo differs or is cut off, or ErrStalled when all of it had not come after as long
// as the connection's patience.
func (c *Conn) Knock(message []byte) error {
	c.tape.cannot("the server turns surplus sessions away")
	if err := c.sock.SetDeadline(time.Now().Add(c.patience)); err != nil {
		return err
	}
	// A peer that has closed already may have answered before: what it sent is read nevertheless.
	if _, err := c.sock.Write(message); err == nil {
		c.record.bytes(report.Sent, 0, message)
	} else if err = c.writeFailed(err); !errors.Is(err, ErrPeerClosed) {
		return err
	}
	echo := make([]byte, len(message))
	n, err := io.ReadFull(c.sock, echo)
	c.record.bytes(report.Received, 0, echo[:n])
	switch {
	case err == nil && bytes.Equal(echo, message):
		return c.sock.SetDeadline(time.Time{})
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.record.note(report.Waited, fmt.Sprintf("%v for the first answer", c.patience))
		return fmt.Errorf("waited %v for the first answer: %w", c.patience, ErrStalled)
	case n == 0:
		c.record.note(report.PeerClosed, "before the first answer")
		return fmt.Errorf("before the first answer: %w", ErrPeerClosed)
	default:
		return fmt.Errorf("%d of %d bytes of the first message's echo, and not as sent: %w", n, len(message), ErrUnexpected)
	}
}
