package runner

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oizys-protocol/oizys/conformance/faulty"
	"github.com/oizys-protocol/oizys/conformance/process"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/vectors"
)

// TestMain makes this test binary a peer when it is started as `binary -peer KIND ARG SOCKET`.
func TestMain(m *testing.M) {
	if len(os.Args) == 5 && os.Args[1] == "-peer" {
		os.Exit(peer(os.Args[2], os.Args[3], os.Args[4]))
	}
	atOnce()
	if err := process.Adopt(); err != nil { // as the command does
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	goleak.VerifyTestMain(m)
}

// atOnce lets more tests run beside each other than there are processors, since most of them wait for deadlines, unless
// the command line says how many. Peers that have the race detector are not to sleep before they end, as they otherwise do.
func atOnce() {
	const tests = 4
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		_ = flag.Set("test.parallel", strconv.Itoa(tests)) // there is such a flag
	}
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE")) // a name that can be set
}

// peer is what the test binary does in place of testing.
func peer(kind, arg, socket string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	var err error
	switch kind {
	case "faulty": // the faulty peer called arg
		err = faulty.Serve(ctx, socket, arg, os.Stdout)
	case "stops": // an echo server that stops its own process when it gets an empty message
		err = tolerate(socket, func() bool {
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP) // another thread may run on for a moment
			for {
				time.Sleep(time.Hour)
			}
		})
	case "driver": // the faulty driver called arg
		err = faulty.RunDriver(arg, os.Stdin, os.Stdout, os.Stderr)
	case "deaf": // the faulty peer called arg, which takes no notice of SIGQUIT
		signal.Ignore(syscall.SIGQUIT)
		err = faulty.Serve(ctx, socket, arg, os.Stdout)
	case "spins": // an echo server whose sessions read on and on at the end of their stream
		err = spin(socket)
	case "later": // an echo server that aborts 300 ms after an empty message
		err = tolerate(socket, func() bool { return atLeisure(syscall.SIGABRT, 300*time.Millisecond) })
	case "stops-later": // one that stops its own process then
		err = tolerate(socket, func() bool { return atLeisure(syscall.SIGSTOP, 300*time.Millisecond) })
	case "timer": // one that aborts a second after its start, whatever it is asked
		atLeisure(syscall.SIGABRT, time.Second)
		err = tolerate(socket, func() bool { return false })
	case "adds-up": // one that aborts 300 ms after its fifth empty message
		var empty atomic.Int32
		err = tolerate(socket, func() bool { return empty.Add(1) == 5 && atLeisure(syscall.SIGABRT, 300*time.Millisecond) })
	case "once-later": // one that aborts 200 ms after its first empty message, and not again while the file arg is there
		err = tolerate(socket, func() bool { return counted(arg) == 1 && atLeisure(syscall.SIGABRT, 200*time.Millisecond) })
	case "deaf-later": // one that answers nobody any more 100 ms after an empty message
		var deaf atomic.Bool
		err = tolerate(socket, func() bool {
			time.AfterFunc(100*time.Millisecond, func() { deaf.Store(true) })
			return false
		}, &deaf)
	case "leaks": // one that ends as with a leak that a sanitizer reports
		go func() { err = tolerate(socket, func() bool { return false }) }()
		<-ctx.Done()
		fmt.Fprintln(os.Stderr, "==1==ERROR: LeakSanitizer: detected memory leaks")
		return 23
	case "every-other": // an echo server that takes every other empty message, counted in the file arg, for nothing
		err = tolerate(socket, func() bool { return counted(arg)%2 == 1 })
	case "killed-once": // one that is killed when it gets its first empty message, and not again while the file arg is there
		err = tolerate(socket, func() bool {
			if counted(arg) == 1 {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // it does not return
			}
			return false
		})
	default:
		err = fmt.Errorf("no such peer: %s", kind)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	return 0
}

// spin serves an echo server that takes an end of stream for "nothing yet".
func spin(socket string) error {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		return err
	}
	for {
		c, err := l.AcceptUnix()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			full := func(p []byte) {
				for got := 0; got < len(p); {
					n, _ := c.Read(p[got:]) // an end is no byte, like any other time when there is none
					got += n
				}
			}
			for {
				var header [4]byte
				full(header[:])
				n := int(header[1])<<16 | int(header[2])<<8 | int(header[3])
				if n == 0 || header[0] != 0 {
					return
				}
				message := append(header[:], make([]byte, n)...)
				full(message[4:])
				if _, err := c.Write(message); err != nil {
					return
				}
			}
		}()
	}
}

// atLeisure sends this process a signal in a while. It returns false.
func atLeisure(s syscall.Signal, after time.Duration) bool {
	time.AfterFunc(after, func() {
		signal.Reset(s)
		_ = syscall.Kill(os.Getpid(), s)
	})
	return false
}

var counting sync.Mutex

// counted returns how often it was called with the file, in whatever process.
func counted(file string) int {
	counting.Lock()
	defer counting.Unlock()
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return 0
	}
	defer f.Close()
	if _, err := f.WriteString("."); err != nil {
		return 0
	}
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	return int(info.Size())
}

// tolerate serves an echo server that asks, at each empty message, whether to go on. It answers nobody once it is deaf.
func tolerate(socket string, goOn func() bool, deaf ...*atomic.Bool) error {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		return err
	}
	for {
		c, err := l.AcceptUnix()
		if err != nil {
			return err
		}
		if len(deaf) > 0 && deaf[0].Load() {
			defer c.Close()
			continue
		}
		go func() {
			defer c.Close()
			for r := bufio.NewReader(c); ; {
				var header [4]byte
				if _, err := io.ReadFull(r, header[:]); err != nil || header[0] != 0 {
					return
				}
				n := int(header[1])<<16 | int(header[2])<<8 | int(header[3])
				if n == 0 {
					if !goOn() {
						return
					}
					continue
				}
				message := append(header[:], make([]byte, n)...)
				if _, err := io.ReadFull(r, message[4:]); err != nil {
					return
				}
				if _, err := c.Write(message); err != nil {
					return
				}
			}
		}()
	}
}

// command is the command line of a peer that is this test binary.
func command(t testing.TB, kind, arg string) []string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	return []string{self, "-peer", kind, arg, "{socket}"}
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
