package suite

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each other framing is told by name, from a server that speaks it and nothing else.
func TestOtherFramingsAreTold(t *testing.T) {
	all := dialects()
	require.Len(t, all, 10)
	for _, d := range all {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			message := d.frame([]byte("Hi"))
			socket := mini{t: t, handle: func(c *net.UnixConn) {
				got := make([]byte, len(message))
				if _, err := io.ReadFull(c, got); err == nil && bytes.Equal(got, message) {
					_, _ = c.Write(message)
				}
			}}.serve()
			require.Contains(t, strings.Join(Dialects(t.Context(), env(t, socket, long)), "\n"), d.name)
		})
	}
}

func TestNoFramingIsToldOfAServerThatSpeaksNone(t *testing.T) {
	t.Parallel()
	for name, handle := range map[string]func(*net.UnixConn){
		"closes":     func(*net.UnixConn) {},
		"conforming": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Empty(t, Dialects(t.Context(), env(t, mini{t: t, handle: handle}.serve(), long)))
		})
	}
}
