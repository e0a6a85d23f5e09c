//go:build !planted

package planted

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The bugs are where they are said to be, and not one frame nearer.
func TestWhatFindsTheBugs(t *testing.T) {
	// Script bytes: 0 a message of one byte, 4 one of 256, 0x80 0x01 one with the reserved byte 1, of one byte.
	for _, row := range []struct {
		name   string
		script []byte
		found  bool
	}{
		{"four messages, one long, a wrong reserved byte", []byte{0, 4, 0, 0, 0, 0x80, 1}, true},
		{"three messages", []byte{0, 4, 0, 0, 0x80, 1}, false},
		{"none long", []byte{0, 0, 0, 0, 0, 0x80, 1}, false},
		{"no wrong byte", []byte{0, 4, 0, 0, 0, 0x80, 0}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.Equal(t, row.found, Script(row.script) != nil)
		})
	}
	require.ErrorIs(t, Magic([]byte("\x00\x00\x00\x05OiZy!")), ErrMagic)
	require.NoError(t, Magic([]byte("\x00\x00\x00\x05OiZz!")))
}
