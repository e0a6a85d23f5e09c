// Package faultytest serves faulty peers, and others, inside of a test's own process.
//
// Begin with [Serve]. Peers that end their process, or start others, are not for it.
package faultytest

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/oizys-protocol/oizys/conformance/faulty"
)

// Serve serves a peer with the fault or habit called name, or none, until the test ends, and returns its socket's path.
func Serve(t testing.TB, name string) string {
	t.Helper()
	return Run(t, func(ctx context.Context, socket string, ready io.Writer) error {
		return faulty.Serve(ctx, socket, name, ready)
	})
}

// Run has a server serve until the test ends, and returns its socket's path. The server is to write to ready once it
// listens, and to return nil when its context is done; the test fails if it does not.
func Run(t testing.TB, serve func(ctx context.Context, socket string, ready io.Writer) error) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "oizys") // the test's own directory may have too long a path
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "s")
	ctx, stop := context.WithCancel(context.Background())
	said, ready := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := serve(ctx, socket, ready)
		ready.Close() // of one that has said nothing, too
		ended <- err
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the server: %v", err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if _, err := said.Read(make([]byte, 256)); err != nil {
		t.Fatal("the server has ended before it listened")
	}
	go func() { _, _ = io.Copy(io.Discard, said) }() // until the server has ended
	return socket
}
