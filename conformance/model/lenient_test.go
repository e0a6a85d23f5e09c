package model

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/spec"
)

func TestLenientEcho(t *testing.T) {
	const hi, bad, other, empty, begun = "\x00\x00\x00\x02Hi", "\x01\x00\x00\x01x", "\x80\x00\x00\x01y", "\x00\x00\x00\x00", "\x07\x00\x00\x02z"
	for _, row := range []struct {
		name, stream    string
		answered, taken string
	}{
		{"nothing", "", "", ""},
		{"valid", hi + hi, hi + hi, hi + hi},
		{"one wrong byte", hi + bad + hi, hi + "\x00\x00\x00\x01x" + hi, hi + hi},
		{"two wrong bytes", bad + other, "\x00\x00\x00\x01x\x00\x00\x00\x01y", ""},
		{"an empty message", hi + bad + empty + hi, hi + "\x00\x00\x00\x01x", hi},
		{"an empty message with a wrong byte", hi + "\x01\x00\x00\x00" + hi, hi, hi},
		{"the wrong one unfinished", hi + begun, hi, hi},
	} {
		t.Run(row.name, func(t *testing.T) {
			stream := []byte(row.stream)
			require.Equal(t, row.answered, string(LenientEcho(stream, true)))
			require.Equal(t, row.taken, string(LenientEcho(stream, false)))
			require.Equal(t, row.stream, string(stream), "it is left as it is")
		})
	}
}

// Every end in which the session is closed is demanded by a requirement that there is, and no two by the same.
func TestRequirementOfEveryEnd(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range []End{Open, Reserved, Empty, TruncatedHeader, TruncatedContent, EndOfStream, MidHeader, MidContent} {
		id := e.Requirement()
		require.Equal(t, e.Closed(), id != "", e)
		if id == "" {
			continue
		}
		_, known := spec.Find(id)
		require.True(t, known, id)
		require.False(t, seen[id], id)
		seen[id] = true
	}
}
