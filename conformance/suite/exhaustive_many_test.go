package suite

import (
	"net"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// What goes wrong only after very much, or very many, is found, and a correct server passes.
func TestVeryMuchAndVeryMany(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of megabytes; what runs beside each other is shown by the other tests")
	}
	const mib = 1 << 20
	// counting makes a session of answers that depend on what was received before: how many messages, how many bytes.
	counting := func(answer func(messages, bytes int, content []byte) []byte) func(*net.UnixConn) {
		return func(c *net.UnixConn) {
			messages, bytes := 0, 0
			answering(func(content []byte) []byte {
				messages, bytes = messages+1, bytes+len(content)
				return answer(messages, bytes, content)
			})(c)
		}
	}
	var errors atomic.Int64
	for name, row := range map[string]struct {
		handle     func(*net.UnixConn)
		much, many report.Verdict
		actual     string
	}{
		"correct": {handle: nil, much: report.Pass, many: report.Pass},
		"closes after 256 MiB": {
			handle: counting(func(_, bytes int, content []byte) []byte {
				if bytes > 256*mib {
					return nil
				}
				return frame(content)
			}),
			much: report.Fail, many: report.Pass, actual: "message 17 of the greatest length",
		},
		"the third long message is corrupted": {
			handle: counting(func(messages, _ int, content []byte) []byte {
				if messages == 3 && len(content) > mib {
					content = slices.Clone(content)
					content[len(content)-1] ^= 1
				}
				return frame(content)
			}),
			much: report.Fail, many: report.Pass, actual: "message 3 of the greatest length",
		},
		"serves no more after 2,000 errors": {
			handle: func(c *net.UnixConn) {
				if errors.Load() < 2000 {
					_ = echo(c, c)
					errors.Add(1)
				}
			},
			much: report.Pass, many: report.Fail, actual: "many that ended by an error",
		},
	} {
		t.Run(name, func(t *testing.T) {
			socket := mini{t: t, handle: row.handle}.serve()
			for i, c := range exhaustiveMany()[:2] { // the others are of TestFarSessions and TestTurnoverFindsNumbersThatComeRound
				want := []report.Verdict{row.much, row.many}[i]
				e := &Env{Socket: socket, Patience: long, Capacity: 4, Rand: NewRand(7, c.ID)}
				f := c.Run(t.Context(), e)
				e.Close()
				if want == report.Pass {
					require.True(t, f == nil || f.Verdict == report.Pass, "%s: %+v", c.ID, f)
					continue
				}
				require.NotNil(t, f, c.ID)
				require.Equal(t, want, f.Verdict, c.ID)
				require.Contains(t, f.Actual, row.actual)
			}
		})
	}
}
