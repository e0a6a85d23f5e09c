package faulty

import (
	"context"
	"net"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// roleVariable tells a process that a server starts what it is.
const roleVariable = "OIZYS_FAULTY_ROLE"

// role returns what this process was started as, and forgets it, so that its own children are told anew.
func role() string {
	defer os.Unsetenv(roleVariable)
	return os.Getenv(roleVariable)
}

// child returns this program's own command line, to be started in the given role with files from descriptor 3 on. It
// is killed when ctx is done.
func child(ctx context.Context, role string, files ...*os.File) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, os.Args[1:]...)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = os.Stdout, os.Stderr, files
	return cmd, nil
}

// Servers that serve sessions in ways of their own.
func sessionHabits() []Fault {
	return []Fault{
		{
			Name:        "unread-reply-blocks-others",
			Description: "While one client does not read its reply, no other session is answered: a blocking write in a select() loop in C or Python, a global lock around send. The source is silent on it.",
			mutate: func(do *hooks) {
				var mu sync.Mutex
				do.write = func(s *session, header, content []byte) error {
					mu.Lock()
					defer mu.Unlock()
					return writeFrame(s, header, content)
				}
			},
		},
		{
			Name:        "serial",
			Description: "One session is served at a time; others wait to be accepted.",
			mutate: func(do *hooks) {
				do.admit = func(srv *server, conn *net.UnixConn) { srv.add(conn).run() }
			},
		},
		{
			Name:        "four-at-once",
			Description: "Four sessions are served at a time; others wait.",
			mutate: func(do *hooks) {
				slots := make(lock, 4)
				do.admit = func(srv *server, conn *net.UnixConn) {
					slots.acquire(srv)
					srv.begin(conn)
				}
				do.done = func(*session) { slots.release() }
			},
		},
		{
			Name:        "turns-away-surplus",
			Description: "Twelve sessions are served at a time; those beyond are closed at once.",
			mutate: func(do *hooks) {
				slots := make(lock, 12)
				do.admit = func(srv *server, conn *net.UnixConn) {
					select {
					case slots <- struct{}{}:
						srv.begin(conn)
					default:
						conn.Close()
					}
				}
				do.done = func(*session) { slots.release() }
			},
		},
		{
			Name:        "thread-per-session",
			Description: "Each session has a thread of its own, which ends with it.",
			mutate: func(do *hooks) {
				do.open = func(*session) { runtime.LockOSThread() }
			},
		},
		{
			Name:        "process-per-session",
			Description: "Each session has a process of its own, which ends with it: fork after accept, as inetd.",
			mutate: func(do *hooks) {
				do.start = serveInherited
				do.admit = (*server).delegate
			},
		},
		{
			Name:        "prefork",
			Description: "Three processes accept from one socket, and each serves several sessions.",
			mutate: func(do *hooks) {
				do.listen = listenTogether
			},
		},
		{
			Name:        "thread-pool",
			Description: "Forty idle threads are there from the start.",
			mutate: func(do *hooks) {
				do.start = func(srv *server) error {
					for range 40 {
						srv.running.Go(func() {
							runtime.LockOSThread()
							<-srv.ctx.Done()
						})
					}
					return nil
				}
			},
		},
	}
}

// delegate hands a connection to a process of its own.
func (srv *server) delegate(conn *net.UnixConn) {
	defer conn.Close()
	file, err := conn.File()
	if err != nil {
		return
	}
	defer file.Close()
	cmd, err := child(srv.ctx, "session", file)
	if err != nil || cmd.Start() != nil {
		return
	}
	srv.running.Go(func() { _ = cmd.Wait() })
}

// serveInherited is the whole life of a process that was started for one session.
func serveInherited(srv *server) error {
	if role() != "session" {
		return nil
	}
	inherited := os.NewFile(3, "session")
	conn, err := net.FileConn(inherited)
	inherited.Close()
	if err != nil {
		return err
	}
	defer context.AfterFunc(srv.ctx, srv.closeAll)()
	srv.add(conn.(*net.UnixConn)).run()
	return errFinished
}

// listenTogether listens and starts two more processes for the same socket, or is one of those.
func listenTogether(srv *server) (*net.UnixListener, error) {
	if role() == "worker" {
		inherited := os.NewFile(3, "listener")
		defer inherited.Close()
		l, err := net.FileListener(inherited)
		if err != nil {
			return nil, err
		}
		l.(*net.UnixListener).SetUnlinkOnClose(false)
		return l.(*net.UnixListener), nil
	}
	l, err := listen(srv)
	if err != nil {
		return nil, err
	}
	file, err := l.File()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	for range 2 {
		cmd, err := child(srv.ctx, "worker", file)
		if err != nil {
			return nil, err
		}
		cmd.Stdout = nil
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		srv.running.Go(func() { _ = cmd.Wait() })
	}
	// Starting a process makes its files blocking, which they share with ours.
	return l, unix.SetNonblock(int(file.Fd()), true)
}
