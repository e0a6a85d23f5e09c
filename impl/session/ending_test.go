package session_test

import (
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/session"
	"github.com/oizys-protocol/oizys/impl/wire"
)

func TestCloseSendsWhatIsQueued(t *testing.T) {
	inBubble(t, session.Options{}, func(t *testing.T, s *session.Session, peer net.Conn) {
		got := record(t, s)
		want := numbered(100)
		for _, text := range want {
			send(t, s, text)
		}
		s.Close()
		require.NoError(t, got.cause(t), "the close handler does not wait for the peer")
		require.Equal(t, want, readAll(t, peer))
		require.NoError(t, ended(t, s))
	})
}

// Whoever is writing when the session closes, and whatever came in meanwhile: all that Send accepted goes out.
func TestCloseInTheMiddleOfSending(t *testing.T) {
	const senders, each = 3, 40
	for name, make := range transports() {
		for round := range 400 {
			s, peer := make(t, session.Options{})
			accepted := [senders]int{}
			var wg sync.WaitGroup
			for sender := range senders {
				wg.Go(func() {
					for range each {
						if sender == 0 && accepted[0] == round%each {
							s.Close()
						}
						if _, err := s.Send([]byte{byte('a' + sender)}); err != nil {
							require.ErrorIs(t, err, session.ErrClosed)
							return
						}
						accepted[sender]++
					}
				})
			}
			received := [senders]int{}
			for _, text := range readAll(t, peer) {
				received[text[0]-'a']++
			}
			wg.Wait()
			require.Equal(t, accepted, received, "%s, round %d", name, round)
			require.NoError(t, ended(t, s))
			require.NoError(t, peer.Close())
		}
	}
}

// The same with Abort, which takes the queue away from whoever is writing.
func TestAbortInTheMiddleOfSending(t *testing.T) {
	content := pattern(3000)
	for name, make := range transports() {
		for range 300 {
			s, peer := make(t, session.Options{})
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() {
					for i := 0; ; i++ {
						if _, err := s.Send(content); err != nil {
							require.ErrorIs(t, err, session.ErrClosed, name)
							return
						}
						if i == 100 {
							s.Abort()
						}
					}
				})
			}
			_, _ = io.Copy(io.Discard, peer)
			wg.Wait()
			require.NoError(t, ended(t, s))
			require.NoError(t, peer.Close())
		}
	}
}

// What was sent in answer to whole messages still goes out when the stream ends or breaks behind them.
func TestAnswersBeforeTheEnd(t *testing.T) {
	for name, tail := range map[string]struct {
		bytes string
		want  error
	}{
		"half-close":        {"", io.EOF},
		"reserved byte":     {"\x01\x00\x00\x01!", wire.ErrReserved},
		"empty message":     {"\x00\x00\x00\x00", wire.ErrEmpty},
		"truncated header":  {"\x00\x00", wire.ErrTruncatedHeader},
		"truncated content": {"\x00\x00\x00\x09abc", wire.ErrTruncatedContent},
	} {
		t.Run(name, func(t *testing.T) {
			overTransports(t, session.Options{}, func(t *testing.T, s *session.Session, peer *net.UnixConn) {
				got := &recorder{}
				require.NoError(t, s.OnClose(got.onClose))
				require.NoError(t, s.OnMessage(func(content []byte) {
					_, err := s.Send(content)
					require.NoError(t, err)
				}))
				want := append(numbered(1000), strings.Repeat("long", 1<<18))
				go func() {
					_, _ = peer.Write(append(encode(t, want...), tail.bytes...))
					_ = peer.CloseWrite()
				}()
				require.Equal(t, want, readAll(t, peer))
				require.ErrorIs(t, ended(t, s), tail.want)
				require.ErrorIs(t, got.cause(t), tail.want)
			})
		})
	}
}

