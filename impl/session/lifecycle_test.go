package session_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/session"
	"github.com/oizys-protocol/oizys/impl/wire"
)

// inBubble runs a test with a session over a pipe, with time and goroutines under control. A pipe has no buffer: what
// the session writes stays queued until the test reads from peer.
func inBubble(t *testing.T, opts session.Options, test func(t *testing.T, s *session.Session, peer net.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		conn, peer := net.Pipe()
		s := session.New(conn, opts)
		test(t, s, peer)
		s.Abort()
		_ = peer.Close()
		<-s.Done()
	})
}

func TestReadingStartsWithTheHandler(t *testing.T) {
	overTransports(t, session.Options{}, func(t *testing.T, s *session.Session, peer *net.UnixConn) {
		write(t, peer, encode(t, "before"))
		require.NoError(t, peer.CloseWrite())
		require.NoError(t, s.Err(), "without a message handler the end of the stream is not noticed")
		got := record(t, s)
		require.Equal(t, io.EOF, ended(t, s))
		require.Equal(t, []string{"before"}, got.texts())
		require.Equal(t, io.EOF, got.cause(t))
	})
}

func TestHandlersAreSetOnce(t *testing.T) {
	inBubble(t, session.Options{}, func(t *testing.T, s *session.Session, peer net.Conn) {
		require.ErrorIs(t, s.OnMessage(nil), session.ErrNilHandler)
		require.ErrorIs(t, s.OnClose(nil), session.ErrNilHandler)
		got := record(t, s)
		wrong := func() { t.Error("the second handler was called") }
		require.ErrorIs(t, s.OnMessage(func([]byte) { wrong() }), session.ErrHandlerSet)
		require.ErrorIs(t, s.OnClose(func(error) { wrong() }), session.ErrHandlerSet)
		write(t, peer, encode(t, "Hi"))
		s.Close()
		require.ErrorIs(t, s.OnClose(func(error) { wrong() }), session.ErrHandlerSet)
		require.ErrorIs(t, s.OnMessage(func([]byte) { wrong() }), session.ErrHandlerSet)
		<-s.Done()
		require.NoError(t, got.cause(t))
	})
}

func TestClosedSession(t *testing.T) {
	inBubble(t, session.Options{}, func(t *testing.T, s *session.Session, _ net.Conn) {
		s.Close()
		require.ErrorIs(t, s.OnMessage(func([]byte) {}), session.ErrClosed)
		for _, send := range []func([]byte) (int, error){s.Send, func(p []byte) (int, error) { return s.SendWait(t.Context(), p) }} {
			queued, err := send([]byte("Hi"))
			require.Zero(t, queued)
			require.ErrorIs(t, err, session.ErrClosed)
			_, err = send(nil)
			require.ErrorIs(t, err, wire.ErrEmpty)
		}
		got := &recorder{}
		require.NoError(t, s.OnClose(got.onClose))
		require.NoError(t, got.cause(t), "a late close handler runs at once")
		require.ErrorIs(t, s.OnClose(got.onClose), session.ErrHandlerSet)
		s.Close()
		s.Abort()
		require.NoError(t, got.cause(t))
		require.NoError(t, s.Wait(t.Context()))
	})
}

// A late close handler is given no error, also when there was one; Err tells it.
func TestLateCloseHandlerAfterError(t *testing.T) {
	inBubble(t, session.Options{}, func(t *testing.T, s *session.Session, peer net.Conn) {
		require.NoError(t, s.OnMessage(func([]byte) {}))
		write(t, peer, []byte{1, 0, 0, 1})
		require.ErrorIs(t, s.Wait(t.Context()), wire.ErrReserved)
		got := &recorder{}
		require.NoError(t, s.OnClose(got.onClose))
		require.NoError(t, got.cause(t))
		require.ErrorIs(t, s.Err(), wire.ErrReserved)
	})
}

func TestNothingIsDeliveredAfterClose(t *testing.T) {
	inBubble(t, session.Options{}, func(t *testing.T, s *session.Session, peer net.Conn) {
		got, calls := &recorder{}, 0
		require.NoError(t, s.OnClose(got.onClose))
		require.NoError(t, s.OnMessage(func([]byte) {
			if calls++; calls == 2 {
				s.Close()
				s.Close()
				require.Empty(t, got.closes, "the close handler does not run inside the message handler")
			}
		}))
		write(t, peer, encode(t, "one", "two", "three", "four"))
		<-s.Done()
		require.Equal(t, 2, calls)
		require.NoError(t, got.cause(t))
	})
}

func TestCloseWhileTheHandlerRuns(t *testing.T) {
	inBubble(t, session.Options{}, func(t *testing.T, s *session.Session, peer net.Conn) {
		got, release := &recorder{}, make(chan struct{})
		require.NoError(t, s.OnClose(got.onClose))
		require.NoError(t, s.OnMessage(func(content []byte) {
			<-release
			got.onMessage(content)
		}))
		write(t, peer, encode(t, "one", "two"))
		synctest.Wait()
		s.Close() // Returns, although the handler does not.
		got.open(t)
		_, err := peer.Write([]byte{0})
		require.Error(t, err, "the connection is closed already")
		close(release)
		<-s.Done()
		require.Equal(t, []string{"one"}, got.texts())
		require.NoError(t, got.cause(t))
	})
}

