package wire_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/oizys-protocol/oizys/impl/wire"
)

func benchmarkSizes(b *testing.B, f func(b *testing.B, content []byte)) {
	for _, size := range []int{16, 1 << 10, 1 << 16, 1 << 20, wire.MaxContentLen} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			f(b, pattern(size))
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	benchmarkSizes(b, func(b *testing.B, content []byte) {
		var buf []byte
		for b.Loop() {
			buf, _ = wire.Append(buf[:0], content)
		}
	})
}

// BenchmarkReader reads from a source that gives all that is asked for.
func BenchmarkReader(b *testing.B) {
	benchmarkSizes(b, func(b *testing.B, content []byte) {
		message, _ := wire.Append(nil, content)
		r := wire.NewReader(&loopReader{stream: bytes.Repeat(message, 1+1<<18/len(message))}, 0)
		for b.Loop() {
			if _, err := r.Next(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkFeed(b *testing.B) {
	benchmarkSizes(b, func(b *testing.B, content []byte) {
		message, _ := wire.Append(nil, content)
		var dec wire.Decoder
		for b.Loop() {
			if _, _, err := dec.Feed(message); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkWriter(b *testing.B) {
	benchmarkSizes(b, func(b *testing.B, content []byte) {
		w := wire.NewWriter(io.Discard)
		for b.Loop() {
			if err := w.WriteMessage(content); err != nil {
				b.Fatal(err)
			}
		}
	})
}
