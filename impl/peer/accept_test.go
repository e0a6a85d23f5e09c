package peer

import (
	"context"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/session"
)

// scripted is an acceptor that returns errors in turn, then one session, and waits for the end of its context after that.
type scripted struct {
	ctx    context.Context
	errs   []error
	conn   net.Conn
	called []time.Time
}

func (a *scripted) Accept() (*session.Session, error) {
	a.called = append(a.called, time.Now())
	if len(a.errs) > 0 {
		err := a.errs[0]
		a.errs = a.errs[1:]
		return nil, err
	}
	if conn := a.conn; conn != nil {
		a.conn = nil
		return session.New(conn, session.Options{}), nil
	}
	<-a.ctx.Done()
	return nil, net.ErrClosed
}

func TestAcceptOutlivesALackOfDescriptors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		conn, client := net.Pipe()
		a := &scripted{ctx: ctx, errs: []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EMFILE}, conn: conn}
		var report strings.Builder
		srv := &server{open: map[*session.Session]struct{}{}, report: &report}
		result := make(chan error)
		go func() { result <- srv.accept(ctx, a) }()

		const hi = "\x00\x00\x00\x02Hi"
		_, err := io.WriteString(client, hi)
		require.NoError(t, err)
		back := make([]byte, len(hi))
		_, err = io.ReadFull(client, back)
		require.NoError(t, err)
		require.Equal(t, hi, string(back))

		cancel()
		require.NoError(t, <-result)
		srv.closeAll()
		require.NoError(t, client.Close())
		require.Equal(t, 4, strings.Count(report.String(), "\n"), report.String())
		require.Equal(t, 75*time.Millisecond, a.called[4].Sub(a.called[0]), "5, 10, 20 and 40 ms")
	})
}

func TestAcceptEndsWhileItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		a := &scripted{ctx: ctx}
		for range 10_000 {
			a.errs = append(a.errs, syscall.EMFILE)
		}
		srv := &server{open: map[*session.Session]struct{}{}}
		require.NoError(t, srv.accept(ctx, a))
		require.Greater(t, len(a.errs), 6_000, "about one try each second")
	})
}

func TestAcceptReportsAListenerThatIsClosed(t *testing.T) {
	srv := &server{open: map[*session.Session]struct{}{}}
	require.ErrorIs(t, srv.accept(t.Context(), &scripted{errs: []error{net.ErrClosed}}), net.ErrClosed)
}
