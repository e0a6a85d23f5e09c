package oracle

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

type silent struct{}

func (silent) Error() string { return " " }

func TestRefused(t *testing.T) {
	kind := errors.New("not a valid file")
	require.NoError(t, Refused(fmt.Errorf("%w: line 1", kind), kind))
	require.ErrorContains(t, Refused(errors.New("other"), kind), "another kind")
	require.ErrorContains(t, Refused(silent{}, silent{}), "says nothing")
}
