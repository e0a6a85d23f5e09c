package wire_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/wire"
)

var errInjected = errors.New("injected")

// faultyReader returns one byte at a time, and at read number failAt what it is told to.
type faultyReader struct {
	data   []byte
	failAt int
	n      int   // Returned with err.
	err    error // Returned for ever, unless it is nil.
	reads  int
}

func (r *faultyReader) Read(p []byte) (int, error) {
	r.reads++
	if r.reads > r.failAt && r.err != nil {
		n := 0
		if r.reads == r.failAt+1 {
			n = copy(p[:r.n], r.data)
		}
		return n, r.err
	}
	if len(r.data) == 0 {
		return 0, io.EOF
	}
	p[0] = r.data[0]
	r.data = r.data[1:]
	return 1, nil
}

func TestReaderFaultAtEachRead(t *testing.T) {
	sent := [][]byte{[]byte("Hi"), []byte("foo"), []byte("!")}
	stream := encode(t, sent)
	ends := []int{6, 13, 18} // Where the messages end.
	for failAt := range stream {
		for _, with := range []int{0, 1} {
			src := &faultyReader{data: stream, failAt: failAt, n: with, err: errInjected}
			r := wire.NewReader(src, 0)
			arrived := failAt + with
			for i, end := range ends {
				if end > arrived {
					break
				}
				content, err := r.Next()
				require.NoError(t, err, "read %d: a message that had come is lost", failAt)
				require.Equal(t, sent[i], content)
			}
			for range 2 {
				content, err := r.Next()
				require.Nil(t, content)
				require.Equal(t, errInjected, err)
			}
		}
	}
}

func TestReaderTruncationAtEachByte(t *testing.T) {
	stream := encode(t, [][]byte{[]byte("Hi"), []byte("foo")})
	for n := range stream {
		r := wire.NewReader(bytes.NewReader(stream[:n]), 0)
		err := error(nil)
		for err == nil {
			_, err = r.Next()
		}
		switch {
		case n == 0 || n == 6:
			require.Equal(t, io.EOF, err, n)
		default:
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, n)
			inHeader := n < 4 || n > 6 && n < 10
			require.Equal(t, inHeader, errors.Is(err, wire.ErrTruncatedHeader), n)
			require.Equal(t, !inHeader, errors.Is(err, wire.ErrTruncatedContent), n)
		}
	}
}

type idleReader struct{ left int }

func (r *idleReader) Read(p []byte) (int, error) {
	if r.left--; r.left >= 0 {
		return 0, nil
	}
	return copy(p, "\x00\x00\x00\x01!"), nil
}

func TestReaderWithoutProgress(t *testing.T) {
	content, err := wire.NewReader(&idleReader{left: 99}, 0).Next()
	require.NoError(t, err)
	require.Equal(t, "!", string(content))
	_, err = wire.NewReader(&idleReader{left: 1 << 40}, 0).Next()
	require.Equal(t, io.ErrNoProgress, err)
}

func TestReaderLimit(t *testing.T) {
	r := wire.NewReader(bytes.NewReader(encode(t, [][]byte{[]byte("12345"), []byte("123456")})), 5)
	content, err := r.Next()
	require.NoError(t, err)
	require.Equal(t, "12345", string(content))
	_, err = r.Next()
	require.ErrorIs(t, err, wire.ErrTooLong)
}

// faultyWriter fails at write number failAt, having taken n bytes.
type faultyWriter struct {
	bytes.Buffer
	failAt, n int
	err       error
	writes    int
}

func (w *faultyWriter) Write(p []byte) (int, error) {
	w.writes++
	if w.writes > w.failAt {
		w.Buffer.Write(p[:w.n])
		return w.n, w.err
	}
	return w.Buffer.Write(p)
}

func TestWriterFaultAtEachWrite(t *testing.T) {
	for failAt := range 4 {
		for _, fault := range []struct {
			n    int
			err  error
			want error
		}{{0, errInjected, errInjected}, {3, errInjected, errInjected}, {5, nil, io.ErrShortWrite}} {
			dst := &faultyWriter{failAt: failAt, n: fault.n, err: fault.err}
			w := wire.NewWriter(dst)
			for i := range 6 {
				err := w.WriteMessage([]byte("Hi"))
				if i < failAt {
					require.NoError(t, err)
				} else {
					require.Equal(t, fault.want, err)
				}
			}
			require.Equal(t, failAt+1, dst.writes, "nothing may follow a part of a message")
			require.Equal(t, 6*failAt+fault.n, dst.Len())
		}
	}
}

func TestWriterRefusalKeepsTheWriterUsable(t *testing.T) {
	var dst bytes.Buffer
	w := wire.NewWriter(&dst)
	require.ErrorIs(t, w.WriteMessage(nil), wire.ErrEmpty)
	require.ErrorIs(t, w.WriteMessage(make([]byte, wire.MaxContentLen+1)), wire.ErrTooLong)
	require.NoError(t, w.WriteMessage([]byte("Hi")))
	require.Equal(t, "\x00\x00\x00\x02Hi", dst.String())
}
