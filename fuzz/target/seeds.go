package target

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/vectors"
)

// seedLimit is the longest stream of a golden vector that is used as a seed, in bytes: longer ones only slow engines down.
const seedLimit = 4 * DefaultLimit

// fromVectors makes a seed of each golden vector whose stream is short enough; of equal ones it keeps the first.
func fromVectors(make func(stream []byte, v *vectors.Vector) []byte) ([]Seed, error) {
	set, err := vectors.Embedded()
	if err != nil {
		return nil, err
	}
	var seeds []Seed
	seen := map[string]bool{}
	for _, v := range set.All() {
		if v.Kind != vectors.KindStream || v.WireLength == 0 || v.WireLength > seedLimit {
			continue
		}
		data := make(v.Wire(), v)
		if !seen[string(data)] {
			seen[string(data)] = true
			seeds = append(seeds, Seed{Name: strings.ReplaceAll(v.ID, "/", "_"), Data: data})
		}
	}
	if len(seeds) == 0 {
		return nil, errors.New("no golden vector is short enough to be a seed")
	}
	return seeds, nil
}

func wires() ([]Seed, error) {
	return fromVectors(func(stream []byte, _ *vectors.Vector) []byte { return stream })
}

func chunkedWires() ([]Seed, error) {
	return fromVectors(func(stream []byte, v *vectors.Vector) []byte { return append([]byte{sizeOf(v)<<3 | 3}, stream...) })
}

// sizeOf returns the size of the pieces that the vector's description begins with, less one; the largest if it asks for none.
func sizeOf(v *vectors.Vector) byte {
	if len(v.Pieces) == 0 {
		return 31
	}
	return byte(min(v.Pieces[0], 32) - 1)
}

// scripts are the golden vectors as frame scripts, and a script with every action.
func scripts() ([]Seed, error) {
	seeds, err := fromVectors(func(stream []byte, v *vectors.Vector) []byte { return scriptOf(stream, v.EndOfStream) })
	every := []byte{cutHeaders<<cutShift | 2}
	for act := range byte(actTruncate + 1) {
		every = append(every, act<<actionShift|act<<kindShift&(3<<kindShift)|act&7, 1)
	}
	return append(seeds, Seed{"script_every-action", every}, Seed{"script_valid", []byte{0, 0, 0}}), err
}

// sessions are the golden vectors, sent to a session with both handlers, and every operation in a row.
func sessions() ([]Seed, error) {
	seeds, err := fromVectors(func(stream []byte, v *vectors.Vector) []byte {
		out := []byte{byte(setMessage), byte(setClose)}
		for ; len(stream) > 0; stream = stream[min(len(stream), 255):] {
			out = append(out, encodeOperation(operation{peerSends, stream})...)
		}
		if v.EndOfStream {
			out = append(out, byte(peerEnds))
		}
		return out
	})
	var every []byte
	for act := range actions {
		every = append(every, byte(act))
	}
	return append(seeds, Seed{"operations_every", every}), err
}

// vectorFiles is a file with the first two vectors of the file that the loader is told it reads.
func vectorFiles() ([]Seed, error) {
	fsys := vectors.EmbeddedFS()
	f, err := fsys.Open(vectorFile)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var text bytes.Buffer
	if _, err := text.ReadFrom(f); err != nil {
		return nil, err
	}
	head, second := text.String(), -1
	for n, at := 0, 0; n < 2; n++ {
		i := strings.Index(head[at:], "\n    },")
		if i < 0 {
			return nil, fmt.Errorf("%s has less than three vectors", vectorFile)
		}
		second = at + i
		at = second + 1
	}
	return []Seed{{"vectors_two", []byte(head[:second] + "\n    }\n  ]\n}\n")}, {"vectors_none", []byte("{}")}}, nil
}

// reports are a report with every verdict, and one that was cut short.
func reports() ([]Seed, error) {
	r := report.Report{Schema: report.Schema, Role: "server", Jobs: 1, Repeat: 1, Started: time.Unix(0, 0).UTC(), Complete: true}
	for i, v := range report.Verdicts() {
		c := report.Case{ID: fmt.Sprintf("msg/empty/%d", i), Title: "A case.", Requirements: []string{"msg/empty"}, Verdict: v,
			Expected: "closed", Actual: "open \x1b", DurationMS: 1, Replay: "oizys certify"}
		if v == report.Fail {
			c.Evidence = &report.Evidence{Requirements: []report.Rule{}, PeerOutput: "\x00 ]]>", Sessions: []report.Transcript{{Events: []report.Event{
				{Direction: report.Sent, Length: 6, Hex: "000000024869"}, {Direction: report.PeerClosed}}}}}
		}
		r.Cases = append(r.Cases, c)
	}
	var seeds []Seed
	for _, name := range []string{"report_every-verdict", "report_cut-short"} {
		r.Summary = report.Count(r.Cases)
		r.Result, r.Why = report.Decide(r.Summary, r.Complete, r.Strict)
		var text bytes.Buffer
		if err := report.Write(&text, report.JSON, &r); err != nil {
			return nil, err
		}
		seeds = append(seeds, Seed{name, text.Bytes()})
		r.Cases, r.Complete = r.Cases[:1], false
	}
	return seeds, nil
}

func lists() ([]Seed, error) {
	return []Seed{
		{"known_two", []byte("# why\n- case: msg/empty/*\n  reason: not yet\n- case: hdr/length/example-hi\n  reason: |\n    two\n    lines\n  actual: \"sent \\x00\"\n")},
		{"known_none", []byte("[]\n")},
		{"known_alias", []byte("- &a\n  case: 'msg/**'\n  reason: r\n- *a\n")},
	}, nil
}
