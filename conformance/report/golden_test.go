package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// written returns r in format f.
func written(t testing.TB, f Format, r *Report) string {
	t.Helper()
	var buf bytes.Buffer
	require.NoError(t, Write(&buf, f, r))
	return buf.String()
}

// golden compares got with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "go test -run %s -update writes %s anew", t.Name(), path)
}

func TestGolden(t *testing.T) {
	cut := reportOf([]Case{lengthFailure()})
	cut.Complete = false
	cut.Result, cut.Why = Decide(cut.Summary, cut.Complete, cut.Strict)
	conforming := reportOf([]Case{{ID: "msg/echo/hi", Title: "The message Hi comes back", Requirements: []string{"msg/binary"}, Verdict: Pass, DurationMS: 0.2}})
	conforming.Suite.Cases = 1
	for _, tc := range []struct {
		name   string
		report *Report
	}{
		{"every-verdict", sample()},
		{"cut-short", cut},
		{"empty", reportOf(nil)},
		{"conforming", conforming},
	} {
		for _, f := range []Format{JUnit, Markdown, Text} {
			t.Run(tc.name+"."+string(f), func(t *testing.T) {
				golden(t, tc.name+"."+string(f), written(t, f, tc.report))
			})
		}
	}
}
