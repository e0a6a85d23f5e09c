package runner

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/suite"
)

const startsAnew = "srv/releases/descriptors-and-threads"

// A server that ends, or serves nobody any more, behind its last case is not conforming.
func TestEndsBehindTheLastCase(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, kind string
		only       []string
	}{
		{"it ends", "once-later", []string{"hdr/length/example-*", "msg/empty/only"}},
		{"it serves nobody", "deaf-later", []string{"hdr/length/example-*", "msg/empty/only"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "count")
			rep := judged(t, Options{Command: command(t, row.kind, file), Only: row.only})
			require.Equal(t, report.NonConforming, rep.Result)
			require.Len(t, withVerdict(rep, report.Fail), 1)
			require.Equal(t, report.Fail, caseOf(t, rep, suite.StaysUp).Verdict)
		})
	}
}

// What a sanitizer reports when the server is told to end is recorded, and fails nobody.
func TestReportOfASanitizerAtTheEnd(t *testing.T) {
	t.Parallel()
	rep := judged(t, Options{Command: command(t, "leaks", "-"), Only: []string{"hdr/length/example-*", startsAnew, "srv/stays-up"}})
	require.Equal(t, report.Conforming, rep.Result)
	c := caseOf(t, rep, suite.StaysUp)
	require.Equal(t, report.Info, c.Verdict)
	require.Contains(t, c.Actual, "exit status 23; it had printed what a sanitizer reports")
	require.Contains(t, c.Evidence.PeerOutput, "LeakSanitizer")
}
