package suite

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oizys-protocol/oizys/conformance/transport"
	"github.com/oizys-protocol/oizys/vectors"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	long  = 30 * time.Second      // the patience with servers that are meant to answer
	short = 60 * time.Millisecond // and with those that are meant to hang
)

// mini is a small echo server in this process. The zero value but for t is a conforming one.
type mini struct {
	t testing.TB
	// handle serves one session; nil echoes. The connection is closed behind it.
	handle func(c *net.UnixConn)
	// atOnce is how many sessions are served at once; 0 is any number.
	atOnce int
	// turnsAway closes the sessions beyond those, instead of leaving them waiting.
	turnsAway bool
}

// serve listens, and serves until the test ends. It returns the socket's path.
func (m mini) serve() string {
	m.t.Helper()
	dir, err := os.MkdirTemp("", "oizys") // the test's own directory may have too long a path
	require.NoError(m.t, err)
	path := filepath.Join(dir, "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(m.t, err)
	if m.handle == nil {
		m.handle = func(c *net.UnixConn) { _ = echo(c, c) } // how it ends is the test's business
	}
	room := make(chan struct{}, 1000)
	if m.atOnce > 0 {
		room = make(chan struct{}, m.atOnce)
	}
	all := sessions{over: make(chan struct{})}
	all.running.Go(func() {
		for {
			if !m.turnsAway {
				select {
				case room <- struct{}{}:
				case <-all.over:
					return
				}
			}
			c, err := l.AcceptUnix()
			if err != nil {
				return
			}
			if m.turnsAway {
				select {
				case room <- struct{}{}:
				default:
					c.Close()
					continue
				}
			}
			all.add(c)
			all.running.Go(func() {
				m.handle(c)
				all.remove(c)
				<-room
			})
		}
	})
	m.t.Cleanup(func() {
		l.Close()
		all.end()
		require.NoError(m.t, os.RemoveAll(dir))
	})
	return path
}

// sessions are the open connections of a mini server.
type sessions struct {
	over    chan struct{}
	running sync.WaitGroup
	mu      sync.Mutex
	open    []*net.UnixConn
	ended   bool
}

func (s *sessions) add(c *net.UnixConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = append(s.open, c)
	if s.ended {
		c.Close()
	}
}

func (s *sessions) remove(c *net.UnixConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Close()
	s.open = slices.DeleteFunc(s.open, func(have *net.UnixConn) bool { return have == c })
}

// end closes what is open and waits for all sessions to end.
func (s *sessions) end() {
	s.mu.Lock()
	s.ended = true
	for _, c := range s.open {
		c.Close()
	}
	s.mu.Unlock()
	close(s.over)
	s.running.Wait()
}

// echo is the conforming server's session.
func echo(in io.Reader, out io.Writer) error {
	r := bufio.NewReaderSize(in, 64<<10)
	for {
		content, err := receive(r)
		if err != nil {
			return err
		}
		if _, err := out.Write(frame(content)); err != nil {
			return err
		}
	}
}

// receive reads one message; every error of the stream is one.
func receive(r io.Reader) ([]byte, error) {
	var header [4]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return nil, err
	}
	if length := length24(header[:]); header[0] == 0 && length > 0 {
		content := make([]byte, length)
		_, err := io.ReadFull(r, content)
		return content, err
	}
	return nil, io.ErrUnexpectedEOF
}

// answering makes a session of what is answered to each message; nil closes.
func answering(answer func(content []byte) []byte) func(*net.UnixConn) {
	return func(c *net.UnixConn) {
		r := bufio.NewReader(c)
		for {
			content, err := receive(r)
			if err != nil {
				return
			}
			reply := answer(content)
			if reply == nil {
				return
			}
			if _, err := c.Write(reply); err != nil {
				return
			}
		}
	}
}

var loaded = sync.OnceValues(func() ([]Case, error) {
	set, err := vectors.Embedded()
	if err != nil {
		return nil, err
	}
	return Server(set)
})

func catalogue(t testing.TB) []Case {
	t.Helper()
	cases, err := loaded()
	require.NoError(t, err)
	return slices.Clone(cases)
}

func caseOf(t testing.TB, id string) Case {
	t.Helper()
	all := catalogue(t)
	i := slices.IndexFunc(all, func(c Case) bool { return c.ID == id })
	require.GreaterOrEqual(t, i, 0, "no case %s", id)
	return all[i]
}

// env is what a case has of a server at socket.
func env(t testing.TB, socket string, patience time.Duration) *Env {
	t.Helper()
	e := &Env{Socket: socket, Patience: patience, Capacity: 10, Rand: NewRand(1, t.Name())}
	t.Cleanup(e.Close)
	return e
}

// sessionsBy has a test choose the patience of each session and the way of asking whether the server is at work on it, which
// a wait that is at its end does: what a server does in the end is waited for then, and no busy machine makes it too late.
func (e *Env) sessionsBy(t testing.TB, begin func(c *transport.Conn)) *Env {
	e.Connect = func(name string, patience time.Duration) (*transport.Conn, error) {
		c, err := transport.DialUnread(t.Context(), e.Socket, name, patience)
		if err == nil {
			begin(c)
		}
		return c, err
	}
	return e
}

// leftWaiting is env for a server that leaves one session waiting, the one of that number, and answers all others. That one
// is not given up before done is closed; nil means that there is nothing to wait for.
func leftWaiting(t testing.TB, socket string, number int, done <-chan struct{}) *Env {
	t.Helper()
	return env(t, socket, long).sessionsBy(t, func(c *transport.Conn) {
		if c.Name() != fmt.Sprintf("session %d", number) {
			return
		}
		c.SetPatience(short)
		if done != nil {
			c.SetBusy(func() bool { <-done; return false })
		}
	})
}

// try runs a case against a server.
func try(t testing.TB, id string, handle func(*net.UnixConn), patience time.Duration) *Finding {
	t.Helper()
	return caseOf(t, id).Run(t.Context(), env(t, mini{t: t, handle: handle}.serve(), patience))
}
