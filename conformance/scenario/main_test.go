package scenario

import (
	"context"
	"io"
	"testing"

	"go.uber.org/goleak"

	"github.com/oizys-protocol/oizys/conformance/faulty/faultytest"
	"github.com/oizys-protocol/oizys/impl/peer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// reference serves with the reference implementation until the test ends.
func reference(t testing.TB) string {
	return faultytest.Run(t, func(ctx context.Context, socket string, ready io.Writer) error {
		return peer.Serve(ctx, socket, peer.ServerOptions{Ready: ready})
	})
}
