package session_test

import (
	"bytes"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/session"
	"github.com/oizys-protocol/oizys/impl/wire"
	"github.com/oizys-protocol/oizys/vectors"
)

// causes maps the vectors' words to what the close handler is given.
var causes = map[vectors.ErrorKind]error{
	vectors.ErrorReservedByte:     wire.ErrReserved,
	vectors.ErrorEmptyMessage:     wire.ErrEmpty,
	vectors.ErrorTruncatedHeader:  wire.ErrTruncatedHeader,
	vectors.ErrorTruncatedContent: wire.ErrTruncatedContent,
	vectors.ErrorEndOfStream:      io.EOF,
}

func embedded(t *testing.T) []*vectors.Vector {
	t.Helper()
	set, err := vectors.Embedded()
	require.NoError(t, err)
	return set.All()
}

// leftOut reports whether a vector is left to builds without the race detector: its size takes other paths only in the
// codec, and under the detector moving a few of these megabytes takes longer than all the rest.
func leftOut(v *vectors.Vector) bool {
	size := v.WireLength
	for _, m := range v.Messages {
		size = max(size, m.Length)
	}
	return raceBuild && size > 1<<17
}

func TestVectorsReceive(t *testing.T) {
	streams := 0
	for _, v := range embedded(t) {
		if v.Kind != vectors.KindStream {
			continue
		}
		streams++
		if leftOut(v) {
			continue
		}
		data, contents := v.Wire(), contentsOf(v)
		overTransports(t, session.Options{}, func(t *testing.T, s *session.Session, peer *net.UnixConn) {
			receiveVector(t, v, data, contents, s, peer)
		})
	}
	require.Greater(t, streams, 300)
}

func contentsOf(v *vectors.Vector) [][]byte {
	var contents [][]byte
	for _, m := range v.Messages {
		contents = append(contents, m.Content())
	}
	return contents
}

func receiveVector(t *testing.T, v *vectors.Vector, data []byte, contents [][]byte, s *session.Session, peer *net.UnixConn) {
	got := record(t, s)
	pieces := v.Pieces
	if len(pieces) == 0 {
		pieces = []int{len(data)}
	}
	for _, size := range pieces {
		_, _ = peer.Write(data[:size]) // Fails when the session has found an error and closed.
		data = data[size:]
	}
	closed := v.Outcome.State == vectors.StateClosed
	if !closed || v.EndOfStream {
		// Where the session stays open the end of the stream ends it too, so that there is something to wait for.
		_ = peer.CloseWrite()
	}
	_, err := io.Copy(io.Discard, peer)
	if err != nil {
		require.True(t, closed, "%s: %v", v.ID, err) // Closed with input unread.
	}
	_ = ended(t, s)

	want := io.EOF
	if closed {
		var known bool
		want, known = causes[v.Outcome.Error]
		require.True(t, known, "%s: unknown error %q", v.ID, v.Outcome.Error)
	}
	require.ErrorIs(t, got.cause(t), want, v.ID)
	require.Len(t, got.messages, len(v.Messages), v.ID)
	for i, content := range contents {
		require.True(t, bytes.Equal(content, got.messages[i]), "%s: message %d", v.ID, i)
	}
}

func TestVectorsSend(t *testing.T) {
	sent, refused := 0, 0
	for _, v := range embedded(t) {
		refusal := v.Kind == vectors.KindRefusal
		if !refusal && v.Outcome.Error != vectors.ErrorNone && v.Outcome.Error != vectors.ErrorEndOfStream {
			continue
		}
		if leftOut(v) {
			continue
		}
		want, contents := v.Wire(), contentsOf(v)
		overTransports(t, session.Options{}, func(t *testing.T, s *session.Session, peer *net.UnixConn) {
			for _, content := range contents {
				content := bytes.Clone(content)
				queued, err := s.Send(content)
				if refusal {
					refused++
					require.Zero(t, queued, v.ID)
					require.ErrorIs(t, err, map[vectors.ErrorKind]error{
						vectors.ErrorEmptyMessage: wire.ErrEmpty,
						vectors.ErrorTooLong:      wire.ErrTooLong,
					}[v.Outcome.Error], v.ID)
					continue
				}
				sent++
				require.NoError(t, err, v.ID)
				require.Positive(t, queued, v.ID)
				clear(content) // Send has copied it.
			}
			s.Close()
			data := make([]byte, len(want)+1)
			n, err := io.ReadFull(peer, data)
			require.True(t, err == io.EOF || err == io.ErrUnexpectedEOF, "%s: %v", v.ID, err)
			require.True(t, bytes.Equal(want, data[:n]), v.ID)
		})
	}
	require.Greater(t, sent, 300)
	require.GreaterOrEqual(t, refused, 2)
}
