package report

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseFormat(t *testing.T) {
	for _, f := range Formats() {
		got, err := ParseFormat(string(f))
		require.NoError(t, err)
		require.Equal(t, f, got)
	}
	for _, word := range []string{"", "JSON", "html", "xml", " md"} {
		_, err := ParseFormat(word)
		require.ErrorContains(t, err, "known are json, junit, md, text", "%q", word)
	}
}

func TestWriteUnknownFormat(t *testing.T) {
	var b strings.Builder
	require.ErrorContains(t, Write(&b, "html", sample()), `unknown report format "html"`)
	require.Empty(t, b.String())
}

type brokenWriter struct{}

var errBroken = errors.New("no space left")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteReportsTheWritersError(t *testing.T) {
	for _, f := range Formats() {
		require.ErrorIs(t, Write(brokenWriter{}, f, sample()), errBroken, "%s", f)
	}
}

func TestWriteLeavesTheReportAlone(t *testing.T) {
	for _, f := range Formats() {
		r := sample()
		r.Result = "unheard of"
		r.Cases[0].Verdict = "unheard of"
		want := *r
		want.Cases = append([]Case(nil), r.Cases...)
		require.NoError(t, Write(io.Discard, f, r), "%s", f)
		require.Equal(t, want, *r, "%s", f)
	}
}

func TestWriteIsDeterministic(t *testing.T) {
	for _, f := range Formats() {
		require.Equal(t, written(t, f, sample()), written(t, f, sample()), "%s", f)
	}
}

// No byte of a written report can do anything to a terminal, whichever format and wherever the peer put it.
func TestWriteIsSafeOnATerminal(t *testing.T) {
	r := sample()
	r.Cases[1].ID = "hdr/length/" + nasty
	r.Cases[1].Title = nasty
	r.Cases[1].Evidence.Hints = []string{nasty}
	r.Cases[1].Evidence.Sessions[0].Name = nasty
	r.Cases[1].Evidence.Sessions[0].Events[0].Note = nasty
	r.Cases[1].Measured = map[string]float64{nasty: 1}
	r.Cases[1].Replay = nasty
	r.Peer.Command = []string{nasty}
	r.Why = nasty
	for _, f := range Formats() {
		out := written(t, f, r)
		require.True(t, isPrintable(strings.ReplaceAll(out, "\n", "")), "%s", f)
	}
}
