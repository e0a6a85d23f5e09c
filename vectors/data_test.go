package vectors_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/spec"
	"github.com/oizys-protocol/oizys/vectors"
)

func shipped(t *testing.T) *vectors.Set {
	t.Helper()
	set, err := vectors.Embedded()
	require.NoError(t, err)
	return set
}

// Load checks the hashes of long wires and contents too, which Embedded leaves to this test.
func TestEmbeddedIsWhatLoadReads(t *testing.T) {
	set, err := vectors.Load(vectors.EmbeddedFS())
	require.NoError(t, err)
	require.Equal(t, set, shipped(t))
}

// TestCounts pins how many vectors there are, so that none is lost unseen.
func TestCounts(t *testing.T) {
	want := map[string]int{
		"after-error": 11, "bytes": 24, "empty": 17, "encode": 23, "end": 12, "lengths": 43, "lookalike": 17, "refusal": 6,
		"reserved": 266, "segmentation": 72, "streams": 26, "text": 55, "truncation": 43,
	}
	have, total := map[string]int{}, 0
	for _, f := range shipped(t).Files() {
		have[f.Area] = len(f.Vectors)
		total += len(f.Vectors)
	}
	require.Equal(t, want, have)
	require.Equal(t, 615, total)
}

func TestDataIsSmall(t *testing.T) {
	total := 0
	files, err := fs.Glob(vectors.EmbeddedFS(), "*.json")
	require.NoError(t, err)
	for _, name := range files {
		text, err := fs.ReadFile(vectors.EmbeddedFS(), name)
		require.NoError(t, err)
		total += len(text)
	}
	require.Less(t, total, 1<<20)
}

// Two vectors with the same bytes in the same pieces would be one fact said twice.
func TestEachVectorIsAFactOfItsOwn(t *testing.T) {
	seen := map[string]string{}
	for _, v := range shipped(t).All() {
		pieces := v.Pieces
		if len(pieces) == 0 {
			pieces = []int{v.WireLength}
		}
		key := fmt.Sprint(v.Kind, v.WireSHA256, pieces, v.EndOfStream)
		if v.Kind == vectors.KindRefusal {
			key += v.Messages[0].SHA256
		}
		require.Empty(t, seen[key], "%s has the same bytes", v.ID)
		seen[key] = v.ID
	}
}

// What is built on demand has the length that is promised for it.
func TestBytesAreBuilt(t *testing.T) {
	for _, v := range shipped(t).All() {
		require.Len(t, v.Wire(), v.WireLength, v.ID)
		for _, m := range v.Messages {
			require.Equal(t, m.Length, len(m.Content()), v.ID)
		}
	}
}

// Each requirement that a stream of bytes can show is the primary one of some vector. The others need a session's
// operations, several sessions, time or a process.
func TestRequirementsOfTheWireHaveVectors(t *testing.T) {
	elsewhere := []string{"stream/duplex", "stream/unsolicited", "stream/idle", "msg/empty-unsent"}
	set := shipped(t)
	for _, r := range spec.Requirements() {
		area, _, _ := strings.Cut(r.ID, "/")
		if slices.Contains([]string{"hdr", "msg", "stream", "close"}, area) && !slices.Contains(elsewhere, r.ID) {
			require.NotEmpty(t, set.Under(r.ID), r.ID)
		}
	}
	require.NotEmpty(t, set.Under("sess/send-empty"))
	require.NotEmpty(t, set.Under("sess/send-too-long"))
}

func TestAllWrongReservedBytes(t *testing.T) {
	set := shipped(t)
	bait := []byte("\x00\x00\x00\x04bait")
	for value := 1; value <= 255; value++ {
		v, ok := set.Find(fmt.Sprintf("hdr/reserved-nonzero/0x%02x", value))
		require.True(t, ok, value)
		wire := v.Wire()
		require.Equal(t, byte(value), wire[0], v.ID)
		require.Equal(t, []byte{0, 0, 2}, wire[1:4], v.ID)
		require.True(t, bytes.HasSuffix(wire, bait), v.ID)
		require.Empty(t, v.Messages, v.ID)
		require.Equal(t, vectors.Outcome{State: vectors.StateClosed, Error: vectors.ErrorReservedByte}, v.Outcome, v.ID)
	}
}

