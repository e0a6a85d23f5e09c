// Package peer is the reference implementation as programs: an echo server and a client for one message.
package peer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/oizys-protocol/oizys/impl/session"
)

// ServerOptions adjust Serve. The zero value is ready to use.
type ServerOptions struct {
	// Ready is given the line "ready PATH" as soon as connections are accepted. If it is nil, nothing is written.
	Ready io.Writer
	// Report is given a line for each thing that is worth knowing but ends nothing. If it is nil, nothing is written.
	Report io.Writer
	// MaxQueued is how many bytes of replies are held for a session before its messages are no longer read. 0 is 32 MiB.
	MaxQueued int
}

const defaultMaxQueued = 32 << 20

// Serve listens on the Unix socket at path and sends every message back, in any number of sessions at once. It returns
// nil after ctx has ended, when the socket is removed and every session is over.
//
// It returns an error without having listened when there is no directory for path, when path is longer than 107 bytes, is
// no socket ([session.ErrNotSocket]), or is a socket that someone serves ([session.ErrInUse]).
func Serve(ctx context.Context, path string, opts ServerOptions) error {
	if opts.MaxQueued <= 0 {
		opts.MaxQueued = defaultMaxQueued
	}
	listener, err := session.Listen(path, session.Options{MaxQueued: opts.MaxQueued})
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	defer listener.Close() // closed twice when ctx has ended

	srv := &server{open: map[*session.Session]struct{}{}, report: opts.Report}
	defer srv.closeAll()
	if opts.Ready != nil {
		if _, err := fmt.Fprintf(opts.Ready, "ready %s\n", path); err != nil {
			return fmt.Errorf("telling that the server is ready: %w", err)
		}
	}
	return srv.accept(ctx, listener)
}

// acceptor is what accept needs of a [session.Listener].
type acceptor interface {
	Accept() (*session.Session, error)
}

type server struct {
	mu     sync.Mutex
	open   map[*session.Session]struct{}
	report io.Writer
}

// accept serves until ctx ends. A lack of descriptors or memory passes: it tries again, a little later each time.
func (srv *server) accept(ctx context.Context, listener acceptor) error {
	const first, last = 5 * time.Millisecond, time.Second
	pause := first
	for {
		s, err := listener.Accept()
		switch {
		case err == nil:
			pause = first
			srv.echo(ctx, s)
			continue
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		}
		if srv.report != nil {
			_, _ = fmt.Fprintf(srv.report, "accept: %v; again in %v\n", err, pause)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
		pause = min(2*pause, last)
	}
}

func (srv *server) echo(ctx context.Context, s *session.Session) {
	srv.mu.Lock()
	srv.open[s] = struct{}{}
	srv.mu.Unlock()
	// Neither call can fail: the session is new, and nobody else knows it.
	_ = s.OnClose(func(error) {
		go srv.forget(s)
	})
	_ = s.OnMessage(func(content []byte) {
		// Waiting keeps the session from reading on, and so the peer from sending. The only error is a closed session.
		_, _ = s.SendWait(ctx, content)
	})
}

// forget waits for what is still on its way to the peer.
func (srv *server) forget(s *session.Session) {
	<-s.Done()
	srv.mu.Lock()
	defer srv.mu.Unlock()
	delete(srv.open, s)
}

func (srv *server) closeAll() {
	srv.mu.Lock()
	var all []*session.Session
	for s := range srv.open {
		all = append(all, s)
	}
	srv.mu.Unlock()
	for _, s := range all {
		s.Abort()
	}
	for _, s := range all {
		<-s.Done()
	}
}
