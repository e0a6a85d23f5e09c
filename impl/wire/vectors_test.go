package wire_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/wire"
	"github.com/oizys-protocol/oizys/vectors"
)

// errorOf maps the vectors' words to errors. A word that is missing here fails the test.
func errorOf(t *testing.T, kind vectors.ErrorKind) error {
	t.Helper()
	known := map[vectors.ErrorKind]error{
		vectors.ErrorReservedByte:     wire.ErrReserved,
		vectors.ErrorEmptyMessage:     wire.ErrEmpty,
		vectors.ErrorTruncatedHeader:  wire.ErrTruncatedHeader,
		vectors.ErrorTruncatedContent: wire.ErrTruncatedContent,
		vectors.ErrorEndOfStream:      io.EOF,
		vectors.ErrorTooLong:          wire.ErrTooLong,
	}
	err, ok := known[kind]
	require.True(t, ok, "unknown error %q", kind)
	return err
}

// chunkings are the ways in which a vector's wire is fed.
func chunkings(v *vectors.Vector) map[string][]int {
	ways := map[string][]int{"whole": {v.WireLength}}
	if len(v.Pieces) > 0 {
		ways["pieces"] = v.Pieces
	}
	if v.WireLength <= 1<<12 {
		ways["bytes"] = slices.Repeat([]int{1}, v.WireLength)
	}
	if v.WireLength > 1<<12 {
		const page = 4096
		ways["pages"] = append(slices.Repeat([]int{page}, v.WireLength/page), v.WireLength%page)
	}
	return ways
}

func TestVectorsDecode(t *testing.T) {
	set, err := vectors.Embedded()
	require.NoError(t, err)
	streams := 0
	for _, v := range set.All() {
		if v.Kind != vectors.KindStream {
			continue
		}
		streams++
		if raceBuild && v.WireLength > 1<<21 {
			continue // Takes longer than all the rest; left to builds without the race detector.
		}
		t.Run(v.ID, func(t *testing.T) {
			data := v.Wire()
			for way, sizes := range chunkings(v) {
				var dec wire.Decoder
				var failed error
				delivered, rest := 0, data
				for _, size := range sizes {
					piece := rest[:size]
					rest = rest[size:]
					for failed == nil {
						var content []byte
						content, piece, failed = dec.Feed(piece)
						if content == nil {
							break
						}
						require.Less(t, delivered, len(v.Messages), way)
						require.True(t, bytes.Equal(v.Messages[delivered].Content(), content), way)
						delivered++
					}
				}
				if failed == nil && v.EndOfStream {
					failed = dec.End()
				}
				require.Len(t, v.Messages, delivered, way)
				if v.Outcome.State == vectors.StateOpen {
					require.NoError(t, failed, way)
					continue
				}
				require.ErrorIs(t, failed, errorOf(t, v.Outcome.Error), way)
				require.EqualValues(t, v.Outcome.Offset, dec.Offset(), way)
			}
		})
	}
	require.Greater(t, streams, 300)
}

func TestVectorsEncode(t *testing.T) {
	set, err := vectors.Embedded()
	require.NoError(t, err)
	encoded, refused := 0, 0
	for _, v := range set.All() {
		var out bytes.Buffer
		w := wire.NewWriter(&out)
		if v.Kind == vectors.KindRefusal {
			refused++
			require.ErrorIs(t, w.WriteMessage(v.Messages[0].Content()), errorOf(t, v.Outcome.Error), v.ID)
			require.Zero(t, out.Len(), v.ID)
			continue
		}
		if v.Outcome.Error != vectors.ErrorNone && v.Outcome.Error != vectors.ErrorEndOfStream {
			continue
		}
		encoded++
		if raceBuild && v.WireLength > 1<<21 {
			continue
		}
		for _, m := range v.Messages {
			require.NoError(t, w.WriteMessage(m.Content()), v.ID)
		}
		require.True(t, bytes.Equal(v.Wire(), out.Bytes()), v.ID)
	}
	require.Greater(t, encoded, 100)
	require.GreaterOrEqual(t, refused, 2)
}

// Reader must tell the same as Decoder, however little each read returns.
func TestVectorsReader(t *testing.T) {
	set, err := vectors.Embedded()
	require.NoError(t, err)
	read := 0
	for _, v := range set.All() {
		if v.Kind != vectors.KindStream || v.WireLength > 1<<17 {
			continue
		}
		read++
		for _, most := range []int{1, 3, 1 << 20} {
			r := wire.NewReader(&slowReader{data: v.Wire(), most: most}, 0)
			for i, m := range v.Messages {
				content, err := r.Next()
				require.NoError(t, err, "%s: message %d", v.ID, i)
				require.True(t, bytes.Equal(m.Content(), content), v.ID)
			}
			_, err := r.Next()
			if v.Outcome.State == vectors.StateOpen {
				// The source has ended all the same.
				require.True(t, errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF), v.ID)
				continue
			}
			require.ErrorIs(t, err, errorOf(t, v.Outcome.Error), v.ID)
			_, again := r.Next()
			require.Equal(t, err, again, v.ID)
		}
	}
	require.Greater(t, read, 300)
}

// slowReader returns at most so many bytes at once.
type slowReader struct {
	data []byte
	most int
}

func (r *slowReader) Read(p []byte) (int, error) {
	if len(r.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), r.most)], r.data)
	r.data = r.data[n:]
	return n, nil
}
