package session_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/oizys-protocol/oizys/impl/session"
	"github.com/oizys-protocol/oizys/impl/wire"
)

// Both ends are in one process here; the comparison with others, between processes, is a module of its own.
func benchmarkSizes(b *testing.B, f func(b *testing.B, s, peer *session.Session, content []byte)) {
	for _, size := range []int{16, 1 << 10, 1 << 16, 1 << 20, wire.MaxContentLen} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			conn, other := sockets(b)
			s, peer := session.New(conn, session.Options{}), session.New(other, session.Options{})
			b.SetBytes(int64(size))
			b.ReportAllocs()
			f(b, s, peer, pattern(size))
			s.Abort()
			peer.Abort()
			<-s.Done()
			<-peer.Done()
		})
	}
}

func BenchmarkOneWay(b *testing.B) {
	benchmarkSizes(b, func(b *testing.B, s, peer *session.Session, content []byte) {
		got, all := 0, make(chan struct{})
		_ = peer.OnMessage(func([]byte) {
			if got++; got == b.N {
				close(all)
			}
		})
		for range b.N {
			if _, err := s.SendWait(context.Background(), content); err != nil {
				b.Fatal(err)
			}
		}
		<-all
	})
}

// BenchmarkRoundTrip goes from handler to handler: neither side hands messages to other goroutines.
func BenchmarkRoundTrip(b *testing.B) {
	benchmarkSizes(b, func(b *testing.B, s, peer *session.Session, content []byte) {
		answer(b, peer)
		trips, all := 0, make(chan struct{})
		_ = s.OnMessage(func([]byte) {
			if trips++; trips == b.N {
				close(all)
				return
			}
			_, _ = s.Send(content)
		})
		_, _ = s.Send(content)
		<-all
	})
}
