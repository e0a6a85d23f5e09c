package reports

import (
	"testing"

	"github.com/oizys-protocol/oizys/fuzz/target/native"
)

// Nothing else is imported here: what a package and its tests import is compared for each input.

func FuzzReport(f *testing.F) { native.Fuzz(f, Report) }
