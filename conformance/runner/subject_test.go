package runner

import (
	"net"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A command line without a command may be nil or empty: the server is attached to in both cases.
func TestAttached(t *testing.T) {
	for name, command := range map[string][]string{"nil": nil, "empty": {}} {
		t.Run(name, func(t *testing.T) {
			s, err := newSubject(Options{Command: command, Attach: "/run/server.sock"})
			require.NoError(t, err)
			require.True(t, s.attached())
			require.NoError(t, s.start(t.Context()), "nothing is started")
			require.NoError(t, s.close())
		})
	}
}

func TestSocketsInTheTable(t *testing.T) {
	for _, name := range []string{"s", "with a space", " two  spaces ", "s more"} {
		path := filepath.Join(shortDir(t), name)
		require.False(t, shown(path), "before it is there")
		l, err := net.Listen("unix", path)
		require.NoError(t, err)
		require.True(t, shown(path), "%q", name)
		require.NoError(t, l.Close())
		require.False(t, shown(path), "when it is gone")
	}
}
