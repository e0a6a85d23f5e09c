package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/runner"
)

type notes []string

func (n *notes) Note(format string, args ...any) { *n = append(*n, fmt.Sprintf(format, args...)) }

// A peer is held until one of four things happens.
func TestHoldEnds(t *testing.T) {
	ended := make(chan struct{})
	close(ended)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	silent, writer := io.Pipe()
	defer writer.Close()
	for _, row := range []struct {
		name string
		ctx  context.Context
		in   io.Reader
		held runner.Held
	}{
		{"a line", t.Context(), strings.NewReader("\n"), runner.Held{}},
		{"the peer's end", t.Context(), silent, runner.Held{Ended: ended}},
		{"an interrupt", cancelled, silent, runner.Held{}},
		{"the end of the input", t.Context(), strings.NewReader(""), runner.Held{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			var said notes
			row.held.Case, row.held.PIDs, row.held.Socket = "msg/empty/only", []int{os.Getpid()}, "/tmp/s"
			holder{row.in, &said}.hold(row.ctx, row.held)
			all := strings.Join(said, "\n")
			require.Contains(t, all, "msg/empty/only failed")
			require.Contains(t, all, fmt.Sprintf("process %d (", os.Getpid()))
			require.Contains(t, all, "socket /tmp/s")
		})
	}
}
