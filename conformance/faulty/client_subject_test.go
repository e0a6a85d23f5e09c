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
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/oizys-protocol/oizys/conformance/process"
)

// meeting is one run of a client: what the server sends, and what is asked of the client.
type meeting struct {
	name    string
	message string
	pieces  [][]byte      // what the server sends
	pause   time.Duration // before each piece
	early   bool          // the server sends before it reads
	half    bool          // it then shuts down its writing side,
	full    bool          // or closes,
	reset   bool          // with the message left unread
	// reply is what has to be printed, apart from what must not stand before and behind it; empty means that the session
	// has to be closed and nothing printed of absent.
	reply  []byte
	absent []string
	// unsent means that nothing may come; refusable that the client may refuse the message.
	unsent, refusable bool
	ends              bool   // the client has to end soon, and not to spin
	should            string // the requirement of which a habit warns that does not come through
}

// met is what comes of a meeting.
type met struct {
	out, err    bytes.Buffer
	status      int
	busy        float64 // the share of a wait for which it ran, or would have if a processor had been free
	late        bool
	wrote, more []byte // on the first session that bytes came on, and on others
	closed      bool
}

// hold runs the client called name through a meeting, and returns what is wrong.
func (m meeting) hold(name, dir string, patience time.Duration) error {
	socket := filepath.Join(dir, "s")
	_ = os.Remove(socket)
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		return err
	}
	defer listener.Close()
	path, err := program.Path()
	if err != nil {
		return err
	}
	cmd := exec.Command(path, "client", name, "-e", socket, "-m", m.message)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1") // it starts sooner, and does one thing at a time
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	var got met
	got.out.Grow(len(m.reply) + 2*bytes.MinRead) // with what stands around the reply
	cmd.Stdout, cmd.Stderr = &got.out, &got.err
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	defer func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); <-ended }()
	failed := m.attend(listener, cmd.Process.Pid, ended, &got, patience)
	select {
	case <-ended:
	case <-time.After(patience):
		got.late = true
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-ended
	}
	got.status = cmd.ProcessState.ExitCode()
	got.more = others(listener)
	return errors.Join(failed, m.judge(&got))
}

// attend is the server's side of the meeting.
func (m meeting) attend(listener *net.UnixListener, pid int, ended chan struct{}, got *met, patience time.Duration) error {
	for {
		conn, err := acceptUnless(listener, ended, patience)
		if err != nil {
			if m.unsent || m.refusable {
				return nil
			}
			return err
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(patience))
		if m.early {
			_ = m.say(conn, patience)
		}
		want := frames([]byte(m.message))
		if m.reset {
			switch lie := lying(conn, len(want), patience); {
			case lie < len(want) && hungUp(conn):
				continue // it only looked
			case lie < len(want):
				return fmt.Errorf("sent %d bytes", lie)
			}
			got.wrote = want
			return m.say(conn, patience)
		}
		if m.unsent {
			want = nil
		}
		buf := make([]byte, len(want))
		n, err := io.ReadFull(conn, buf)
		got.wrote = buf[:n]
		if n == 0 && err != nil && !m.unsent && !errors.Is(err, os.ErrDeadlineExceeded) {
			continue // it only looked
		}
		if !m.unsent && !bytes.Equal(got.wrote, want) {
			return fmt.Errorf("sent % x, %w", got.wrote[:min(n, 40)], err)
		}
		if m.ends {
			got.busy = 1
			for look := 0; look < 10 && got.busy > mostBusy; look++ { // one that does not spin comes to rest
				got.busy = min(got.busy, busyFor(pid, 100*time.Millisecond))
			}
		}
		if !m.early && !m.unsent {
			if err := m.say(conn, patience); err != nil {
				return nil // the client's words and status show whether that was right
			}
		}
		if m.full {
			return nil
		}
		return m.listen(conn, got, patience)
	}
}

// mostBusy is the share of a wait for which a client may want a processor.
const mostBusy = 0.7

// busyFor returns for which share of a while a process runs, or wants to.
func busyFor(pid int, while time.Duration) float64 {
	begin := time.Now()
	before, _ := process.SchedulingOf(pid)
	time.Sleep(while)
	after, _ := process.SchedulingOf(pid)
	used := after.Sub(before)
	return (used.Ran + used.Waited).Seconds() / time.Since(begin).Seconds()
}

// say sends the pieces, each after the one before was read, or was not for as long as the patience.
func (m meeting) say(conn *net.UnixConn, patience time.Duration) error {
	for i, piece := range m.pieces {
		if i > 0 {
			_ = taken(conn, patience) // one that does not read shows that elsewhere
		}
		time.Sleep(m.pause)
		if _, err := conn.Write(piece); err != nil {
			return err
		}
	}
	switch {
	case m.full:
		return conn.Close()
	case m.half:
		return conn.CloseWrite()
	}
	return nil
}

