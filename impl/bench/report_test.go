package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/bench/internal/contender"
)

// made returns a report in which every contender carries a message in a number of microseconds, in every round.
func made(t *testing.T, kind string, size int, micros map[string]int) *report {
	t.Helper()
	rep := newReport(options{contenders: contender.All(), rounds: 3})
	for range 3 {
		for _, c := range contender.All() {
			if each, ok := micros[c.Name]; ok {
				rep.add(kind, size, c, sample{Count: 1000, Elapsed: time.Duration(1000*each) * time.Microsecond})
			}
		}
	}
	return rep
}

func TestRatiosAreTakenRoundByRound(t *testing.T) {
	rep := newReport(options{contenders: contender.All()})
	raw, err := contender.Named(contender.Raw)
	require.NoError(t, err)
	session, err := contender.Named(contender.Session)
	require.NoError(t, err)
	// The machine gets slower from round to round; the session takes twice raw's time all along.
	for _, each := range []int{1, 10, 100} {
		rep.add(oneWay, 16, raw, sample{Count: 1, Elapsed: time.Duration(each) * time.Microsecond})
		rep.add(oneWay, 16, session, sample{Count: 1, Elapsed: time.Duration(2*each) * time.Microsecond})
	}
	rep.finish()
	c := rep.cell(oneWay, 16, contender.Session)
	require.InDelta(t, 0.5, c.ToRaw, 1e-9)
	require.Zero(t, c.ToNaive, "was not measured")
	require.InDelta(t, 50_000, c.PerSecond, 1e-6)
	require.InDelta(t, (500_000-5_000)/50_000., c.Spread, 1e-9)
}

func TestMedian(t *testing.T) {
	require.InDelta(t, 2.0, median([]float64{3, 1, 2}), 0)
	require.InDelta(t, 2.5, median([]float64{4, 1, 3, 2}), 0)
	require.InDelta(t, 7.0, median([]float64{7}), 0)
}

func TestSpeedAims(t *testing.T) {
	rows := []struct {
		name               string
		kind               string
		size               int
		session, raw, slow int
		want               []bool
	}{
		{"tiny, fast enough", oneWay, 16, 1, 1, 50, []bool{true}},
		{"tiny, too slow", oneWay, 16, 1, 1, 49, []bool{false}},
		{"small has no aim", oneWay, 17, 9, 1, 9, nil},
		{"middle, fast enough", oneWay, 1 << 10, 2, 1, 1, []bool{true}},
		{"middle, too slow", oneWay, 1 << 10, 21, 10, 1, []bool{false}},
		{"large, fast enough", oneWay, 1 << 16, 10, 8, 1, []bool{true}},
		{"large, too slow", oneWay, 1 << 16, 101, 80, 1, []bool{false}},
		{"round trip, fast enough", roundTrip, 1 << 16, 129, 100, 1, []bool{true}},
		{"round trip, too slow", roundTrip, 16, 131, 100, 1, []bool{false}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			rep := made(t, row.kind, row.size, map[string]int{
				contender.Session: row.session, contender.Raw: row.raw, contender.Naive: row.slow,
			})
			rep.finish()
			var got []bool
			for _, a := range rep.Aims {
				if !strings.Contains(a.What, "allocations") {
					got = append(got, a.Pass)
				}
			}
			require.Equal(t, row.want, got, "%+v", rep.Aims)
		})
	}
}

// What was not measured is no aim that was reached.
func TestNoAimWithoutTheOther(t *testing.T) {
	for _, kind := range []string{oneWay, roundTrip} {
		rep := made(t, kind, 1<<16, map[string]int{contender.Session: 1})
		rep.finish()
		for _, a := range rep.Aims {
			require.Contains(t, a.What, "allocations")
		}
	}
	rep := made(t, oneWay, 16, map[string]int{contender.Raw: 1, contender.Naive: 2})
	rep.finish()
	require.Empty(t, rep.Aims)
}

func TestAllocationAims(t *testing.T) {
	require.True(t, allocationAim("sent", 16, 0.004).Pass)
	require.False(t, allocationAim("sent", 16, 0.005).Pass)
	require.False(t, allocationAim("sent", 16, 1).Pass)
}

func TestIdleAim(t *testing.T) {
	for bytes, pass := range map[uint64]bool{16383: true, 16384: false} {
		rep := newReport(options{})
		rep.Idle = []idle{idleOf(contender.Session, 10, memory{Heap: 100, Stack: 50}, memory{Heap: 100 + 10*bytes - 3, Stack: 53})}
		rep.finish()
		require.Len(t, rep.Aims, 1)
		require.Equal(t, pass, rep.Aims[0].Pass)
	}
	require.Zero(t, idleOf("x", 1, memory{RSS: 5}, memory{RSS: 3}).RSS, "it never is below 0")
}

func TestTables(t *testing.T) {
	rep := made(t, oneWay, 1<<16, map[string]int{contender.Session: 20, contender.Raw: 10, contender.Naive: 40, "coder": 80})
	rep.finish()
	var text, md strings.Builder
	require.NoError(t, rep.write(&text, "text"))
	require.NoError(t, rep.write(&md, "md"))
	for _, want := range []string{
		"| 64 KiB | session | 50,000 | 3,277 | 0.50 | 2.00 | 0 % | 0 | 0.00 | 0.00 |",
		"| 64 KiB | coder* | 12,500 | 819 | 0.12 | 0.50 | 0 % | 0 | 0.00 | 0.00 |",
		"coder* at 64 KiB: read limit raised: it is 32 KiB by default.",
		"| ✗ miss | 64 KiB: bytes/s to raw's | ≥ 0.8 | 0.50 |",
	} {
		require.Contains(t, md.String(), want)
	}
	require.Contains(t, text.String(), "  64 KiB  session        50,000  3,277")
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.00032: "0.0003", 0.5: "0.50", 9.876: "9.88", 43.21: "43.2", 123.4: "123", 1234.5: "1,235", 12345678: "12,345,678"} {
		require.Equal(t, want, significant(v))
	}
	require.Equal(t, "-", ratio(0))
	require.Zero(t, inverse(0))
}
