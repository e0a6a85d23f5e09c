package stream

import (
	"testing"

	"github.com/oizys-protocol/oizys/fuzz/target/native"
)

// Nothing else is imported here: what a package and its tests import is compared for each input.

func FuzzDecoder(f *testing.F) {
	native.Fuzz(f, func(data []byte) error { return Decoder(data, DefaultLimit) })
}
func FuzzChunks(f *testing.F) {
	native.Fuzz(f, func(data []byte) error { return Chunks(data, DefaultLimit) })
}
func FuzzRoundTrip(f *testing.F) {
	native.Fuzz(f, func(data []byte) error { return RoundTrip(data, DefaultLimit) })
}
func FuzzStream(f *testing.F) {
	native.Fuzz(f, func(data []byte) error { return Stream(data, DefaultLimit, Reference) })
}
