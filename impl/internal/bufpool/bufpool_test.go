package bufpool_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/internal/bufpool"
)

func TestSizes(t *testing.T) {
	for _, n := range []int{0, 1, bufpool.Small, bufpool.Small + 1, bufpool.Large, bufpool.Large + 1, 1 << 24, bufpool.Largest} {
		b := bufpool.Get(n)
		require.Empty(t, b.B)
		require.GreaterOrEqual(t, cap(b.B), n)
		require.LessOrEqual(t, cap(b.B), max(bufpool.Small, 4*n))
		bufpool.Put(b)
	}
	require.Panics(t, func() { bufpool.Get(bufpool.Largest + 1) })
}

// What one borrower leaves in a buffer's fields the next does not find there.
func TestBuffersComeBackClean(t *testing.T) {
	for range 100 {
		b := bufpool.Get(100)
		require.Empty(t, b.B)
		require.Nil(t, b.Next)
		require.Zero(t, b.Messages)
		require.Zero(t, b.Offset)
		b.B, b.Next, b.Messages, b.Offset = append(b.B, "left behind"...), b, 3, 2
		bufpool.Put(b)
	}
}

func TestIdleNeverAllocates(t *testing.T) {
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if b := bufpool.Idle(bufpool.Largest); b != nil && cap(b.B) < bufpool.Largest {
			t.Error("too small")
		}
	}))
}

// What was used is at hand again, for whichever goroutine asks, and is forgotten when it is used no more.
func TestLargeBuffersAreKeptAndForgotten(t *testing.T) {
	for _, n := range []int{bufpool.Large, bufpool.Largest} {
		forget(n)
		first, second := bufpool.Get(n), bufpool.Get(n)
		bufpool.Put(first)
		bufpool.Put(second)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				runtime.GC() // In use every time, one of them survives all collections.
				b := bufpool.Idle(n)
				if b != nil {
					bufpool.Put(b)
				}
			})
			wg.Wait()
		}
		b := bufpool.Idle(n)
		require.NotNil(t, b)
		bufpool.Put(b)
		forget(n)
	}
}

// forget collects garbage until nothing is at hand.
func forget(n int) {
	for {
		b := bufpool.Idle(n)
		if b == nil {
			return
		}
		bufpool.Put(b)
		for range 4 {
			runtime.GC()
		}
	}
}
