package session_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/session"
	"github.com/oizys-protocol/oizys/impl/wire"
)

func send(t testing.TB, s *session.Session, text string) int {
	t.Helper()
	queued, err := s.Send([]byte(text))
	require.NoError(t, err)
	return queued
}

func TestSendReturnsTheQueueLength(t *testing.T) {
	inBubble(t, session.Options{}, func(t *testing.T, s *session.Session, peer net.Conn) {
		for i := range 5 {
			require.Equal(t, i+1, send(t, s, "Hi"), "nobody reads: all are queued, also the one that is being written")
			synctest.Wait()
		}
		r := wire.NewReader(peer, 0)
		read(t, r, 5)
		synctest.Wait()
		require.Equal(t, 1, send(t, s, "Hi"))
	})
}

func TestSendRefusals(t *testing.T) {
	inBubble(t, session.Options{}, func(t *testing.T, s *session.Session, peer net.Conn) {
		for _, sending := range []func([]byte) (int, error){s.Send, func(p []byte) (int, error) { return s.SendWait(t.Context(), p) }} {
			queued, err := sending(nil)
			require.Zero(t, queued)
			require.ErrorIs(t, err, wire.ErrEmpty)
			queued, err = sending(make([]byte, wire.MaxContentLen+1))
			require.Zero(t, queued)
			require.ErrorIs(t, err, wire.ErrTooLong)
		}
		require.Equal(t, 1, send(t, s, "Hi"), "nothing of what was refused is queued")
		require.Equal(t, []string{"Hi"}, read(t, wire.NewReader(peer, 0), 1))
	})
}

func TestBoundOfTheQueue(t *testing.T) {
	const room = 3 * (wire.HeaderLen + 2)
	inBubble(t, session.Options{MaxQueued: room}, func(t *testing.T, s *session.Session, peer net.Conn) {
		for i := range 3 {
			require.Equal(t, i+1, send(t, s, "Hi"))
		}
		queued, err := s.Send([]byte("!"))
		require.Zero(t, queued)
		require.ErrorIs(t, err, session.ErrQueueFull)
		r := wire.NewReader(peer, 0)
		require.Equal(t, []string{"Hi", "Hi", "Hi"}, read(t, r, 3))
		synctest.Wait()
		_, err = s.Send(make([]byte, room-wire.HeaderLen+1))
		require.ErrorIs(t, err, session.ErrQueueFull, "above the bound also when nothing is queued")
		require.Equal(t, 1, send(t, s, strings.Repeat("x", room-wire.HeaderLen)))
		require.Len(t, read(t, r, 1)[0], room-wire.HeaderLen)
	})
}

func TestSendWaitWaitsForRoom(t *testing.T) {
	const room = 10 * (wire.HeaderLen + 2)
	inBubble(t, session.Options{MaxQueued: room}, func(t *testing.T, s *session.Session, peer net.Conn) {
		var mu sync.Mutex
		sent := 0
		var wg sync.WaitGroup
		wg.Go(func() {
			for i := range 40 {
				_, err := s.SendWait(t.Context(), fmt.Appendf(nil, "%02d", i))
				require.NoError(t, err)
				mu.Lock()
				sent++
				mu.Unlock()
			}
		})
		synctest.Wait()
		mu.Lock()
		require.Equal(t, 10, sent)
		mu.Unlock()
		r := wire.NewReader(peer, 0)
		for i := range 40 {
			require.Equal(t, []string{fmt.Sprintf("%02d", i)}, read(t, r, 1))
		}
		wg.Wait()
	})
}

func TestSendWaitEnds(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(s *session.Session, peer net.Conn, cancel func())
		want error
	}{
		"context": {func(_ *session.Session, _ net.Conn, cancel func()) { cancel() }, context.Canceled},
		"close":   {func(s *session.Session, _ net.Conn, _ func()) { s.Close() }, session.ErrClosed},
		"abort":   {func(s *session.Session, _ net.Conn, _ func()) { s.Abort() }, session.ErrClosed},
		"peer":    {func(_ *session.Session, peer net.Conn, _ func()) { _ = peer.Close() }, session.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, session.Options{MaxQueued: 10}, func(t *testing.T, s *session.Session, peer net.Conn) {
				send(t, s, "Hi")
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				result := make(chan error)
				go func() {
					queued, err := s.SendWait(ctx, []byte("there"))
					require.Zero(t, queued)
					result <- err
				}()
				synctest.Wait()
				start := time.Now()
				test.end(s, peer, cancel)
				require.ErrorIs(t, <-result, test.want)
				require.Zero(t, time.Since(start), "however long the session lingers")
			})
		})
	}
}

