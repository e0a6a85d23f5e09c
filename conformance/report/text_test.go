package report

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func textOf(t *testing.T, r *Report, o TextOptions) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, WriteText(&b, r, o))
	return b.String()
}

func TestTextVerbose(t *testing.T) {
	golden(t, "verbose.text", textOf(t, sample(), TextOptions{Verbose: true, Width: 100}))
}

// Colour adds nothing but colour.
func TestTextColor(t *testing.T) {
	for _, verbose := range []bool{false, true} {
		colored := textOf(t, sample(), TextOptions{Color: true, Verbose: verbose})
		require.Contains(t, colored, "\x1b[1;31mFAIL\x1b[0m")
		require.Contains(t, colored, "\x1b[1;33mWARN\x1b[0m")
		require.Contains(t, colored, "\x1b[1;31mnon-conforming\x1b[0m: ")
		bare := regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(colored, "")
		require.Equal(t, textOf(t, sample(), TextOptions{Verbose: verbose}), bare)
	}
}

// Lines keep to the width, but for what must stay in one piece: commands and the peer's own lines.
func TestTextWidth(t *testing.T) {
	r := sample()
	r.Cases[1].Actual = strings.Repeat("word ", 100)
	for _, width := range []int{0, 60, 120} {
		limit := width
		if width == 0 {
			limit = 80
		}
		for line := range strings.Lines(textOf(t, r, TextOptions{Width: width})) {
			if strings.HasPrefix(line, "  replay ") || strings.Contains(line, " | \\x1b[2J") || strings.HasPrefix(line, "oizys certify:") || strings.HasPrefix(line, string(NonConforming)+": ") {
				continue
			}
			require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), limit, line)
		}
	}
}

// A peer that ignores the reserved byte gives a page, not 255 pages.
func TestTextShowsAFamilyOnce(t *testing.T) {
	var cases []Case
	for i := range 255 {
		cases = append(cases, reserved(i+1, Fail))
	}
	text := textOf(t, reportOf(cases), TextOptions{})
	require.Equal(t, 1, strings.Count(text, "FAIL"))
	require.Contains(t, text, "and 254 more like it: …/02 …/03 ")
	require.Less(t, strings.Count(text, "\n"), 40)
	verbose := textOf(t, reportOf(cases), TextOptions{Verbose: true})
	require.Contains(t, verbose, "…/ff")
}

// A peer that breaks everything gives few findings in full, of different families, and the others in a line each.
func TestTextOfAWholeDisaster(t *testing.T) {
	var cases []Case
	for i := range 100 {
		for _, what := range []string{"came late", "was lost", "was cut"} {
			c := lengthFailure()
			c.ID, c.Actual = fmt.Sprintf("area/family%d/%s", i, what[4:]), "the reply "+what
			cases = append(cases, c)
		}
	}
	text := textOf(t, reportOf(cases), TextOptions{})
	require.Equal(t, shownGroups, strings.Count(text, "  replay "))
	require.Equal(t, shownGroups, strings.Count(text, "the reply came late\n  likely"))
	require.Contains(t, text, "FAIL   area/family0/lost: the reply was lost (and 1 more of area/family0)\n")
	require.Contains(t, text, fmt.Sprintf("and findings of %d more families", 100-shownBriefs))
	require.Less(t, strings.Count(text, "\n"), 250)
	verbose := textOf(t, reportOf(cases), TextOptions{Verbose: true})
	require.Equal(t, 300, strings.Count(verbose, "  replay "))
}

// The result is the last line, whole, whatever the width, and without what the peer printed, which stands above it.
func TestTextEndsWithTheResultOnOneLine(t *testing.T) {
	r := reportOf(nil)
	r.Result, r.Why = Inconclusive, "the driver ended before its first answer "+strings.Repeat("and so on ", 20)+"; this was said:\n  | > {\"id\":1}\n  | < oh"
	r.Peer.Output = "> {\"id\":1}\n< oh"
	text := textOf(t, r, TextOptions{Width: 40})
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	last := lines[len(lines)-1]
	require.Equal(t, "inconclusive: the driver ended before its first answer "+strings.Repeat("and so on ", 20), last)
	require.NotContains(t, text, `\n`)
	require.Contains(t, text, "| < oh\n")
}

