package session_test

import (
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/session"
	"github.com/oizys-protocol/oizys/impl/wire"
)

// A peer that reads slowly, but reads, gets everything; one that does not read holds the connection only for so long.
func TestLinger(t *testing.T) {
	const linger = time.Minute
	long := string(pattern(1 << 20)) // Written in four pieces.
	inBubble(t, session.Options{Linger: linger}, func(t *testing.T, s *session.Session, peer net.Conn) {
		send(t, s, long)
		s.Close()
		time.Sleep(linger * 9 / 10)
		r := wire.NewReader(&sluggish{Conn: peer, pause: linger / 3, each: 1 << 18}, 0)
		require.Equal(t, []string{long}, read(t, r, 1))
		<-s.Done()
	})
	for name, limit := range map[string]int{"queued": 0, "from the caller's memory": 64} {
		// A few bytes in each linger are progress too, however long one write is.
		inBubble(t, session.Options{Linger: linger, MaxQueued: limit}, func(t *testing.T, s *session.Session, peer net.Conn) {
			var wg sync.WaitGroup
			wg.Go(func() {
				_, err := s.SendWait(t.Context(), []byte(long[:99]))
				require.NoError(t, err)
			})
			synctest.Wait()
			s.Close()
			r := wire.NewReader(&sluggish{Conn: oneByOne{peer}, pause: linger * 2 / 3, each: 1}, 0)
			require.Equal(t, []string{long[:99]}, read(t, r, 1), name)
			wg.Wait()
			<-s.Done()
		})
	}
	inBubble(t, session.Options{Linger: linger}, func(t *testing.T, s *session.Session, peer net.Conn) {
		record(t, s)
		send(t, s, long)
		start := time.Now()
		s.Close()
		require.NoError(t, s.Wait(t.Context()))
		require.Equal(t, linger, time.Since(start))
		_, err := peer.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
	})
}

// oneByOne reads one byte at a time.
type oneByOne struct{ net.Conn }

func (c oneByOne) Read(p []byte) (int, error) { return c.Conn.Read(p[:1]) }

// sluggish pauses after each so many bytes.
type sluggish struct {
	net.Conn
	pause time.Duration
	each  int
	n     int
}

func (c *sluggish) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.n += n; c.n >= c.each {
		c.n -= c.each
		time.Sleep(c.pause)
	}
	return n, err
}

func TestNoLinger(t *testing.T) {
	for name, end := range map[string]func(*session.Session){
		"negative":    (*session.Session).Close,
		"abort":       (*session.Session).Abort,
		"then abort":  func(s *session.Session) { s.Close(); s.Abort() },
		"peer errors": func(*session.Session) {},
	} {
		opts := session.Options{}
		if name == "negative" || name == "peer errors" {
			opts.Linger = -1
		}
		inBubble(t, opts, func(t *testing.T, s *session.Session, peer net.Conn) {
			got := record(t, s)
			send(t, s, "never read")
			synctest.Wait()
			start := time.Now()
			if name == "peer errors" {
				write(t, peer, []byte{0, 0, 0, 0})
			}
			end(s)
			<-s.Done()
			require.Zero(t, time.Since(start), name)
			require.Equal(t, name == "peer errors", got.cause(t) != nil)
		})
	}
}
