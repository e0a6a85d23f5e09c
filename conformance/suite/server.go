package suite

import (
	"fmt"

	"github.com/oizys-protocol/oizys/vectors"
)

// Version is the suite's: it changes whenever what a peer is put through, or how it is judged, does.
const Version = "0.6.0"

// Cases that the runner knows by name.
const (
	// StaysUp is failed by a server that dies and by no one case alone.
	StaysUp = "srv/stays-up/whole-run"
	// BesideEachOther is failed by a server that fails cases beside others which it passes alone.
	BesideEachOther = "srv/isolation/beside-each-other"
)

// Server returns the cases for an echo server, those of the vectors first. The error says what is wrong with the
// vectors.
func Server(set *vectors.Set) ([]Case, error) {
	var cases []Case
	for _, part := range [][]Case{fromVectors(set), streams(), errorsAndBait(), headersAlone(), quiet(), silences(), beside(), again(), Resources(), WholeRunCases()} {
		cases = append(cases, part...)
	}
	return gated(cases, Gate)
}

// gated returns the cases with the gate among the needs of all others. The error names an ID that two of them have.
func gated(cases []Case, gate string) ([]Case, error) {
	seen := map[string]bool{}
	for i, c := range cases {
		if seen[c.ID] {
			return nil, fmt.Errorf("two cases have the ID %q", c.ID)
		}
		seen[c.ID] = true
		if c.ID != gate && c.Mode != WholeRun {
			cases[i].Needs = append([]string{gate}, c.Needs...)
		}
	}
	return cases, nil
}

// WholeRunCases returns the cases that the runner judges by how the whole run went.
func WholeRunCases() []Case {
	return []Case{
		{ID: StaysUp, Title: "the server outlives the whole run", Requirements: []string{"srv/stays-up"}, Needs: []string{Gate}, Mode: WholeRun},
		{ID: BesideEachOther, Title: "cases that pass alone pass beside each other", Requirements: []string{"srv/isolation"}, Needs: []string{Gate}, Mode: WholeRun},
	}
}
