package report

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// parsed reads JUnit XML as a CI system does, and holds its counts against its elements.
func parsed(t *testing.T, text string) junitSuites {
	t.Helper()
	requireWellFormed(t, text)
	var doc junitSuites
	require.NoError(t, xml.Unmarshal([]byte(text), &doc))
	var total [4]int
	for _, s := range doc.Suites {
		var got [4]int
		for _, c := range s.Cases {
			got[0]++
			for i, p := range []*junitProblem{c.Failure, c.Error, c.Skipped} {
				if p != nil {
					got[i+1]++
				}
			}
		}
		require.Equal(t, [4]int{s.Tests, s.Failures, s.Errors, s.Skipped}, got, s.Name)
		for i := range got {
			total[i] += got[i]
		}
	}
	require.Equal(t, [4]int{doc.Tests, doc.Failures, doc.Errors, doc.Skipped}, total)
	return doc
}

// requireWellFormed walks every token, and holds each character against XML 1.0.
func requireWellFormed(t *testing.T, text string) {
	t.Helper()
	for i, r := range text {
		legal := r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000
		require.True(t, legal, "character %U at %d", r, i)
	}
	dec := xml.NewDecoder(strings.NewReader(text))
	tokens := 0
	for {
		_, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		tokens++
	}
	require.Greater(t, tokens, 1)
}

// find returns the one case of a document with the given name.
func find(t *testing.T, doc junitSuites, name string) junitCase {
	t.Helper()
	var found []junitCase
	for _, s := range doc.Suites {
		for _, c := range s.Cases {
			if c.Name == name {
				found = append(found, c)
			}
		}
	}
	require.Len(t, found, 1, name)
	return found[0]
}

func TestJUnitVerdicts(t *testing.T) {
	r := sample()
	doc := parsed(t, written(t, JUnit, r))
	require.Equal(t, len(r.Cases), doc.Tests)
	require.Equal(t, [3]int{r.Summary.Fail, r.Summary.Error, r.Summary.Skip}, [3]int{doc.Failures, doc.Errors, doc.Skipped})
	require.Nil(t, find(t, doc, "msg/echo/hi").Output)
	failed := find(t, doc, "hdr/length/256")
	require.Equal(t, "oizys.server.hdr", failed.Classname)
	require.Equal(t, "fail", failed.Failure.Type)
	require.Equal(t, "a message of 1 byte came back, then the connection was closed", failed.Failure.Message)
	for _, want := range []string{"expected  the message of 256 bytes comes back", "00 01 00 = 256 bytes", "panic: short read", "exit status 2", "replay    oizys certify"} {
		require.Contains(t, failed.Failure.Body, want)
	}
	require.Equal(t, "the socket directory vanished", find(t, doc, "srv/harness/fault").Error.Message)
	require.Equal(t, "the peer serves one session at a time", find(t, doc, "srv/concurrent/2").Skipped.Message)
	require.Contains(t, find(t, doc, "hdr/reserved-nonzero/01").Output.Body, "SHOULD")
	require.Contains(t, find(t, doc, "close/on-error/latency").Output.Body, "closed_after_ms=0.4")
}

func TestJUnitStrictFailsWarnings(t *testing.T) {
	r := reportOf([]Case{reserved(1, Warn)})
	r.Strict = true
	r.Result, r.Why = Decide(r.Summary, true, true)
	doc := parsed(t, written(t, JUnit, r))
	require.Equal(t, 1, doc.Failures)
	require.Equal(t, "warn", find(t, doc, "hdr/reserved-nonzero/01").Failure.Type)
}

func TestJUnitKeepsHostileBytesApart(t *testing.T) {
	r := sample()
	r.Cases[1].ID = "hdr/" + nasty
	r.Cases[1].Expected = nasty
	r.Peer.Command = []string{nasty}
	doc := parsed(t, written(t, JUnit, r))
	require.Equal(t, len(r.Cases), doc.Tests)
	message := find(t, doc, "msg/hostile/text").Failure.Message
	require.Equal(t, "got "+Printable(nasty), message)
}

// What is not conforming is never green, whatever the cases say.
func TestJUnitIsNeverGreenByMistake(t *testing.T) {
	passed := []Case{{ID: "a/b", Verdict: Pass}}
	for _, tc := range []struct {
		name             string
		cases            []Case
		result           Result
		complete         bool
		errors, failures int
		shows            string
	}{
		{"conforming", passed, Conforming, true, 0, 0, "a/b"},
		{"cut short", passed, Inconclusive, false, 1, 0, "run/complete"},
		{"cut short behind a failure", []Case{lengthFailure()}, Inconclusive, false, 1, 1, "run/complete"},
		{"cut short but called conforming", passed, Conforming, false, 1, 0, "run/complete"},
		{"no case", nil, Inconclusive, true, 1, 0, "run/result"},
		{"all skipped", []Case{{ID: "a/b", Verdict: Skip}}, Inconclusive, true, 1, 0, "run/result"},
		{"non-conforming for another reason", passed, NonConforming, true, 0, 1, "run/result"},
		{"an unknown verdict", []Case{{ID: "a/b", Verdict: "passed"}}, Inconclusive, true, 1, 0, "a/b"},
		{"an unknown result", passed, "ok", true, 1, 0, "run/result"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := reportOf(tc.cases)
			r.Result, r.Complete = tc.result, tc.complete
			doc := parsed(t, written(t, JUnit, r))
			require.Equal(t, [2]int{tc.errors, tc.failures}, [2]int{doc.Errors, doc.Failures})
			find(t, doc, tc.shows)
		})
	}
}