func TestTextSaysThatTheRunWasCutShort(t *testing.T) {
	r := sample()
	require.NotContains(t, textOf(t, r, TextOptions{}), "incomplete")
	r.Complete = false
	require.Contains(t, textOf(t, r, TextOptions{}), "The run was cut short: this report is incomplete.\n")
}

// A run in which no case was begun has not cut any of them short.
func TestTextSaysThatNoCaseWasRun(t *testing.T) {
	r := reportOf(nil)
	r.Complete = false
	text := textOf(t, r, TextOptions{})
	require.Contains(t, text, "no case was run\n")
	require.NotContains(t, text, "incomplete")
	require.NotContains(t, text, "0 of ")
}

// A case that is shown in brief is run again by the same command as the others, peer and all.
func TestTextNamesThePeerInTheCommandOfBriefCases(t *testing.T) {
	var cases []Case
	for i := range 2 * shownGroups {
		c := lengthFailure()
		c.ID = fmt.Sprintf("hdr/length/%d", i)
		c.Actual += strings.Repeat("x", i)
		c.Replay = "bin/oizys certify --case " + c.ID + " --seed 42 -- ./echo {socket}"
		cases = append(cases, c)
	}
	require.Contains(t, textOf(t, reportOf(cases), TextOptions{}), "for the evidence of a case: bin/oizys certify --case ID --seed 42 -- ./echo {socket}\n")
}

// The peer's last output is shown once: with a case, or at the end if no case has it.
func TestTextShowsThePeersLastOutputOnce(t *testing.T) {
	c := lengthFailure()
	c.Evidence.PeerOutput, c.Evidence.PeerExit = "", ""
	r := reportOf([]Case{c})
	r.Peer.Output, r.Peer.Exit = "cannot bind\n", "exit status 7"
	text := textOf(t, r, TextOptions{})
	require.Contains(t, text, "The peer's last output\n")
	require.Contains(t, text, "| cannot bind\n  exit      exit status 7\n")
	r.Cases[0].Evidence.PeerOutput = "cannot bind\n"
	require.Equal(t, 1, strings.Count(textOf(t, r, TextOptions{}), "cannot bind"))
	r.Cases[0].Evidence.PeerOutput, r.Complete = "no configuration\n", false
	require.Equal(t, 1, strings.Count(textOf(t, r, TextOptions{}), "| cannot bind"), "no case shows what cut the run short")
	r.Cases[0].Evidence.PeerOutput, r.Peer.Output = "…bind\n", "cannot bind\n"
	require.Equal(t, 1, strings.Count(textOf(t, r, TextOptions{}), "bind"))
	r.Cases[0].Evidence.PeerOutput, r.Result, r.Complete = "", Conforming, true
	require.NotContains(t, textOf(t, r, TextOptions{}), "cannot bind")
}

func TestTextOfHostileLengths(t *testing.T) {
	c := lengthFailure()
	c.Actual = strings.Repeat("x", 1<<20)
	c.Evidence.PeerOutput = strings.Repeat(strings.Repeat("y", 1<<16)+"\n", 100)
	events := c.Evidence.Sessions[0].Events
	for i := range 10_000 {
		events = append(events, Event{Direction: Sent, Offset: int64(260 + i), Length: 1, Hex: fmt.Sprintf("%02x", i%256)})
	}
	c.Evidence.Sessions[0].Events = events
	for range 50 {
		c.Evidence.Sessions = append(c.Evidence.Sessions, c.Evidence.Sessions[0])
	}
	text := textOf(t, reportOf([]Case{c}), TextOptions{})
	require.Less(t, len(text), 20_000)
	require.Contains(t, text, "and 48 more sessions")
	require.Contains(t, text, "… 92 earlier lines")
	require.Regexp(t, `… [0-9]+ lines not shown`, text)
}