// A message longer than the bound is written from the caller's memory, after what is queued and before what comes later.
func TestSendWaitOfALongMessage(t *testing.T) {
	long := string(pattern(100_000))
	inBubble(t, session.Options{MaxQueued: 64}, func(t *testing.T, s *session.Session, peer net.Conn) {
		send(t, s, "before")
		var wg sync.WaitGroup
		wg.Go(func() {
			content := []byte(long)
			queued, err := s.SendWait(t.Context(), content)
			require.NoError(t, err)
			require.Equal(t, 1, queued)
			clear(content)
		})
		synctest.Wait()
		r := wire.NewReader(peer, 0)
		require.Equal(t, []string{"before"}, read(t, r, 1))
		synctest.Wait()
		_, err := s.Send([]byte("refused"))
		require.ErrorIs(t, err, session.ErrQueueFull, "what is being written counts")
		wg.Go(func() {
			_, err := s.SendWait(t.Context(), []byte("after"))
			require.NoError(t, err)
		})
		require.Equal(t, []string{long, "after"}, read(t, r, 2))
		wg.Wait()
	})
}

func TestSendWaitOfALongMessageInterrupted(t *testing.T) {
	long := string(pattern(600_000))
	for _, first := range []int{0, 1, 3, 4, 5, 300_000, 599_000} {
		inBubble(t, session.Options{MaxQueued: 64}, func(t *testing.T, s *session.Session, peer net.Conn) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var wg sync.WaitGroup
			wg.Go(func() {
				content := []byte(long)
				_, err := s.SendWait(ctx, content)
				require.NoError(t, err, "it has begun, so it is sent")
				clear(content)
			})
			synctest.Wait()
			start := make([]byte, first)
			_, err := peer.Read(start[:0])
			require.NoError(t, err)
			for got := 0; got < first; {
				n, err := peer.Read(start[got:])
				require.NoError(t, err)
				got += n
			}
			synctest.Wait()
			cancel()
			wg.Wait() // Returns although nobody reads.
			time.Sleep(time.Hour)
			r := wire.NewReader(&prefixed{head: start, Conn: peer}, 0)
			require.Equal(t, []string{long}, read(t, r, 1))
			synctest.Wait()
			send(t, s, "after")
			require.Equal(t, []string{"after"}, read(t, r, 1))
		})
	}
}

// prefixed is a connection of which the beginning has been read.
type prefixed struct {
	head []byte
	net.Conn
}

func (c *prefixed) Read(p []byte) (int, error) {
	if len(c.head) > 0 {
		n := copy(p, c.head)
		c.head = c.head[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}

// Messages of one goroutine keep their order, and none is lost or doubled, whatever paths they take.
func TestConcurrentSendsKeepTheirOrder(t *testing.T) {
	const senders, each = 8, 400
	for _, opts := range []session.Options{{}, {MaxQueued: 1 << 12}, {MaxQueued: 100}} {
		overTransports(t, opts, func(t *testing.T, s *session.Session, peer *net.UnixConn) {
			var wg sync.WaitGroup
			for sender := range senders {
				wg.Go(func() {
					for i := range each {
						content := fmt.Appendf(nil, "%d %d %s", sender, i, strings.Repeat("x", (sender*i)%200))
						if opts.MaxQueued == 0 && i%3 == 0 {
							_, err := s.Send(content)
							require.NoError(t, err)
							continue
						}
						_, err := s.SendWait(t.Context(), content)
						require.NoError(t, err)
					}
				})
			}
			next := [senders]int{}
			r := wire.NewReader(peer, 0)
			for range senders * each {
				var sender, i int
				_, err := fmt.Sscan(read(t, r, 1)[0], &sender, &i)
				require.NoError(t, err)
				require.Equal(t, next[sender], i, "sender %d", sender)
				next[sender]++
			}
			wg.Wait()
		})
	}
}

// So much at once that the socket takes messages in part only, while others are queued behind them.
func TestConcurrentSendsOfMoreThanTheSocketTakes(t *testing.T) {
	const senders, each = 3, 40
	bytesOf := pattern(150_000)
	overTransports(t, session.Options{}, func(t *testing.T, s *session.Session, peer *net.UnixConn) {
		var wg sync.WaitGroup
		for sender := range senders {
			wg.Go(func() {
				for i := range each {
					content := append([]byte{byte(sender), byte(i)}, bytesOf[:1+(sender+i)*7919%len(bytesOf)]...)
					_, err := s.Send(content)
					require.NoError(t, err)
				}
			})
		}
		next := [senders]int{}
		r := wire.NewReader(peer, 0)
		for range senders * each {
			content, err := r.Next()
			require.NoError(t, err)
			sender, i := int(content[0]), int(content[1])
			require.Equal(t, next[sender], i, "sender %d", sender)
			require.True(t, bytes.Equal(bytesOf[:1+(sender+i)*7919%len(bytesOf)], content[2:]))
			next[sender]++
		}
		wg.Wait()
	})
}

// Nothing may stay behind when the sender stops, on any path, without anything else happening on the session.
func TestNothingStaysQueued(t *testing.T) {
	overTransports(t, session.Options{}, func(t *testing.T, s *session.Session, peer *net.UnixConn) {
		r := wire.NewReader(peer, 0)
		for burst := range 200 {
			want := numbered(1 + burst*burst%57)
			for _, text := range want {
				send(t, s, text)
			}
			require.Equal(t, want, read(t, r, len(want)))
		}
	})
}
