package wire_test

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/wire"
)

// What a decoder holds must follow what has come, whatever was announced.
func TestMemoryFollowsArrival(t *testing.T) {
	for _, come := range []int{0, 1, 100, 5_000, 100_000, 3 << 20} {
		var dec wire.Decoder
		message := append([]byte{0, 0xff, 0xff, 0xff}, make([]byte, come)...)
		for len(message) > 0 {
			content, err := dec.Next()
			require.NoError(t, err)
			require.Nil(t, content)
			n := copy(dec.Space(), message)
			dec.Fill(n)
			message = message[n:]
		}
		_, err := dec.Next()
		require.NoError(t, err)
		room := len(dec.Space())
		require.LessOrEqual(t, room, max(3*come+1024, 8192), "after %d bytes", come)
		require.Equal(t, wire.ErrTruncatedContent, dec.End())
		dec.Reset()
		require.Equal(t, io.EOF, dec.End())
		require.Zero(t, dec.Offset())
	}
}

func TestLongestMessage(t *testing.T) {
	content := pattern(wire.MaxContentLen)
	message, err := wire.Append(nil, content)
	require.NoError(t, err)
	for name, src := range map[string]io.Reader{
		"whole":    bytes.NewReader(message),
		"halves":   iotest.HalfReader(bytes.NewReader(message)),
		"data+EOF": iotest.DataErrReader(bytes.NewReader(message)),
		"pieces":   &slowReader{data: message, most: 65_521},
	} {
		r := wire.NewReader(src, 0)
		got, err := r.Next()
		require.NoError(t, err, name)
		require.True(t, bytes.Equal(content, got), name)
		_, err = r.Next()
		require.Equal(t, io.EOF, err, name)
	}
}

// Giving memory back between messages, or in the middle of one, must lose nothing.
func TestRelease(t *testing.T) {
	contents := [][]byte{pattern(1), pattern(5_000), pattern(70_000), pattern(3), pattern(20_000), pattern(2)}
	stream := encode(t, contents)
	for _, size := range []int{1, 3, 4093, 100_000} {
		var dec wire.Decoder
		var got [][]byte
		for rest := stream; len(rest) > 0; {
			n := min(size, len(rest), len(dec.Space()))
			require.NoError(t, fillPiece(&dec, rest[:n], func(content []byte) error {
				got = append(got, bytes.Clone(content))
				return nil
			}))
			dec.Release()
			rest = rest[n:]
		}
		require.True(t, equal(contents, got), size)
		require.Equal(t, io.EOF, dec.End())
		require.EqualValues(t, len(stream), dec.Offset())
	}
}

func TestNoAllocation(t *testing.T) {
	if raceBuild {
		return // The race detector allocates, and empties pools on purpose.
	}
	for _, size := range []int{1, 16, 1024, 65_536} {
		content := pattern(size)
		message, err := wire.Append(nil, content)
		require.NoError(t, err)
		stream := bytes.Repeat(message, 4)
		buf := make([]byte, 0, len(stream))
		src := &loopReader{stream: stream}
		r := wire.NewReader(src, 0)
		w := wire.NewWriter(io.Discard)
		var dec wire.Decoder
		for name, f := range map[string]func(){
			"Append": func() { buf, _ = wire.Append(buf[:0], content) },
			"Feed":   func() { _, _, _ = dec.Feed(message) },
			"Reader": func() { _, _ = r.Next() },
			"Writer": func() { _ = w.WriteMessage(content) },
		} {
			require.Zero(t, testing.AllocsPerRun(1000, f), "%s of %d bytes", name, size)
		}
	}
}

// loopReader returns a stream again and again.
type loopReader struct {
	stream []byte
	at     int
}

func (r *loopReader) Read(p []byte) (int, error) {
	n := copy(p, r.stream[r.at:])
	r.at = (r.at + n) % len(r.stream)
	return n, nil
}