func TestAllLengthBoundaries(t *testing.T) {
	set := shipped(t)
	for _, n := range []int{1, 2, 127, 128, 255, 256, 257, 4095, 4096, 4097, 32767, 32768, 65535, 65536, 65537,
		1<<20 - 1, 1 << 20, 1<<20 + 1, 8388607, 8388608, 16777214, 16777215} {
		v, ok := set.Find(fmt.Sprintf("msg/sizes/%d", n))
		require.True(t, ok, n)
		require.Equal(t, n+spec.HeaderLen, v.WireLength)
		require.Len(t, v.Messages, 1)
		content := v.Messages[0].Content()
		require.Len(t, content, n)
		for _, at := range []int{0, n / 2, n - 1} {
			require.Equal(t, byte(at%251), content[at], "%s at %d", v.ID, at)
		}
	}
}

func TestAllRefusals(t *testing.T) {
	set := shipped(t)
	for id, length := range map[string]int{"sess/send-empty/nothing": 0, "sess/send-too-long/16777216": 1 << 24, "sess/send-too-long/16777217": 1<<24 + 1} {
		v, ok := set.Find(id)
		require.True(t, ok, id)
		require.Equal(t, vectors.KindRefusal, v.Kind)
		require.Equal(t, length, v.Messages[0].Length)
	}
}

func TestAllByteValuesAsContent(t *testing.T) {
	set := shipped(t)
	var alone []byte
	for _, v := range set.Under("msg/binary") {
		if strings.HasPrefix(v.ID, "msg/binary/single-") {
			for _, m := range v.Messages {
				require.Equal(t, 1, m.Length)
				alone = append(alone, m.Content()...)
			}
		}
	}
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	require.Equal(t, all, alone, "each value as a message of its own")
	v, ok := set.Find("msg/binary/all-values")
	require.True(t, ok)
	require.Equal(t, all, v.Messages[0].Content())
}

func TestAllTruncations(t *testing.T) {
	set := shipped(t)
	for _, variant := range []string{"", "second-", "fourth-"} {
		for n := 1; n < spec.HeaderLen; n++ {
			v, ok := set.Find(fmt.Sprintf("close/truncated-header/%s%d-of-4", variant, n))
			require.True(t, ok, "%s%d", variant, n)
			require.Equal(t, vectors.ErrorTruncatedHeader, v.Outcome.Error)
			require.Equal(t, n, v.WireLength-v.Outcome.Offset, v.ID)
			require.Equal(t, variant == "", len(v.Messages) == 0, v.ID)
		}
	}
	for _, variant := range []string{"", "third-"} {
		for n := range 8 {
			v, ok := set.Find(fmt.Sprintf("close/truncated-content/%s%d-of-8", variant, n))
			require.True(t, ok, "%s%d", variant, n)
			require.Equal(t, vectors.ErrorTruncatedContent, v.Outcome.Error)
			require.Equal(t, spec.HeaderLen+n, v.WireLength-v.Outcome.Offset, v.ID)
			require.Equal(t, variant == "", len(v.Messages) == 0, v.ID)
		}
	}
}

func TestAllSplits(t *testing.T) {
	set := shipped(t)
	const wire = 18
	for at := 1; at < wire; at++ {
		v, ok := set.Find(fmt.Sprintf("stream/split/three-messages-at-%d", at))
		require.True(t, ok, at)
		require.Equal(t, []int{at, wire - at}, v.Pieces)
		require.Len(t, v.Messages, 3)
	}
	ways := map[string]bool{}
	for _, v := range set.Under("stream/split") {
		if strings.HasPrefix(v.ID, "stream/split/one-message-") {
			ways[fmt.Sprint(v.Pieces)] = true
			require.Equal(t, 6, v.WireLength)
		}
	}
	require.Len(t, ways, 31, "each way to cut six bytes but the whole")
}

func TestEmptyMessagesInAllPositions(t *testing.T) {
	set := shipped(t)
	for variant, delivered := range map[string]int{"only": 0, "first": 0, "second": 1, "last": 2, "between-messages": 2, "twice": 0} {
		v, ok := set.Find("msg/empty/" + variant)
		require.True(t, ok, variant)
		require.Len(t, v.Messages, delivered, v.ID)
		require.Equal(t, vectors.ErrorEmptyMessage, v.Outcome.Error)
		require.False(t, v.EndOfStream, "%s is closed by the error, not by an end of stream", v.ID)
	}
	v, ok := set.Find("msg/empty/with-wrong-reserved")
	require.True(t, ok)
	require.Equal(t, vectors.ErrorReservedByte, v.Outcome.Error, "the first on the wire")
}
