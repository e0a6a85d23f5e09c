package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWrongCommandLinesAreErrors(t *testing.T) {
	for name, args := range map[string][]string{
		"nothing":            nil,
		"a role alone":       {"server"},
		"no such role":       {"proxy", "none", "s"},
		"no socket":          {"server", "none"},
		"too many sockets":   {"server", "none", "s", "t"},
		"no such server":     {"server", "no-such-fault", "s"},
		"client, no socket":  {"client", "none", "-m", "x"},
		"client, wrong flag": {"client", "none", "-e", "s", "-x"},
		"client, one more":   {"client", "none", "-e", "s", "-m", "x", "y"},
		"no such client":     {"client", "no-such-fault", "-e", "s", "-m", "x"},
		"driver, one more":   {"driver", "none", "x"},
		"no such driver":     {"driver", "no-such-fault"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := run(args)
			require.Error(t, err)
		})
	}
}

func TestClientsExitCodeIsItsOwn(t *testing.T) {
	status, err := run([]string{"client", "none", "-e", t.TempDir() + "/none", "-m", "-x"})
	require.NoError(t, err)
	require.Equal(t, 1, status)
}
