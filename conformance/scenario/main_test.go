package scenario

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oizys-protocol/oizys/conformance/faulty"
	"github.com/oizys-protocol/oizys/impl/peer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// reference serves with the reference implementation until the test ends.
func reference(t testing.TB) string {
	return serve(t, func(ctx context.Context, socket string, ready *lines) error {
		return peer.Serve(ctx, socket, peer.ServerOptions{Ready: ready})
	})
}

// faultyServer serves with the fault until the test ends.
func faultyServer(t testing.TB, fault string) string {
	return serve(t, func(ctx context.Context, socket string, ready *lines) error {
		return faulty.Serve(ctx, socket, fault, ready)
	})
}

func serve(t testing.TB, run func(context.Context, string, *lines) error) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sc")
	require.NoError(t, err)
	socket := filepath.Join(dir, "s")
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := &lines{first: make(chan struct{})}, make(chan error, 1)
	go func() { ended <- run(ctx, socket, ready) }()
	select {
	case <-ready.first:
	case err := <-ended:
		require.NoError(t, err)
		t.Fatal("the server has ended")
	}
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
		require.NoError(t, os.RemoveAll(dir))
	})
	return socket
}

// lines tells when the first line was written.
type lines struct { // an io.Writer
	buf   bytes.Buffer
	first chan struct{}
}

func (l *lines) Write(b []byte) (int, error) {
	if l.buf.Len() == 0 {
		close(l.first)
	}
	return l.buf.Write(b)
}
