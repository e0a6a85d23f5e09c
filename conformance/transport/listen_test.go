package transport

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func listening(t *testing.T) (*Listener, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := Listen(path)
	require.NoError(t, err)
	t.Cleanup(l.Close)
	return l, path
}

func visitor(t *testing.T, path string) net.Conn {
	t.Helper()
	c, err := net.Dial("unix", path)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

func TestAcceptedConnIsRecordedAndUnread(t *testing.T) {
	l, path := listening(t)
	visit := visitor(t, path)
	_, err := visit.Write([]byte("hello"))
	require.NoError(t, err)
	c, err := l.Accept(t.Context(), nil, "session", long)
	require.NoError(t, err)
	defer c.Close()
	n, ok := c.Unread()
	require.True(t, ok)
	require.Equal(t, 5, n)
	c.Expect([]byte("hello"))
	c.Read()
	s, err := c.AwaitExpected(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(5), s.Matched)
	require.Equal(t, "session", c.Transcript().Name)
}

// Who came before the client was gone is still taken; behind the last there is nobody.
func TestAcceptBehindTheEnd(t *testing.T) {
	l, path := listening(t)
	first, second := visitor(t, path), visitor(t, path)
	for _, v := range []net.Conn{first, second} {
		_, err := v.Write([]byte("x"))
		require.NoError(t, err)
		v.Close()
	}
	gone := make(chan struct{})
	close(gone)
	for range 2 {
		c, err := l.Accept(t.Context(), gone, "session", long)
		require.NoError(t, err)
		c.Read()
		s, err := c.AwaitAny(t.Context(), 1)
		require.NoError(t, err)
		require.Equal(t, int64(1), s.Got)
		c.Close()
	}
	_, err := l.Accept(t.Context(), gone, "session", long)
	require.ErrorIs(t, err, ErrNobody)
	visitor(t, path)
	c, err := l.Accept(t.Context(), nil, "session", long)
	require.NoError(t, err, "a listener goes on behind that")
	c.Close()
}

func TestAcceptEnds(t *testing.T) {
	l, _ := listening(t)
	_, err := l.Accept(t.Context(), nil, "session", 10*time.Millisecond)
	require.ErrorIs(t, err, ErrNobody, "by its patience")

	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(5*time.Millisecond, cancel)
	_, err = l.Accept(ctx, nil, "session", long)
	require.ErrorIs(t, err, context.Canceled)

	gone := make(chan struct{})
	time.AfterFunc(5*time.Millisecond, func() { close(gone) })
	_, err = l.Accept(t.Context(), gone, "session", long)
	require.ErrorIs(t, err, ErrNobody, "because nobody will come")
}

func TestListenErrors(t *testing.T) {
	_, err := Listen("/tmp/" + strings.Repeat("x", 103))
	require.ErrorContains(t, err, "at most 107")
	_, path := listening(t)
	_, err = Listen(path)
	require.ErrorContains(t, err, "address already in use")
}
