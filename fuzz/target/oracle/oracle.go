// Package oracle has what several fuzz targets ask of the code that they fuzz.
package oracle

import (
	"errors"
	"fmt"
	"strings"
)

// Refused judges the error by which an input was refused: it must be of the kind, and say something.
func Refused(err, kind error) error {
	if !errors.Is(err, kind) {
		return fmt.Errorf("an error of another kind: %w", err)
	}
	if strings.TrimSpace(err.Error()) == "" {
		return errors.New("an error that says nothing")
	}
	return nil
}
