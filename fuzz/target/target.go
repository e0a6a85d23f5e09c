// Package target holds the bodies of the fuzz targets: what is done with one input, and what must come of it.
//
// Begin with [All]. A body takes bytes and returns an error that says what was wrong, so that Go's own engine (the Fuzz
// functions in this package's tests) and libFuzzer (the program in fuzz/libfuzzer) run the very same ones. Each has an
// oracle that is written independently of what it judges; none asks only that nothing panics. Engines, corpora and live
// peers are out of scope.
package target

import "slices"

// DefaultLimit is the longest content, in bytes, that the decoder accepts under fuzzing. Long messages show nothing that
// short ones do not, and one of 16 MiB takes as long as a hundred thousand short ones; they are tested in impl.
const DefaultLimit = 300

// Target is one fuzz target. Its functions may be called concurrently.
type Target struct {
	// Name is the target's word on command lines and in the names of files: lower-case letters.
	Name string
	// Go is the name of the Fuzz function that runs it.
	Go string
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
	return []Target{
		{"decoder", "FuzzDecoder", "wire", func(data []byte) error { return Decoder(data, DefaultLimit) }, wires},
		{"chunks", "FuzzChunks", "wire", func(data []byte) error { return Chunks(data, DefaultLimit) }, chunkedWires},
		{"roundtrip", "FuzzRoundTrip", "wire", func(data []byte) error { return RoundTrip(data, DefaultLimit) }, wires},
		{"stream", "FuzzStream", "", func(data []byte) error { return Stream(data, DefaultLimit, Reference) }, scripts},
		{"session", "FuzzSession", "", Session, sessions},
		{"vectors", "FuzzVectors", "json", Vectors, vectorFiles},
		{"report", "FuzzReport", "json", Report, reports},
		{"known", "FuzzKnown", "yaml", Known, lists},
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
