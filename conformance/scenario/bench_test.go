package scenario

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// lanes runs b.N plays in a number of lanes.
func lanes(b *testing.B, n int, lane func(next func() (uint64, bool))) {
	before := runtime.GOMAXPROCS(n + 2)
	defer runtime.GOMAXPROCS(before)
	var index atomic.Uint64
	next := func() (uint64, bool) {
		i := index.Add(1) - 1
		return i, i < uint64(b.N)
	}
	b.ResetTimer()
	var all sync.WaitGroup
	for range n {
		all.Go(func() { lane(next) })
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "scenarios/s")
}

// BenchmarkBareLoop is the ceiling: connect, send one message, read its answer, close.
func BenchmarkBareLoop(b *testing.B) {
	socket := reference(b)
	lanes(b, benchLanes, func(next func() (uint64, bool)) {
		address, message, buf := &unix.SockaddrUnix{Name: socket}, []byte{0, 0, 0, 4, 'b', 'a', 'r', 'e'}, make([]byte, 64)
		for _, more := next(); more; _, more = next() {
			fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
			if err == nil {
				err = unix.Connect(fd, address)
			}
			if err == nil {
				_, err = unix.Write(fd, message)
			}
			if err == nil {
				_, err = unix.Read(fd, buf)
			}
			_ = unix.Close(fd)
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
}

const benchLanes = 8

// BenchmarkScenarios plays what the generator makes.
func BenchmarkScenarios(b *testing.B) {
	socket := reference(b)
	lanes(b, benchLanes, func(next func() (uint64, bool)) {
		p, g, s := player(b, socket), Generator{Seed: 1}, Scenario{}
		for i, more := next(); more; i, more = next() {
			g.Fill(i, &s)
			if r := p.Play(&s); r.Breach != None {
				b.Errorf("%d: %s\n%s", i, &s, r)
				return
			}
		}
	})
}

// BenchmarkGenerate makes scenarios and their wires, and predicts.
func BenchmarkGenerate(b *testing.B) {
	g, s, wire := Generator{Seed: 1, MaxLength: 1 << 16}, Scenario{}, []byte(nil)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		g.Fill(uint64(i), &s)
		wire = s.AppendWire(wire[:0])
		require.NotEmpty(b, s.Predict(wire).End)
	}
}
