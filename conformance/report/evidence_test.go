package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Of the stacks of a peer that hung the beginning is shown, and all of them where all is asked for.
func TestStacksAreShown(t *testing.T) {
	var lines []string
	for i := range 30 {
		lines = append(lines, fmt.Sprintf("frame %d \x1b[31m", i))
	}
	c := &Case{ID: "a/b/c", Verdict: Fail, Evidence: &Evidence{PeerStacks: strings.Join(lines, "\n")}}
	brief, whole := &page{width: 80}, &page{width: 80}
	brief.evidence(c, false)
	whole.evidence(c, true)
	require.Contains(t, brief.String(), `  stacks    | frame 0 \x1b[31m`)
	require.Contains(t, brief.String(), "frame 11 ")
	require.NotContains(t, brief.String(), "frame 12 ")
	require.Contains(t, brief.String(), "… 18 lines more, in the JSON report")
	require.Contains(t, whole.String(), `frame 29 \x1b[31m`)
	require.NotContains(t, whole.String(), "\x1b")
	none := &page{width: 80}
	none.evidence(&Case{Evidence: &Evidence{}}, false)
	require.NotContains(t, none.String(), "stacks")
}
