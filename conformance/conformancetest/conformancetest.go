// Package conformancetest puts a server that is written in Go through the conformance suite from a test of its own, in
// the manner of testing/fstest and golang.org/x/net/nettest.
//
// Begin with [Run]: each case is a subtest. The server runs in the test's process, so what needs a process of its own is
// skipped, by name: whether the server survives, what it holds when sessions are over, and what it does over a whole run.
// For those, and for a certificate, build the server and use `oizys certify`.
//
// Until there is a release to require, a clone of the repository takes its place:
//
//	go mod edit -replace github.com/oizys-protocol/oizys=../oizys
//	go mod tidy
package conformancetest

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oizys-protocol/oizys/conformance/pattern"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/vectors"
)

// Serve serves echo sessions, each message sent back, to whoever connects to l, until l is closed. It is called once, on a
// goroutine of its own. An error that it returns before that fails the test; one that it returns then is of no interest.
// Sessions may go on when it has returned.
type Serve func(l net.Listener) error

// Options adjust [RunWith]; the zero value is what Run uses.
type Options struct {
	// Patience is how long the server may go without progress before a case gives up; 0 means 5 s.
	Patience time.Duration
	// Sessions is how many sessions at once the server serves, where that is fewer than 108; 0 means that it serves those.
	// Cases that need more are skipped.
	Sessions int
	// Seed is what random cases are made from.
	Seed uint64
	// Only are the beginnings of the IDs of the cases to run; none means all. `go test -run` chooses, too.
	Only []string
}

// Run puts the server through every case that needs no process, each a subtest with the case's ID as its name. A broken
// MUST fails the subtest, with what was expected, what happened and the bytes; a broken SHOULD is logged.
func Run(t *testing.T, serve Serve) {
	t.Helper()
	RunWith(t, Options{}, serve)
}

// RunWith is Run with options.
func RunWith(t *testing.T, o Options, serve Serve) {
	t.Helper()
	if o.Patience <= 0 {
		o.Patience = 5 * time.Second
	}
	if o.Sessions <= 0 || o.Sessions > suite.MaxCapacity {
		o.Sessions = suite.MaxCapacity
	}
	set, err := vectors.Embedded()
	if err != nil {
		t.Fatalf("loading the golden vectors: %v", err)
	}
	cases, err := suite.Server(set)
	if err != nil {
		t.Fatal(err)
	}
	socket, gaveUp := begin(t, serve)
	ran, late := 0, brake{}
	for _, c := range cases {
		if !chosen(c.ID, o.Only) {
			continue
		}
		ran++
		t.Run(c.ID, func(t *testing.T) {
			if why := late.holds(c); why != "" {
				t.Skip(why)
			}
			if o.one(t, c, socket) {
				late[pattern.Family(c.ID)]++
			}
		})
		select {
		case err := <-gaveUp:
			t.Fatalf("the server function returned while there were sessions to serve: %v", err)
		default:
		}
	}
	if ran == 0 {
		t.Errorf("no case begins with one of %q", o.Only)
	}
}

// brake counts, by family, the cases that missed their deadline: a server that hangs would miss it in every one.
type brake map[string]int

const (
	latePerFamily = 2
	lateInAll     = 10
)

// holds says why a case is not run, or is empty.
func (b brake) holds(c suite.Case) string {
	all := 0
	for _, n := range b {
		all += n
	}
	switch family := pattern.Family(c.ID); {
	case all >= lateInAll:
		return fmt.Sprintf("not run: %d cases have missed their deadline", all)
	case b[family] >= latePerFamily:
		return fmt.Sprintf("not run: %d cases of %s have missed their deadline", b[family], family)
	default:
		return ""
	}
}

// begin has the server listen, and returns where, and what tells of an error with which it ends too early.
func begin(t *testing.T, serve Serve) (socket string, gaveUp <-chan error) {
	t.Helper()
	dir, err := os.MkdirTemp("", "oizys") // the test's own would be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // what is left is in the directory for such things
	socket = filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	served, failed := make(chan struct{}), make(chan error, 1)
	go func() {
		defer close(served)
		if err := serve(l); err != nil {
			failed <- err
			_ = l.Close() // nobody waits for a server that is not there
		}
	}()
	t.Cleanup(func() {
		_ = l.Close() // the server may have closed it
		<-served
	})
	return socket, failed
}

func chosen(id string, only []string) bool {
	for _, prefix := range only {
		if id == prefix || strings.HasPrefix(id, strings.TrimSuffix(prefix, "/")+"/") {
			return true
		}
	}
	return len(only) == 0
}

// needsProcess says why a case cannot be run against a server in this process, or is empty.
func needsProcess(c suite.Case) string {
	switch {
	case c.Run == nil:
		return "it is judged by how a whole run of a process went"
	case strings.HasPrefix(c.ID, "srv/releases/"), strings.HasPrefix(c.ID, "srv/announced-memory/"):
		return "it looks at what the server's process holds, and this is the test's as well"
	default:
		return ""
	}
}

// one runs a case, and reports whether it missed a deadline.
func (o Options) one(t *testing.T, c suite.Case, socket string) (late bool) {
	if why := needsProcess(c); why != "" {
		t.Skipf("needs a process of the server's own: %s; use `oizys certify`", why)
	}
	if c.Sessions > o.Sessions {
		t.Skipf("needs %d sessions at once, and the server serves %d", c.Sessions, o.Sessions)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	env := &suite.Env{Socket: socket, Patience: o.Patience, Capacity: o.Sessions, Rand: suite.NewRand(o.Seed, c.ID)}
	defer env.Close()
	f := c.Run(ctx, env)
	if f == nil {
		return false
	}
	switch f.Verdict {
	case report.Fail:
		t.Errorf("%s\n%s", c.Title, told(c, f, env))
	case report.Error:
		t.Fatalf("the suite could not judge: %s", f.Actual)
	case report.Warn:
		t.Logf("warning: %s\n%s", c.Title, told(c, f, env))
	case report.Skip:
		t.Skip(f.Actual)
	case report.Info:
		t.Log(f.Actual)
	}
	return f.Stalled
}

// told says what of a finding helps to mend it.
func told(c suite.Case, f *suite.Finding, env *suite.Env) string {
	rule := f.Requirement
	if rule == "" {
		rule = c.Requirements[0]
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  rule      %s\n  expected  %s\n  actual    %s\n", rule, report.Printable(f.Expected), report.Printable(f.Actual))
	for _, hint := range f.Hints {
		fmt.Fprintf(&b, "  likely    %s\n", report.Printable(hint))
	}
	const most = 24 // lines of a session
	if all := env.Transcripts(); len(all) > 0 {
		lines := report.Annotate(all[0]) // the one that failed
		for _, line := range lines[:min(len(lines), most)] {
			fmt.Fprintf(&b, "  %s\n", line)
		}
	}
	return b.String()
}
