package wire

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/internal/bufpool"
)

// take reads a whole message into a decoder, in pieces of at most most bytes, and returns the size of its buffer then.
func take(t *testing.T, dec *Decoder, message []byte, most int) int {
	t.Helper()
	for rest := message; len(rest) > 0; {
		content, err := dec.Next()
		require.NoError(t, err)
		require.Nil(t, content)
		n := copy(dec.Space(), rest[:min(most, len(rest))])
		dec.Fill(n)
		rest = rest[n:]
	}
	size := cap(dec.buf.B)
	content, err := dec.Next()
	require.NoError(t, err)
	require.Len(t, content, len(message)-HeaderLen)
	return size
}

func message(t *testing.T, n int) []byte {
	t.Helper()
	m, err := Append(nil, make([]byte, n))
	require.NoError(t, err)
	return m
}

// A message of a power of two bytes fits, with its header, the buffer of that size; the longest fits the largest.
func TestBufferOfAnExactSize(t *testing.T) {
	for _, n := range []int{1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, MaxContentLen} {
		for _, most := range []int{1 << 30, 1 << 16, 1000} {
			var dec Decoder
			size := take(t, &dec, message(t, n), most)
			require.Less(t, size, n+2*64, "%d bytes, %d at a time", n, most)
			dec.Reset()
		}
	}
}

// A decoder begins with the size that it needed last. That nothing came is no reason to forget it.
func TestBufferIsRemembered(t *testing.T) {
	var dec Decoder
	begin := func() int {
		size := cap(dec.Space())
		dec.Release()
		return size
	}
	const long = 100_000
	require.Equal(t, bufpool.Small, begin(), "nothing is known")
	take(t, &dec, message(t, long), 1<<30)
	dec.Release()
	require.Equal(t, bufpool.Large, begin())
	require.Equal(t, bufpool.Large, begin(), "nothing came")
	take(t, &dec, message(t, 1), 1<<30)
	dec.Release()
	require.Equal(t, bufpool.Small, begin(), "less was enough")
}
