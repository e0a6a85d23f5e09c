package suite

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// A session that goes far is judged as it comes: what is shifted by however little, and wherever, is found where it is.
func TestFarSessions(t *testing.T) {
	const messages = 3
	nth := func(answer func(number int, content []byte) []byte) func(*net.UnixConn) {
		return func(c *net.UnixConn) {
			number := 0
			answering(func(content []byte) []byte {
				number++
				return answer(number, content)
			})(c)
		}
	}
	for name, row := range map[string]struct {
		handle func(*net.UnixConn)
		limit  time.Duration
		want   report.Verdict
		actual string
	}{
		"correct":  {handle: nil, limit: time.Minute, want: report.Pass},
		"too slow": {handle: nil, want: report.Skip, actual: "0 messages of 3 came back"},
		"one byte is left out": {
			handle: nth(func(number int, content []byte) []byte {
				if number == 3 {
					at := len(content) / 2
					copy(content[at:], content[at+1:])
				}
				return frame(content)
			}),
			limit: time.Minute, want: report.Fail, actual: "in answer 3: content byte 8,388,607 is",
		},
		"a window's length is left out": {
			handle: nth(func(number int, content []byte) []byte {
				if number == 2 {
					copy(content[1<<20:], content[1<<20+endlessWindow:])
				}
				return frame(content)
			}),
			limit: time.Minute, want: report.Fail, actual: "in answer 2: content byte 1,048,5",
		},
		"a wrong header": {
			handle: nth(func(number int, content []byte) []byte { return rawFrame(byte(number-1), len(content), content) }),
			limit:  time.Minute, want: report.Fail, actual: "behind 8,388,612 bytes that were right, in answer 2: byte 0 of the header is 0x01",
		},
		"closes": {
			handle: nth(func(number int, content []byte) []byte {
				if number == 2 {
					return nil
				}
				return frame(content)
			}),
			limit: time.Minute, want: report.Fail, actual: "in answer 2: the server closed the session",
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := &Env{Socket: mini{t: t, handle: row.handle}.serve(), Patience: long, Capacity: 4, Rand: NewRand(7, name)}
			defer e.Close()
			f := e.far(t.Context(), messages, row.limit)
			require.NotNil(t, f)
			require.Equal(t, row.want, f.Verdict, f.Actual)
			require.Contains(t, f.Actual, row.actual)
		})
	}
}

// The content goes on past its block, and no window is like another.
func TestEndlessContentDoesNotRepeat(t *testing.T) {
	const windows = 40
	c, seen := newEndless(NewRand(7, "endless")), map[string]int{}
	for i := range windows {
		var window []byte
		for len(window) < endlessWindow {
			window = append(window, c.next(min(100_000, endlessWindow-len(window)))...)
		}
		for at := 0; at+16 <= len(window); at += 8192 {
			require.NotContains(t, seen, string(window[at:at+16]), "window %d", i)
			seen[string(window[at:at+16])] = i
		}
	}
	require.Len(t, seen, windows*endlessWindow/8192)
}

func TestFarFindingsNameTheBits(t *testing.T) {
	for matched, hints := range map[int64]int{1 << 20: 0, 1<<31 - 5: 1, 1 << 32: 1, 1<<32 + 3*farMessage: 0} {
		f := farFinding(transport.State{Matched: matched, Stray: []byte{1}, Next: []byte{2}}, nil)
		require.Len(t, f.Hints, hints, matched)
		require.Equal(t, report.Fail, f.Verdict)
	}
}

// numbered is a server that answers by the session's number, which has so many bits, and ends a session that lost its own.
type numbered struct {
	mu       sync.Mutex
	bits     int
	last     int
	sessions map[int]*net.UnixConn
}

func (s *numbered) handle(c *net.UnixConn) {
	s.mu.Lock()
	s.last = (s.last + 1) % (1 << s.bits)
	number := s.last
	s.sessions[number] = c
	s.mu.Unlock()
	answering(func(content []byte) []byte {
		s.mu.Lock()
		to := s.sessions[number]
		s.mu.Unlock()
		_, _ = to.Write(frame(content)) // a session that is gone is the test's business
		if to != c {
			return nil
		}
		return []byte{}
	})(c)
}

func TestTurnoverFindsNumbersThatComeRound(t *testing.T) {
	run := func(handle func(*net.UnixConn), begin time.Time) *Finding {
		e := &Env{Socket: mini{t: t, handle: handle}.serve(), Patience: long, Capacity: 20, Rand: NewRand(7, "turnover")}
		defer e.Close()
		return (&turnover{e: e, begin: begin}).run(t.Context())
	}
	wrong := &numbered{bits: turnoverFirst, sessions: map[int]*net.UnixConn{}}
	f := run(wrong.handle, time.Now())
	require.NotNil(t, f)
	require.Equal(t, report.Fail, f.Verdict)
	require.Equal(t, "srv/isolation", f.Requirement)
	require.Contains(t, f.Actual, "while 256 others came and went")
	require.Contains(t, f.Actual, "the newest session got")
	require.Contains(t, f.Hints[0], "numbers of 8 bits")

	f = run(nil, time.Now().Add(-2*turnoverLimit))
	require.NotNil(t, f)
	require.Equal(t, report.Skip, f.Verdict)
	require.Contains(t, f.Actual, "too slow")
	if testing.Short() {
		return
	}
	f = run(nil, time.Now())
	require.Contains(t, []report.Verdict{report.Pass, report.Skip}, f.Verdict, f.Actual) // a skip where the machine is too slow
	if f.Verdict == report.Pass {
		require.Equal(t, float64(turnoverSessions), f.Measured["sessions"])
	}
}
