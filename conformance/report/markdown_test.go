package report

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// manyFailures returns a report of n failures of as many families, each with all the evidence that a case can have.
func manyFailures(n int) *Report {
	cases := make([]Case, n)
	output, sample := strings.Repeat(strings.Repeat("`", 5000)+"\n", 30), pipelineFailure()
	for i := range cases {
		c := sample
		c.ID = fmt.Sprintf("stream/order%d/x", i)
		c.Expected, c.Actual = strings.Repeat("expected ", 10), strings.Repeat("|`<b>", 20)
		c.Evidence = &Evidence{Sessions: c.Evidence.Sessions, PeerOutput: output}
		cases[i] = c
	}
	return reportOf(cases)
}

func TestMarkdownStaysUnderItsCap(t *testing.T) {
	for _, n := range []int{100, 10_000} {
		text := written(t, Markdown, manyFailures(n))
		require.LessOrEqual(t, len(text), maxMarkdown)
		require.Contains(t, text, fmt.Sprintf("| 0 | %d | 0 |", n))
		require.Regexp(t, `Left out here: .*evidence of [0-9]+ findings.*The JSON report holds everything\.\n$`, text)
		requireTables(t, text)
	}
}

func TestMarkdownCapHoldsForAnyText(t *testing.T) {
	r := manyFailures(30)
	huge := strings.Repeat("x", maxMarkdown)
	r.Why, r.Suite.Version, r.Role, r.Peer.Command, r.Peer.Output = huge, huge, huge, []string{huge}, huge
	for i := range r.Cases {
		r.Cases[i].ID, r.Cases[i].Title, r.Cases[i].Replay = huge, huge, huge
	}
	text := written(t, Markdown, r)
	require.LessOrEqual(t, len(text), maxMarkdown)
	require.Contains(t, text, "Left out here: ")
}

var codeSpans = regexp.MustCompile("(`+)[^`](?:.*?[^`])?(`+)")

// requireTables holds every table row to its header's number of cells, as GitHub counts them.
func requireTables(t *testing.T, text string) {
	t.Helper()
	cells, rows, fence := 0, 0, ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if tick := strings.TrimLeft(line, "`"); len(line)-len(tick) >= 3 {
			if fence == "" {
				fence = line[:len(line)-len(tick)]
			} else if line == fence {
				fence = ""
			}
			continue
		}
		if fence != "" || !strings.HasPrefix(line, "|") {
			cells = 0
			continue
		}
		n := unescapedPipes(line)
		if cells == 0 {
			cells = n
		}
		require.Equal(t, cells, n, "%s", line)
		rows++
	}
	require.Empty(t, fence, "a code block without end")
	require.Greater(t, rows, 2)
}

// unescapedPipes counts the pipes that divide cells; a backslash escapes whatever follows it.
func unescapedPipes(line string) int {
	n := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '|':
			n++
		}
	}
	return n
}

func TestMarkdownTablesHoldTogether(t *testing.T) {
	r := sample()
	for i := range r.Cases {
		r.Cases[i].Expected = `\||\\|` + nasty + `\`
		r.Cases[i].ID += "|`"
	}
	text := written(t, Markdown, r)
	requireTables(t, text)
	// What the peer sent stands in code spans, code blocks and escaped <summary>, never as markup of the page.
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "|") {
			require.NotContains(t, codeSpans.ReplaceAllString(line, ""), "<script>")
		}
		if strings.HasPrefix(line, "<details>") {
			require.NotContains(t, line, "<script>")
		}
	}
}

func TestMdCell(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"", "–"},
		{"plain", "`plain`"},
		{"a `tick`", "`` a `tick` ``"},
		{"``", "``` `` ```"},
		{"a|b", "`a\\|b`"},
		{`a\|b`, "`a\\x7cb`"},
		{"two\nlines", "`two\\nlines`"},
		{"\x1b[0m", "`\\x1b[0m`"},
	} {
		require.Equal(t, tc.want, mdCell(tc.in), "%q", tc.in)
	}
}

func TestMdCode(t *testing.T) {
	require.Equal(t, "``a|b \\| `c` \\x00``", mdCode("a|b \\| `c` \x00"))
}

func TestMdText(t *testing.T) {
	require.Equal(t, `a\_b\*c \| &lt;b&gt; \[x\] \`+"`y\\`"+` \@me \#1 \~ \\`, mdText("a_b*c | <b> [x] `y` @me #1 ~ \\"))
}

func TestFencedCannotBeEnded(t *testing.T) {
	require.Equal(t, "`````text\n````\n`````\n", fenced("text", "````\n"))
	require.Equal(t, "```sh\nx\n```\n", fenced("sh", "x\n"))
}
