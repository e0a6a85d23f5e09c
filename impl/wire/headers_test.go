package wire_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/wire"
)

// headerMeans is an independent definition of a header, as a number: the reserved byte is all that is above 2^24.
func headerMeans(header uint32) (length int, err error) {
	switch {
	case header >= 16777216:
		return 0, wire.ErrReserved
	case header == 0:
		return 0, wire.ErrEmpty
	}
	return int(header), nil
}

func headerBytes(h uint32) [4]byte {
	return [4]byte{byte(h / 16777216), byte(h / 65536 % 256), byte(h / 256 % 256), byte(h % 256)}
}

// TestAllHeaders parses all 4,294,967,296 headers. A race build, in which that takes minutes, takes every 257th.
func TestAllHeaders(t *testing.T) {
	if testing.Short() {
		t.Skip("all 2^32 headers: left out by -short")
	}
	const all = 1 << 32
	stride := uint64(1)
	if raceBuild {
		stride = 257
	}
	workers := uint64(runtime.GOMAXPROCS(0))
	counts, faults := make([]uint64, workers), make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			from, to := all*w/workers, all*(w+1)/workers
			counts[w], faults[w] = parseHeaders((from+stride-1)/stride*stride, to, stride)
		})
	}
	wg.Wait()
	var total uint64
	for w := range workers {
		require.NoError(t, faults[w])
		total += counts[w]
	}
	require.EqualValues(t, (all+stride-1)/stride, total)
	t.Logf("%d headers", total)
}

func parseHeaders(from, to, stride uint64) (count uint64, fault error) {
	for h := from; h < to; h += stride {
		want, wantErr := headerMeans(uint32(h))
		got, err := wire.ParseHeader(headerBytes(uint32(h)))
		if got != want || err != wantErr {
			return count, fmt.Errorf("header %08x: %d and %w", h, got, err)
		}
		count++
	}
	return count, nil
}

// Every length is encoded as the header that means it, and every other number is refused.
func TestAllLengths(t *testing.T) {
	var buf [wire.HeaderLen]byte
	stride := 1
	if raceBuild {
		stride = 7
	}
	for n := 1; n <= wire.MaxContentLen; n += stride {
		h, err := wire.AppendHeader(buf[:0], n)
		if err != nil || [4]byte(h) != headerBytes(uint32(n)) {
			require.NoError(t, err, n)
			require.Equal(t, headerBytes(uint32(n)), [4]byte(h), n)
		}
	}
	for _, refused := range []struct {
		n    int
		want error
	}{
		{0, wire.ErrEmpty}, {-1, wire.ErrEmpty}, {-1 << 62, wire.ErrEmpty},
		{wire.MaxContentLen + 1, wire.ErrTooLong}, {1 << 25, wire.ErrTooLong}, {1<<32 + 5, wire.ErrTooLong}, {1<<62 + 5, wire.ErrTooLong},
	} {
		h, err := wire.AppendHeader([]byte("before"), refused.n)
		require.ErrorIs(t, err, refused.want, refused.n)
		require.Equal(t, "before", string(h), refused.n)
		require.ErrorIs(t, wire.CheckLen(refused.n), refused.want, refused.n)
	}
}