// A peer that has closed cannot be answered, but what it sent before is delivered.
func TestMessagesOfAPeerThatHasClosed(t *testing.T) {
	overTransports(t, session.Options{}, func(t *testing.T, s *session.Session, peer *net.UnixConn) {
		want := numbered(2000)
		write(t, peer, encode(t, want...))
		require.NoError(t, peer.Close())
		got := &recorder{}
		require.NoError(t, s.OnClose(got.onClose))
		require.NoError(t, s.OnMessage(func(content []byte) {
			got.onMessage(content)
			_, err := s.Send(content)
			require.NoError(t, err, "not known yet")
			runtime.Gosched() // Lets the writer find out before the next message is delivered.
		}))
		_ = ended(t, s)
		require.Equal(t, want, got.texts())
		require.Error(t, got.cause(t))
	})
}

// A peer that only stopped reading is given some time for what it has to say, and then the session closes.
func TestPeerThatReadsNoMore(t *testing.T) {
	const linger = 50 * time.Millisecond
	overTransports(t, session.Options{Linger: linger}, func(t *testing.T, s *session.Session, peer *net.UnixConn) {
		require.NoError(t, peer.CloseRead())
		got := record(t, s)
		send(t, s, "lost")
		write(t, peer, encode(t, "heard"))
		require.ErrorIs(t, ended(t, s), syscall.EPIPE)
		require.ErrorIs(t, got.cause(t), syscall.EPIPE)
		require.Equal(t, []string{"heard"}, got.texts())
	})
}

func TestSendToAPeerThatHasClosed(t *testing.T) {
	overTransports(t, session.Options{}, func(t *testing.T, s *session.Session, peer *net.UnixConn) {
		got := &recorder{}
		require.NoError(t, s.OnClose(got.onClose))
		require.NoError(t, peer.Close())
		send(t, s, "lost") // Reading has not begun: sending is what finds out.
		require.ErrorIs(t, ended(t, s), syscall.EPIPE)
		require.ErrorIs(t, got.cause(t), syscall.EPIPE)
	})
}

// The peer closes with our bytes unread: what it had sent comes first, and the reset is the cause.
func TestReset(t *testing.T) {
	overTransports(t, session.Options{}, func(t *testing.T, s *session.Session, peer *net.UnixConn) {
		send(t, s, "never read")
		waitReadable(t, peer)
		write(t, peer, encode(t, "last words"))
		require.NoError(t, peer.Close())
		got := record(t, s)
		_ = ended(t, s)
		require.Equal(t, []string{"last words"}, got.texts())
		require.ErrorIs(t, got.cause(t), syscall.ECONNRESET)
	})
}

// waitReadable waits until something has come, and leaves it there.
func waitReadable(t *testing.T, conn *net.UnixConn) {
	t.Helper()
	raw, err := conn.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Read(func(fd uintptr) bool {
		_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK)
		return err == nil
	}))
}

// A connection that knows no deadlines must not keep a session from ending.
func TestConnWithoutDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, peer := net.Pipe()
		s := session.New(timeless{conn}, session.Options{})
		got := record(t, s)
		send(t, s, "never read")
		synctest.Wait()
		s.Close()
		<-s.Done()
		require.NoError(t, got.cause(t))
		require.NoError(t, peer.Close())
	})
}

type timeless struct{ net.Conn }

func (timeless) SetDeadline(time.Time) error      { return errors.ErrUnsupported }
func (timeless) SetReadDeadline(time.Time) error  { return errors.ErrUnsupported }
func (timeless) SetWriteDeadline(time.Time) error { return errors.ErrUnsupported }

// A deadline that someone else sets on the connection is an error like any other.
func TestForeignDeadline(t *testing.T) {
	a, b := sockets(t)
	defer func() { _ = b.Close() }()
	s := session.New(a, session.Options{})
	require.NoError(t, a.SetReadDeadline(time.Unix(1, 0)))
	got := record(t, s)
	require.ErrorIs(t, ended(t, s), os.ErrDeadlineExceeded)
	require.ErrorIs(t, got.cause(t), os.ErrDeadlineExceeded)
}
