package bufpool_test

import (
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
