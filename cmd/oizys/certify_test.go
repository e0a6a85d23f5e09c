package main

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the report has said is not said again, and the exit code stays.
func TestSaidAlready(t *testing.T) {
	end := saidAlready(exitError{exitInconclusive, errors.New("interrupted")})
	require.Empty(t, end.Error())
	require.Equal(t, exitInconclusive, codeOf(end))
	require.NoError(t, saidAlready(nil))
	other := errors.New("another")
	require.Equal(t, other, saidAlready(other))
}
