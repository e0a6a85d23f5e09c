package runner

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oizys-protocol/oizys/conformance/faulty"
	"github.com/oizys-protocol/oizys/conformance/internal/testprogram"
	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/vectors"
)

func TestMain(m *testing.M) {
	atOnce()
	if err := process.Adopt(); err != nil { // as the command does
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if err := testpeer.Remove(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
		os.Exit(code)
	}))
}

// testpeer is what the peers are, as processes, linked as most programs are.
var testpeer = testprogram.New("github.com/oizys-protocol/oizys/conformance/runner/testpeer")

// Testpeer returns the path of testpeer, for the tests outside of the package, too.
func Testpeer(t testing.TB) string {
	t.Helper()
	path, err := testpeer.Path()
	require.NoError(t, err)
	return path
}

// atOnce lets more tests run beside each other than there are processors, since most of them wait for deadlines, unless
// the command line says how many.
func atOnce() {
	const tests = 4
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		_ = flag.Set("test.parallel", strconv.Itoa(tests)) // there is such a flag
	}
}

// command is the command line of a server that is testpeer.
func command(t testing.TB, kind, arg string) []string {
	t.Helper()
	return []string{Testpeer(t), kind, arg, "{socket}"}
}

func script(text string) []string { return []string{"/bin/sh", "-c", text, "{socket}"} }

// certify runs with a temporary directory of its own and requires that nothing is left behind: no file, no process.
func certify(t *testing.T, ctx context.Context, o Options) (*report.Report, error) {
	t.Helper()
	dir := shortDir(t)
	o.temporary = dir
	rep, err := Run(ctx, o)
	left, globErr := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, globErr)
	require.Empty(t, left, "files are left")
	require.Empty(t, started(t, dir), "processes are left")
	return rep, err
}

// shortDir makes a directory for sockets: the test's own may have too long a path.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "o")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// started returns the processes whose environment names a socket in dir.
func started(t testing.TB, dir string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var found []string
	for _, file := range files {
		env, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(env), "OIZYS_SOCKET="+dir) {
			found = append(found, file)
		}
	}
	return found
}

// judged is certify for a run that comes to its end.
func judged(t *testing.T, o Options) *report.Report {
	t.Helper()
	rep, err := certify(t, t.Context(), o)
	require.NoError(t, err)
	require.True(t, rep.Complete, rep.Why)
	require.Equal(t, report.Count(rep.Cases), rep.Summary)
	return rep
}

func withVerdict(rep *report.Report, v report.Verdict) []report.Case {
	return slices.DeleteFunc(slices.Clone(rep.Cases), func(c report.Case) bool { return c.Verdict != v })
}

func caseOf(t testing.TB, rep *report.Report, id string) report.Case {
	t.Helper()
	i := slices.IndexFunc(rep.Cases, func(c report.Case) bool { return c.ID == id })
	require.GreaterOrEqual(t, i, 0, "the report has no case %s", id)
	return rep.Cases[i]
}

func serverCases(t testing.TB) []suite.Case {
	t.Helper()
	set, err := vectors.Embedded()
	require.NoError(t, err)
	cases, err := suite.Server(set)
	require.NoError(t, err)
	return cases
}

// watcher counts what a run says of its progress, and acts on it.
type watcher struct {
	mu     sync.Mutex
	total  int
	done   map[string]int
	ended  int
	notes  []string
	onDone func(done int)
}

func (w *watcher) Begin(total int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.total, w.done = total, map[string]int{}
}

func (w *watcher) Done(c report.Case) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done[c.ID]++
	if w.onDone != nil {
		w.onDone(len(w.done))
	}
}

func (w *watcher) Note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.notes = append(w.notes, fmt.Sprintf(format, args...))
}

func (w *watcher) End() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended++
}

const long = 30 * time.Second

// serveUntil runs the correct server in this process until ctx ends.
func serveUntil(ctx context.Context, socket string) error {
	return faulty.Serve(ctx, socket, "none", io.Discard)
}
