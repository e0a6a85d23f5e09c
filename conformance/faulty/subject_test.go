package faulty

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/oizys-protocol/oizys/conformance/internal/testprogram"
)

// program is what the servers and clients are, as processes.
var program = testprogram.New("github.com/oizys-protocol/oizys/conformance/faulty/oizys-faulty", "CGO_ENABLED=0")

func TestMain(m *testing.M) {
	code := m.Run()
	if err := program.Remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// subject is a server in a process of its own.
type subject struct {
	socket string
	pid    int // of the process that listens
	cmd    *exec.Cmd
	ended  chan struct{}
	// patience is how long the probes wait for something that has to come.
	patience time.Duration
}

// launch starts the server called name and waits until it listens.
func launch(name, dir string, patience time.Duration) (*subject, error) {
	sub := &subject{socket: filepath.Join(dir, "s"), ended: make(chan struct{}), patience: patience}
	path, err := program.Path()
	if err != nil {
		return nil, err
	}
	sub.cmd = exec.Command(path, "server", name, sub.socket)
	sub.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := sub.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = sub.cmd.Wait()
		close(sub.ended)
	}()
	for range 1000 {
		if conn, err := net.Dial("unix", sub.socket); err == nil {
			sub.pid = processOf(conn.(*net.UnixConn))
			conn.Close()
			return sub, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	sub.kill()
	return nil, fmt.Errorf("%s does not listen", name)
}

// processOf returns the process at the other end: that which listens, or that which has connected.
func processOf(conn *net.UnixConn) (pid int) {
	if raw, err := conn.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			if peer, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
				pid = int(peer.Pid)
			}
		})
	}
	return pid
}

func (sub *subject) kill() {
	if sub.pid > 1 && sub.pid != sub.cmd.Process.Pid && sub.pid != os.Getpid() {
		_ = syscall.Kill(sub.pid, syscall.SIGKILL)
	}
	_ = syscall.Kill(-sub.cmd.Process.Pid, syscall.SIGKILL)
	<-sub.ended
}

// alive reports whether the listening process lives.
func (sub *subject) alive() bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", sub.pid))
	return err == nil && !bytes.Contains(stat, []byte(") Z "))
}

// usage counts what the listening process holds, after it has settled.
type usage struct{ files, threads, children, pages int }

func (sub *subject) usage() (u usage) {
	proc := fmt.Sprintf("/proc/%d", sub.pid)
	files, _ := os.ReadDir(proc + "/fd")
	tasks, _ := os.ReadDir(proc + "/task")
	for _, task := range tasks {
		children, _ := os.ReadFile(proc + "/task/" + task.Name() + "/children")
		u.children += len(strings.Fields(string(children)))
	}
	var total int
	if statm, err := os.ReadFile(proc + "/statm"); err == nil {
		_, _ = fmt.Sscan(string(statm), &total, &u.pages)
	}
	u.files, u.threads = len(files), len(tasks)
	return u
}

// rest waits until the server has nothing more to do: for a while it hardly runs, and does not want to.
func (sub *subject) rest() {
	for begin := time.Now(); time.Since(begin) < sub.patience; {
		if busyFor(sub.pid, 300*time.Millisecond) < 0.05 {
			return
		}
	}
}

// peer is a client's connection.
type peer struct {
	conn     *net.UnixConn
	patience time.Duration
}

func (sub *subject) dial() (*peer, error) {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: sub.socket, Net: "unix"})
	for tries := 0; errors.Is(err, unix.EAGAIN) && tries < 300; tries++ {
		time.Sleep(10 * time.Millisecond)
		conn, err = net.DialUnix("unix", nil, &net.UnixAddr{Name: sub.socket, Net: "unix"})
	}
	if err != nil {
		return nil, err
	}
	return &peer{conn, sub.patience}, conn.SetDeadline(time.Now().Add(10 * sub.patience))
}

// with runs use with a new connection.
func (sub *subject) with(use func(*peer) error) error {
	p, err := sub.dial()
	if err != nil {
		return err
	}
	defer p.conn.Close()
	return use(p)
}

// send writes in the background.
func (p *peer) send(sent []byte) {
	go func() { _, _ = p.conn.Write(sent) }()
}

// sendTaken sends bytes and waits until the server has read them.
func (p *peer) sendTaken(sent []byte) error {
	if _, err := p.conn.Write(sent); err != nil {
		return err
	}
	return taken(p.conn, p.patience)
}

// taken waits until the other end has read what was sent.
func taken(conn *net.UnixConn, patience time.Duration) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	for begin, unread := time.Now(), 1; unread > 0 && err == nil; time.Sleep(time.Millisecond) {
		if time.Since(begin) > patience {
			return errors.New("nobody reads")
		}
		_ = raw.Control(func(fd uintptr) { unread, err = unix.IoctlGetInt(int(fd), unix.TIOCOUTQ) })
	}
	return err
}

// expect reads exactly the messages.
func (p *peer) expect(contents ...[]byte) error { return p.expectWire(frames(contents...)) }

// expectWire reads exactly the bytes.
func (p *peer) expectWire(want []byte) error {
	buf := make([]byte, min(len(want), 256<<10))
	for got := 0; got < len(want); {
		_ = p.conn.SetReadDeadline(time.Now().Add(p.patience))
		n, err := p.conn.Read(buf[:min(len(buf), len(want)-got)])
		if !bytes.Equal(buf[:n], want[got:got+n]) {
			return fmt.Errorf("wrong bytes within the first %d of %d", got+n, len(want))
		}
		if got += n; err != nil && got < len(want) {
			return fmt.Errorf("after %d of %d bytes: %w", got, len(want), err)
		}
	}
	return nil
}

// quiet makes sure that nothing comes for d.
func (p *peer) quiet(d time.Duration) error {
	_ = p.conn.SetReadDeadline(time.Now().Add(d))
	n, err := p.conn.Read(make([]byte, 64))
	if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("unasked: %d bytes, %w", n, err)
	}
	return nil
}

// expectClosed makes sure that the connection ends without another byte.
func (p *peer) expectClosed() error {
	_ = p.conn.SetReadDeadline(time.Now().Add(p.patience))
	n, err := p.conn.Read(make([]byte, 64))
	switch {
	case n > 0:
		return fmt.Errorf("%d bytes before the close", n)
	case err == io.EOF || errors.Is(err, unix.ECONNRESET):
		return nil
	default:
		return fmt.Errorf("not closed: %w", err)
	}
}

// echo sends the messages in one piece and expects them back.
func (p *peer) echo(contents ...[]byte) error { return p.echoWire(frames(contents...)) }

// echoWire sends messages, as bytes, in one piece and expects them back.
func (p *peer) echoWire(wire []byte) error {
	p.send(wire)
	return p.expectWire(wire)
}

func frames(contents ...[]byte) []byte {
	var all [][]byte
	for _, content := range contents {
		all = append(all, headerOf(len(content)), content)
	}
	return slices.Concat(all...)
}

// pattern returns n bytes of which no two neighbouring stretches are equal. They are the caller's own.
func pattern(n, seed int) []byte {
	content := make([]byte, n)
	for i := range content {
		content[i] = byte(i*7 + i>>8*13 + i>>16*29 + seed)
	}
	return content
}

// large returns a message of a pattern of n bytes, as bytes, which nobody may change: all servers are sent the same, and to
// make it for each anew costs more than to send it.
func large(n int) []byte {
	made, _ := larges.LoadOrStore(n, sync.OnceValue(func() []byte { return frames(pattern(n, 0)) }))
	return made.(func() []byte)()
}

var larges sync.Map // of functions that make them, by length
