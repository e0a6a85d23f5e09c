package native

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a body finds is said, and so is where it panicked: the engine shows nothing else.
func TestTry(t *testing.T) {
	found := errors.New("found")
	require.NoError(t, try(func([]byte) error { return nil }, nil))
	require.ErrorIs(t, try(func([]byte) error { return found }, nil), found)
	err := try(func(data []byte) error { panic(string(data)) }, []byte("the reason"))
	require.ErrorContains(t, err, "panic: the reason")
	require.ErrorContains(t, err, "native_test.go:")
}