func TestSendAndCloseWithinHandlers(t *testing.T) {
	overTransports(t, session.Options{}, func(t *testing.T, s *session.Session, peer *net.UnixConn) {
		var cause, sendErr error
		require.NoError(t, s.OnClose(func(err error) {
			cause = err
			s.Close()
			_, sendErr = s.Send([]byte("too late"))
		}))
		require.NoError(t, s.OnMessage(func(content []byte) {
			for range 3 {
				_, err := s.Send(content)
				require.NoError(t, err)
			}
			if string(content) == "last" {
				s.Close()
			}
		}))
		write(t, peer, encode(t, "first", "last", "ignored"))
		require.Equal(t, []string{"first", "first", "first", "last", "last", "last"}, readAll(t, peer))
		require.NoError(t, ended(t, s))
		require.NoError(t, cause)
		require.ErrorIs(t, sendErr, session.ErrClosed)
	})
}

func TestPanicIsContainedAndReported(t *testing.T) {
	type panicked struct {
		value any
		stack string
	}
	var reported []panicked
	opts := session.Options{OnPanic: func(value any, stack []byte) {
		reported = append(reported, panicked{value, string(stack)})
	}}
	inBubble(t, opts, func(t *testing.T, s *session.Session, peer net.Conn) {
		var got []string
		require.NoError(t, s.OnClose(func(error) { panic("closing") }))
		require.NoError(t, s.OnMessage(func(content []byte) {
			got = append(got, string(content))
			if len(got) == 2 {
				panic(errors.New("receiving"))
			}
		}))
		write(t, peer, encode(t, "one", "two", "three"))
		require.NoError(t, peer.Close())
		require.Equal(t, io.EOF, s.Wait(t.Context()))
		require.Equal(t, []string{"one", "two", "three"}, got)
		require.Len(t, reported, 2)
		require.EqualError(t, reported[0].value.(error), "receiving")
		require.Equal(t, "closing", reported[1].value)
		require.Contains(t, reported[0].stack, "TestPanicIsContainedAndReported")
	})
}

func TestPanicIsLoggedByDefault(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	inBubble(t, session.Options{}, func(t *testing.T, s *session.Session, _ net.Conn) {
		require.NoError(t, s.OnClose(func(error) { panic("on purpose") }))
		s.Close()
		<-s.Done()
	})
	require.Contains(t, log.String(), "on purpose")
}

func TestHandlerThatEndsItsGoroutine(t *testing.T) {
	for _, closeFirst := range []bool{false, true} {
		inBubble(t, session.Options{}, func(t *testing.T, s *session.Session, peer net.Conn) {
			got := &recorder{}
			require.NoError(t, s.OnClose(got.onClose))
			require.NoError(t, s.OnMessage(func([]byte) {
				if closeFirst {
					s.Close()
				}
				runtime.Goexit()
			}))
			write(t, peer, encode(t, "one", "two"))
			<-s.Done()
			if closeFirst {
				require.NoError(t, got.cause(t))
			} else {
				require.ErrorIs(t, got.cause(t), session.ErrHandlerExit)
			}
		})
	}
}

func TestWait(t *testing.T) {
	inBubble(t, session.Options{}, func(t *testing.T, s *session.Session, peer net.Conn) {
		got := record(t, s)
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errors.New("for the context only"))
		require.ErrorIs(t, s.Wait(ctx), context.Canceled)
		got.open(t)
		write(t, peer, []byte{0, 0, 0, 0})
		require.ErrorIs(t, s.Wait(t.Context()), wire.ErrEmpty)
		require.ErrorIs(t, s.Wait(ctx), wire.ErrEmpty, "the end of the session counts more than that of the context")
		require.ErrorIs(t, got.cause(t), wire.ErrEmpty)
	})
}

// However closes race, the close handler runs once, alone, and after the last message.
func TestClosesRace(t *testing.T) {
	for i := range 300 {
		synctest.Test(t, func(t *testing.T) {
			conn, peer := net.Pipe()
			s := session.New(conn, session.Options{})
			var running, closes, late atomic.Int32
			alone := func() {
				if running.Add(1) != 1 {
					t.Error("two handlers run at the same time")
				}
				runtime.Gosched()
				running.Add(-1)
			}
			require.NoError(t, s.OnMessage(func([]byte) {
				alone()
				late.Add(closes.Load())
			}))
			require.NoError(t, s.OnClose(func(error) {
				alone()
				closes.Add(1)
			}))
			stream := encode(t, numbered(10)...)
			var wg sync.WaitGroup
			for _, act := range []func(){
				s.Close, s.Abort, s.Close,
				func() { _, _ = peer.Write(stream); _ = peer.Close() },
				func() { _, _ = peer.Write([]byte{9}) },
				func() { _, _ = s.Send([]byte("Hi")) },
				func() { _, _ = s.SendWait(t.Context(), []byte("Hi")) },
				func() { _ = s.Wait(t.Context()) },
			} {
				wg.Go(func() {
					for range i % 7 {
						runtime.Gosched()
					}
					act()
				})
			}
			wg.Wait()
			<-s.Done()
			require.EqualValues(t, 1, closes.Load())
			require.Zero(t, late.Load())
		})
	}
}

// A close handler that is set while the session closes runs exactly once too.
func TestSettingTheCloseHandlerRacesWithClose(t *testing.T) {
	for range 500 {
		synctest.Test(t, func(t *testing.T) {
			conn, peer := net.Pipe()
			s := session.New(conn, session.Options{})
			got := &recorder{}
			var wg sync.WaitGroup
			wg.Go(s.Close)
			wg.Go(func() { require.NoError(t, s.OnClose(got.onClose)) })
			wg.Wait()
			<-s.Done()
			require.NoError(t, got.cause(t))
			_ = peer.Close()
		})
	}
}