// listen reads to the end of the session.
func (m meeting) listen(conn *net.UnixConn, got *met, patience time.Duration) error {
	_ = conn.SetDeadline(time.Now().Add(patience))
	rest, err := io.ReadAll(conn)
	got.wrote = append(got.wrote, rest...)
	got.closed = !errors.Is(err, os.ErrDeadlineExceeded)
	for begin := time.Now(); got.closed && !hungUp(conn); time.Sleep(time.Millisecond) {
		got.closed = time.Since(begin) < patience
	}
	return nil
}

// lying waits until so many bytes lie unread, and returns how many do.
func lying(conn *net.UnixConn, n int, patience time.Duration) (unread int) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0
	}
	for begin := time.Now(); unread < n && time.Since(begin) < patience; time.Sleep(time.Millisecond) {
		gone := hungUp(conn)
		_ = raw.Control(func(fd uintptr) { unread, _ = unix.IoctlGetInt(int(fd), unix.TIOCINQ) })
		if gone {
			break
		}
	}
	return unread
}

func hungUp(conn *net.UnixConn) (gone bool) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return true
	}
	_ = raw.Control(func(fd uintptr) {
		poll := []unix.PollFd{{Fd: int32(fd)}}
		_, _ = unix.Poll(poll, 0)
		gone = poll[0].Revents&unix.POLLHUP != 0
	})
	return gone
}

// acceptUnless waits for a client, until its process has ended.
func acceptUnless(listener *net.UnixListener, ended chan struct{}, patience time.Duration) (*net.UnixConn, error) {
	for limit := time.Now().Add(patience); time.Now().Before(limit); {
		select {
		case <-ended:
			if conn := queued(listener); conn != nil {
				return conn, nil
			}
			return nil, errors.New("the client has ended and did not come")
		default:
		}
		_ = listener.SetDeadline(time.Now().Add(10 * time.Millisecond))
		if conn, err := listener.AcceptUnix(); err == nil {
			return conn, nil
		}
	}
	return nil, errors.New("the client does not come")
}

// others returns what came on sessions that nobody accepted, of a client that has ended.
func others(listener *net.UnixListener) (all []byte) {
	for conn := queued(listener); conn != nil; conn = queued(listener) {
		more, _ := io.ReadAll(conn) // a reset, behind all that came, if what it was sent is unread
		all = append(all, more...)
		conn.Close()
	}
	return all
}

// queued returns the next session that a client has left in the queue, or nil: this process's own comes behind the last.
func queued(listener *net.UnixListener) *net.UnixConn {
	last, err := net.DialUnix("unix", nil, listener.Addr().(*net.UnixAddr))
	if err != nil {
		return nil
	}
	defer last.Close()
	_ = listener.SetDeadline(time.Time{})
	conn, err := listener.AcceptUnix()
	if err != nil {
		return nil
	}
	if processOf(conn) == os.Getpid() {
		conn.Close()
		return nil
	}
	return conn
}

// judge returns what is wrong with how the client did.
func (m meeting) judge(got *met) error {
	shown := append(got.out.Bytes(), got.err.Bytes()...)
	want := frames([]byte(m.message))
	switch {
	case m.refusable && len(got.wrote) == 0:
		return nil
	case m.unsent && len(got.wrote) > 0:
		return fmt.Errorf("sent % x", got.wrote)
	case m.unsent:
		return nil
	case len(got.wrote) > len(want) || len(got.more) > 0:
		return fmt.Errorf("%d bytes too many", len(got.wrote)-len(want)+len(got.more))
	case m.ends && got.late:
		return errors.New("it does not end")
	case m.ends && got.busy > mostBusy:
		return fmt.Errorf("it spins: %.2f", got.busy)
	case !m.full && !got.closed:
		return errors.New("the session is not closed")
	case len(m.reply) > 0 && (!bytes.Contains(shown, m.reply) || got.late && !m.ends):
		return fmt.Errorf("printed %.60q", shown)
	case len(m.reply) > 0 && !got.late && got.status != 0:
		return fmt.Errorf("status %d", got.status)
	}
	for _, absent := range m.absent {
		if bytes.Contains(got.out.Bytes(), []byte(absent)) {
			return fmt.Errorf("printed %q", absent)
		}
	}
	if len(m.reply) == 0 && got.status == 0 && got.out.String() == "\n" && got.err.Len() == 0 {
		return errors.New("printed an empty reply")
	}
	return nil
}
