package faulty

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"
)

// server is the listening peer.
type server struct {
	do     hooks
	name   string
	socket string
	out    io.Writer
	ctx    context.Context

	listener *net.UnixListener
	running  sync.WaitGroup

	mu       sync.Mutex
	accepted int
	sessions []*session
	kept     []io.Closer
}

// Serve listens on the Unix socket at the path socket, prints the line "ready" on out, and echoes each message of each
// session, with the fault or habit called name; "" or "none" is the correct peer. It returns nil when ctx is done, after
// all sessions have ended; an error when name is unknown or the socket cannot be listened on. Faults may end the
// process instead, and habits may serve from other processes, which run this program's command line again.
func Serve(ctx context.Context, socket, name string, out io.Writer) error {
	do, err := hooksFor(name)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	srv := &server{do: do, name: name, socket: socket, out: out, ctx: ctx}
	defer srv.end(cancel)
	if err := do.start(srv); err != nil {
		return ignoreFinished(err)
	}
	if srv.listener, err = do.listen(srv); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, srv.closeAll)
	defer stop()
	if _, err := fmt.Fprintln(out, "ready"); err != nil {
		return err
	}
	return srv.accept(srv.listener)
}

// errFinished is returned by a start hook when nothing is left to do in this process.
var errFinished = errors.New("finished")

func ignoreFinished(err error) error {
	if errors.Is(err, errFinished) {
		return nil
	}
	return err
}

func listen(srv *server) (*net.UnixListener, error) {
	return net.ListenUnix("unix", &net.UnixAddr{Name: srv.socket, Net: "unix"})
}

// accept admits connections until the listener is closed.
func (srv *server) accept(from *net.UnixListener) error {
	for {
		conn, err := from.AcceptUnix()
		switch {
		case err == nil:
			srv.do.admit(srv, conn)
		case errors.Is(err, net.ErrClosed):
			return nil
		default:
			srv.do.starved(srv)
		}
	}
}

// begin serves a connection in a goroutine of its own.
func (srv *server) begin(conn *net.UnixConn) {
	s := srv.add(conn)
	srv.running.Go(s.run)
}

// add registers a new session.
func (srv *server) add(conn *net.UnixConn) *session {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.accepted++
	s := &session{do: srv.do, server: srv, conn: conn, number: srv.accepted}
	srv.sessions = append(srv.sessions, s)
	if srv.ctx.Err() != nil {
		conn.Close()
	}
	return s
}

func (srv *server) remove(s *session) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.sessions = slices.DeleteFunc(srv.sessions, func(have *session) bool { return have == s })
}

// open returns the sessions that have not ended, the oldest first.
func (srv *server) open() []*session {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return slices.Clone(srv.sessions)
}

// keep holds on to something until the server ends, as a leak does.
func (srv *server) keep(c io.Closer) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.kept = append(srv.kept, c)
}

// pause waits for d, or for the server's end.
func (srv *server) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-srv.ctx.Done():
	}
}

// closeAll ends the listening and all sessions; shutting down first reaches a thread that sleeps in the system, too.
func (srv *server) closeAll() {
	if srv.listener != nil {
		srv.listener.Close()
	}
	for _, s := range srv.open() {
		_ = s.conn.CloseRead()
		_ = s.conn.CloseWrite()
		s.conn.Close()
	}
}

// end ends all sessions, waits for them and lets go of what was kept.
func (srv *server) end(cancel context.CancelFunc) {
	cancel()
	srv.closeAll()
	srv.running.Wait()
	for _, c := range srv.kept {
		c.Close()
	}
}

// count returns how many sessions have begun.
func (srv *server) count() int {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.accepted
}
