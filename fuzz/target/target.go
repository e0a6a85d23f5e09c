// Package target lists the fuzz targets, and makes the inputs that engines begin with.
//
// Begin with [All]. What is done with an input, a target's body, is in the packages below this one: a function that takes
// bytes and returns an error that says what was wrong. So Go's own engine (the Fuzz functions in those packages' tests) and
// libFuzzer (the program in fuzz/libfuzzer) run the very same bodies. Each has an oracle that is written independently of
// what it judges; none asks only that nothing panics. There are several packages because an engine pays, for each input,
// for all the code that is built into its program. Engines, corpora and live peers are out of scope.
package target

import (
	"slices"

	"github.com/oizys-protocol/oizys/fuzz/target/config"
	"github.com/oizys-protocol/oizys/fuzz/target/golden"
	"github.com/oizys-protocol/oizys/fuzz/target/operations"
	"github.com/oizys-protocol/oizys/fuzz/target/reports"
	"github.com/oizys-protocol/oizys/fuzz/target/stream"
)

// Target is one fuzz target. Its functions may be called concurrently.
type Target struct {
	// Name is the target's word on command lines and in the names of files: lower-case letters.
	Name string
	// Package is the last element of its package's path, Go the name of the Fuzz function there.
	Package, Go string
	// Dictionary is the name of its libFuzzer dictionary without the extension; empty if it has none.
	Dictionary string
	// Run tries one input. The error says what was wrong with what was fuzzed, never with the input.
	Run func(data []byte) error

	seeds func() ([]Seed, error)
}

// Seeds returns the inputs to begin with: the same ones each time, none twice, at least one.
func (t Target) Seeds() ([]Seed, error) { return t.seeds() }

// Seed is an input to begin with.
type Seed struct {
	// Name says where it is from; it is a file's name.
	Name string
	Data []byte
}

// All returns the targets, in the order in which they are listed everywhere.
func All() []Target {
	limited := func(run func([]byte, int) error) func([]byte) error {
		return func(data []byte) error { return run(data, stream.DefaultLimit) }
	}
	script := func(data []byte, limit int) error { return stream.Stream(data, limit, stream.Reference) }
	return []Target{
		{"decoder", "stream", "FuzzDecoder", "wire", limited(stream.Decoder), wires},
		{"chunks", "stream", "FuzzChunks", "wire", limited(stream.Chunks), chunkedWires},
		{"roundtrip", "stream", "FuzzRoundTrip", "wire", limited(stream.RoundTrip), wires},
		{"stream", "stream", "FuzzStream", "", limited(script), scripts},
		{"session", "operations", "FuzzSession", "", operations.Session, sessions},
		{"vectors", "golden", "FuzzVectors", "json", golden.Vectors, vectorFiles},
		{"report", "reports", "FuzzReport", "json", reports.Report, reportFiles},
		{"known", "config", "FuzzKnown", "yaml", config.Known, knownLists},
		{"peers", "config", "FuzzPeers", "yaml", config.Peers, peerLists},
	}
}

// Find returns the target with the name.
func Find(name string) (Target, bool) {
	all := All()
	if i := slices.IndexFunc(all, func(t Target) bool { return t.Name == name }); i >= 0 {
		return all[i], true
	}
	return Target{}, false
}
