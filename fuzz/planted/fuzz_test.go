//go:build planted

package planted

import (
	"testing"

	"github.com/oizys-protocol/oizys/fuzz/target/native"
)

// These find something, and so are not built in ordinary tests: run them with -tags planted.

func FuzzPlantedScript(f *testing.F) { native.Fuzz(f, Script) }
func FuzzPlantedMagic(f *testing.F)  { native.Fuzz(f, Magic) }
