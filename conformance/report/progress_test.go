package report

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// progressAt returns a Progress whose clock the test moves.
func progressAt(b *strings.Builder, live, color bool) (*Progress, *time.Time) {
	p := NewProgress(b, live, color)
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	p.now = func() time.Time { return now }
	return p, &now
}

func failed(i int) Case {
	return Case{ID: fmt.Sprintf("hdr/length/%d", i), Verdict: Fail, Actual: "the peer said \x1b[2J\nno"}
}

func TestProgressPlain(t *testing.T) {
	var b strings.Builder
	p, now := progressAt(&b, false, false)
	p.Begin(1200)
	p.Done(Case{ID: "a/b/c", Verdict: Pass})
	p.Done(failed(1))
	p.Done(Case{ID: "a/b/d", Verdict: Error, Actual: "no socket"})
	p.Done(Case{ID: "a/b/e", Verdict: Warn, Actual: "not named"})
	p.Note("peer started anew: %s", "\x1b")
	*now = now.Add(plainPace)
	p.Done(Case{ID: "a/b/f", Verdict: Skip})
	p.Done(Case{ID: "a/b/g", Verdict: Info})
	p.End()
	require.Equal(t, `1200 cases to run
FAIL hdr/length/1  the peer said \x1b[2J\nno
ERROR a/b/d  no socket
peer started anew: \x1b
5/1,200 cases, 2 failed
`, b.String())
}

func TestProgressLive(t *testing.T) {
	var b strings.Builder
	p, now := progressAt(&b, true, true)
	p.Begin(3)
	require.Equal(t, "\r0/3 cases", b.String())
	p.Done(Case{ID: "a/b/c", Verdict: Pass})
	require.Equal(t, "\r0/3 cases", b.String(), "drawn anew within the pace")
	*now = now.Add(livePace)
	p.Done(Case{ID: "a/" + strings.Repeat("x", 100), Verdict: Pass})
	require.Contains(t, b.String(), "\r2/3 cases  a/xxx")
	p.Done(failed(2))
	require.Contains(t, b.String(), "\r\x1b[1;31mFAIL\x1b[0m hdr/length/2  the peer said")
	p.End()
	require.Equal(t, `FAIL hdr/length/2  the peer said \x1b[2J\nno`+"\n", screen(b.String()), "all that is left on the screen")
	require.NotContains(t, strings.ReplaceAll(b.String(), "\x1b[1;31m", ""), "\x1b[2J")
}

// screen returns what a terminal shows in the end: a carriage return begins a line anew, and what follows overwrites.
func screen(s string) string {
	s = strings.NewReplacer("\x1b[1;31m", "", "\x1b[0m", "").Replace(s)
	var out strings.Builder
	for line := range strings.Lines(s) {
		text, ended := strings.CutSuffix(line, "\n")
		var cells []rune
		for part := range strings.SplitSeq(text, "\r") {
			runes := []rune(part)
			cells = append(runes, cells[min(len(runes), len(cells)):]...)
		}
		out.WriteString(strings.TrimRight(string(cells), " "))
		if ended {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

func TestProgressLiveLineNeverWraps(t *testing.T) {
	var b strings.Builder
	p, now := progressAt(&b, true, false)
	p.Begin(100)
	for i := range 100 {
		*now = now.Add(livePace)
		p.Done(Case{ID: strings.Repeat("é", i), Verdict: Pass})
	}
	p.End()
	require.NotContains(t, b.String(), "\n")
	for part := range strings.SplitSeq(b.String(), "\r") {
		require.Less(t, len([]rune(part)), 80)
	}
	require.Empty(t, screen(b.String()))
}

func TestProgressCapsFailures(t *testing.T) {
	for _, live := range []bool{false, true} {
		var b strings.Builder
		p, _ := progressAt(&b, live, false)
		p.Begin(100)
		for i := range 100 {
			p.Done(failed(i))
		}
		p.End()
		require.Equal(t, progressProblems, strings.Count(b.String(), "FAIL "))
		require.Contains(t, b.String(), fmt.Sprintf("and %d more cases that failed or could not be judged\n", 100-progressProblems))
	}
}

func TestProgressIsSafeForConcurrentUse(t *testing.T) {
	var b strings.Builder
	p := NewProgress(&b, false, false)
	p.Begin(64)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			p.Done(failed(i))
			p.Note("note %d", i)
		})
	}
	wg.Wait()
	p.End()
	require.Equal(t, 1+progressProblems+64+1, strings.Count(b.String(), "\n"))
}

func TestProgressOutlivesItsWriter(t *testing.T) {
	p := NewProgress(brokenWriter{}, true, true)
	p.Begin(1)
	p.Done(failed(1))
	p.End()
}
