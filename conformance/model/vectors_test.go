package model

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/vectors"
)

// ends maps the words of the vectors' outcomes to the model's. It is a closed table: a word that is new on either side
// fails the test.
func ends() map[vectors.ErrorKind]End {
	return map[vectors.ErrorKind]End{
		vectors.ErrorNone:             Open,
		vectors.ErrorReservedByte:     Reserved,
		vectors.ErrorEmptyMessage:     Empty,
		vectors.ErrorTruncatedHeader:  TruncatedHeader,
		vectors.ErrorTruncatedContent: TruncatedContent,
		vectors.ErrorEndOfStream:      EndOfStream,
	}
}

// Model and vectors are two definitions of one protocol: what a vector says literally is what the model works out.
func TestModelAgreesWithEveryVector(t *testing.T) {
	set, err := vectors.Embedded()
	require.NoError(t, err)
	streams, seen := 0, map[End]int{}
	for _, v := range set.All() {
		if v.Kind != vectors.KindStream {
			require.Equal(t, vectors.KindRefusal, v.Kind, v.ID)
			continue
		}
		streams++
		wire := v.Wire()
		out := Judge(wire, v.EndOfStream)
		want, known := ends()[v.Outcome.Error]
		require.True(t, known, "%s: outcome %q", v.ID, v.Outcome.Error)
		require.Equal(t, want, out.End, v.ID)
		require.Equal(t, v.Outcome.State == vectors.StateClosed, out.End.Closed(), v.ID)
		if out.End.Closed() {
			require.Equal(t, v.Outcome.Offset, out.Valid, "%s: where the error is", v.ID)
		} else {
			require.Len(t, wire, out.Valid, "%s: all is valid", v.ID)
		}
		seen[out.End]++
		requireMessages(t, v, wire, out)
	}
	require.GreaterOrEqual(t, streams, 600)
	require.Len(t, seen, len(ends()), "the vectors show every end: %v", seen)
}

func requireMessages(t *testing.T, v *vectors.Vector, wire []byte, out Outcome) {
	t.Helper()
	require.Len(t, out.Messages, len(v.Messages), v.ID)
	for i, span := range out.Messages {
		content := wire[span.Offset : span.Offset+span.Length]
		sum := sha256.Sum256(content)
		require.Equal(t, v.Messages[i].Length, span.Length, "%s: message %d", v.ID, i)
		require.Equal(t, v.Messages[i].SHA256, hex.EncodeToString(sum[:]), "%s: message %d", v.ID, i)
	}
}

func TestClosedKnowsEveryEnd(t *testing.T) {
	for _, row := range []struct {
		end    End
		closed bool
	}{
		{Open, false},
		{MidHeader, false},
		{MidContent, false},
		{Reserved, true},
		{Empty, true},
		{TruncatedHeader, true},
		{TruncatedContent, true},
		{EndOfStream, true},
	} {
		t.Run(string(row.end), func(t *testing.T) { require.Equal(t, row.closed, row.end.Closed()) })
	}
}
