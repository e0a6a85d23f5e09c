package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/oizys-protocol/oizys/conformance/runner"
)

// holder tells a person of a peer that is kept for a debugger, and waits for them.
type holder struct {
	in  io.Reader
	say interface {
		Note(format string, args ...any)
	}
}

// hold returns when a line comes in or nothing more can, the peer has ended or the context ends.
func (h holder) hold(ctx context.Context, held runner.Held) {
	if held.Case != "" {
		h.say.Note("held: %s failed, and its session is still open: %s", held.Case, held.Why)
	} else {
		h.say.Note("held: %s", held.Why)
	}
	for _, pid := range held.PIDs {
		name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)) // it may have ended meanwhile
		h.say.Note("held: process %d (%s)", pid, strings.TrimSpace(string(name)))
	}
	if held.Socket != "" {
		h.say.Note("held: socket %s", held.Socket)
	}
	h.say.Note("held: Enter goes on, Ctrl-C ends the run")
	line := make(chan struct{})
	go func() { // it is left behind when something else comes first: the program ends soon
		_, _ = bufio.NewReader(h.in).ReadString('\n') // at the end of the input there is nobody to wait for
		close(line)
	}()
	select {
	case <-line:
	case <-held.Ended:
	case <-ctx.Done():
	}
}
