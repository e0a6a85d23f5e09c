package session_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/session"
)

// inUse returns the bytes of heap and stacks in use, without caches.
func inUse() int {
	var m runtime.MemStats
	for range 3 {
		runtime.GC() // What pools hold is forgotten in the second.
	}
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.StackInuse)
}

func TestMemoryOfAnIdleSession(t *testing.T) {
	const aim = 16 << 10
	pairs := 200
	if raceBuild {
		pairs = 10 // The race detector's own memory counts too, so there is nothing to measure.
	}
	before := inUse()
	for name, make := range transports() {
		sessions := []*session.Session{}
		for range pairs {
			s, conn := make(t, session.Options{})
			peer := session.New(conn, session.Options{})
			echoed := newInbox(t, s)
			answer(t, peer)
			for _, size := range []int{1, 300_000, 20} {
				_, err := s.Send(pattern(size))
				require.NoError(t, err)
				require.Equal(t, size, <-echoed)
			}
			sessions = append(sessions, s, peer)
		}
		each := (inUse() - before) / len(sessions)
		t.Logf("%s: %d bytes", name, each)
		if !raceBuild {
			require.Less(t, each, aim, name)
		}
		for _, s := range sessions {
			s.Abort()
		}
		for _, s := range sessions {
			<-s.Done()
		}
	}
}

// newInbox returns a channel that is given the length of each message.
func newInbox(t testing.TB, s *session.Session) <-chan int {
	t.Helper()
	lengths := make(chan int, 1)
	require.NoError(t, s.OnMessage(func(content []byte) { lengths <- len(content) }))
	return lengths
}

// answer lets a session send back what it receives.
func answer(t testing.TB, s *session.Session) {
	t.Helper()
	require.NoError(t, s.OnMessage(func(content []byte) { _, _ = s.Send(content) }))
}

func TestNoAllocationPerMessage(t *testing.T) {
	if raceBuild {
		return // The race detector allocates, and empties pools on purpose.
	}
	for name, make := range transports() {
		for _, size := range []int{1, 16, 1 << 10, 1 << 16, 1 << 18} {
			s, conn := make(t, session.Options{MaxQueued: 1 << 17})
			peer := session.New(conn, session.Options{})
			echoed := newInbox(t, s)
			answer(t, peer)
			content := pattern(size)
			allocs := testing.AllocsPerRun(300, func() {
				_, _ = s.SendWait(context.Background(), content)
				<-echoed
			})
			// A garbage collection may come between and empty a pool; a goroutine's first start allocates.
			require.Zero(t, int(allocs), "%s: %d bytes, there and back", name, size)
			s.Abort()
			peer.Abort()
			<-s.Done()
			<-peer.Done()
		}
	}
}

func TestNoAllocationPerMessageOfAStream(t *testing.T) {
	if raceBuild {
		return
	}
	for name, make := range transports() {
		const burst = 2000
		s, conn := make(t, session.Options{})
		peer := session.New(conn, session.Options{})
		got, all := 0, newSignal()
		require.NoError(t, peer.OnMessage(func([]byte) {
			if got++; got%burst == 0 {
				all <- struct{}{}
			}
		}))
		content := pattern(100)
		allocs := testing.AllocsPerRun(50, func() {
			for range burst {
				_, _ = s.SendWait(context.Background(), content)
			}
			<-all
		})
		require.Less(t, allocs/burst, 0.01, name)
		s.Abort()
		peer.Abort()
		<-s.Done()
		<-peer.Done()
	}
}

func newSignal() chan struct{} { return make(chan struct{}, 1) }

// A peer that never reads must not make a session that answers with SendWait grow.
func TestMemoryWithAPeerThatNeverReads(t *testing.T) {
	const bound = 1 << 20
	overAll := transports()
	for name, make := range overAll {
		s, peer := make(t, session.Options{MaxQueued: bound})
		ctx, cancel := context.WithCancel(t.Context())
		full := newSignal()
		require.NoError(t, s.OnMessage(func(content []byte) {
			if queued, err := s.Send(content); err == nil {
				_ = queued
				return
			}
			select {
			case full <- struct{}{}:
			default:
			}
			_, _ = s.SendWait(ctx, content)
		}))
		before := inUse()
		stopped := newSignal()
		go func() {
			message := encode(t, string(pattern(10_000)))
			for {
				if _, err := peer.Write(message); err != nil {
					stopped <- struct{}{}
					return
				}
			}
		}()
		<-full
		require.Less(t, inUse()-before, 4*bound, name)
		s.Abort()
		cancel()
		<-s.Done()
		<-stopped
		_ = peer.Close()
	}
}
