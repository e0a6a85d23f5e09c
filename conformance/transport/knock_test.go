package transport

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKnock(t *testing.T) {
	message := []byte{0, 0, 0, 2, 'h', 'i'}
	for _, row := range []struct {
		name   string
		answer func(t *testing.T, peer io.ReadWriteCloser)
		first  bool // whether the peer answers before the knock
		want   error
	}{
		{"an echo", func(t *testing.T, peer io.ReadWriteCloser) { write(t, peer, message) }, false, nil},
		{"closed without a byte", func(_ *testing.T, peer io.ReadWriteCloser) { peer.Close() }, false, ErrPeerClosed},
		{"closed before it", func(_ *testing.T, peer io.ReadWriteCloser) { peer.Close() }, true, ErrPeerClosed},
		{"half an echo", func(t *testing.T, peer io.ReadWriteCloser) { write(t, peer, message[:3]); peer.Close() }, false, ErrUnexpected},
		{"half an echo before it", func(t *testing.T, peer io.ReadWriteCloser) { write(t, peer, message[:3]); peer.Close() }, true, ErrUnexpected},
		{"something else", func(t *testing.T, peer io.ReadWriteCloser) { write(t, peer, []byte("hello!")) }, false, ErrUnexpected},
		{"nothing", func(*testing.T, io.ReadWriteCloser) {}, false, ErrStalled},
	} {
		t.Run(row.name, func(t *testing.T) {
			patience := long
			if errors.Is(row.want, ErrStalled) {
				patience = short
			}
			c, peer := unreadPair(t, patience)
			if row.first {
				row.answer(t, peer)
			} else {
				go row.answer(t, peer)
			}
			require.ErrorIs(t, c.Knock(message), row.want)
			if row.want != nil {
				return
			}
			// What follows is counted from the beginning.
			c.Read()
			c.Expect([]byte("more"))
			_, err := io.CopyN(io.Discard, peer, int64(len(message)))
			require.NoError(t, err)
			write(t, peer, []byte("more"))
			s, err := c.AwaitExpected(t.Context())
			require.NoError(t, err)
			require.EqualValues(t, 4, s.Got)
			require.EqualValues(t, 4, s.Matched)
			require.Zero(t, c.Written())
		})
	}
}
