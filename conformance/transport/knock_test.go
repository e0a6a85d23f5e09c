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
		want   error
	}{
		{"an echo", func(t *testing.T, peer io.ReadWriteCloser) { write(t, peer, message) }, nil},
		{"closed without a byte", func(_ *testing.T, peer io.ReadWriteCloser) { peer.Close() }, ErrPeerClosed},
		{"half an echo", func(t *testing.T, peer io.ReadWriteCloser) { write(t, peer, message[:3]); peer.Close() }, ErrUnexpected},
		{"something else", func(t *testing.T, peer io.ReadWriteCloser) { write(t, peer, []byte("hello!")) }, ErrUnexpected},
		{"nothing", func(*testing.T, io.ReadWriteCloser) {}, ErrStalled},
	} {
		t.Run(row.name, func(t *testing.T) {
			patience := long
			if errors.Is(row.want, ErrStalled) {
				patience = short
			}
			c, peer := unreadPair(t, patience)
			go row.answer(t, peer)
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
