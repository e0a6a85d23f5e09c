package target

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/vectors"
)

// vectorFiles are a golden file without all but its first vectors, and an empty one.
func vectorFiles() ([]Seed, error) {
	const from = "empty.json"
	text, err := fs.ReadFile(vectors.EmbeddedFS(), from)
	if err != nil {
		return nil, err
	}
	seeds := []Seed{{"vectors_none", []byte("{}")}}
	for n, name := range []string{"vectors_one", "vectors_two"} {
		parts := strings.SplitAfterN(string(text), "\n    },", n+2)
		if len(parts) != n+2 {
			return nil, fmt.Errorf("%s has less than %d vectors", from, n+2)
		}
		short := strings.TrimSuffix(strings.Join(parts[:n+1], ""), ",") + "]}"
		if seeds, err = appendCompact(seeds, name, []byte(short)); err != nil {
			return nil, err
		}
	}
	return seeds, nil
}

// appendCompact appends JSON without white space: the shorter an input, the more an engine makes of it.
func appendCompact(seeds []Seed, name string, text []byte) ([]Seed, error) {
	var short bytes.Buffer
	if err := json.Compact(&short, text); err != nil {
		return nil, fmt.Errorf("seed %s: %w", name, err)
	}
	return append(seeds, Seed{name, short.Bytes()}), nil
}

// reportFiles are a report of one case for each verdict, and one that was cut short.
func reportFiles() ([]Seed, error) {
	caseOf := func(v report.Verdict) report.Case {
		return report.Case{ID: "msg/empty/" + string(v), Title: "A case.", Requirements: []string{"msg/empty"}, Verdict: v, Replay: "oizys certify"}
	}
	type row struct {
		name     string
		cases    []report.Case
		complete bool
	}
	rows := []row{{"report_cut-short", []report.Case{}, false}}
	for _, v := range report.Verdicts() {
		rows = append(rows, row{"report_" + string(v), []report.Case{caseOf(v)}, true})
	}
	failed := &rows[1+slices.Index(report.Verdicts(), report.Fail)].cases[0]
	failed.Expected, failed.Actual, failed.DurationMS = "closed", "open \x1b", 1
	failed.Evidence = &report.Evidence{Requirements: []report.Rule{}, PeerOutput: "\x00 ]]>", Sessions: []report.Transcript{{Events: []report.Event{
		{Direction: report.Sent, Length: 6, Hex: "000000024869"}, {Direction: report.PeerClosed}}}}}
	var seeds []Seed
	for _, row := range rows {
		r := report.Report{Schema: report.Schema, Role: "server", Jobs: 1, Repeat: 1, Started: time.Unix(0, 0).UTC(), Cases: row.cases, Complete: row.complete}
		r.Summary = report.Count(r.Cases)
		r.Result, r.Why = report.Decide(r.Summary, r.Complete, r.Strict)
		var text bytes.Buffer
		err := report.Write(&text, report.JSON, &r)
		if err == nil {
			seeds, err = appendCompact(seeds, row.name, text.Bytes())
		}
		if err != nil {
			return nil, err
		}
	}
	return seeds, nil
}

func knownLists() ([]Seed, error) {
	return []Seed{
		{"known_two", []byte("# why\n- case: msg/empty/*\n  reason: not yet\n- case: hdr/length/example-hi\n  reason: |\n    two\n    lines\n  actual: \"sent \\x00\"\n")},
		{"known_none", []byte("[]\n")},
		{"known_alias", []byte("- &a\n  case: 'msg/**'\n  reason: r\n- *a\n")},
	}, nil
}

func peerLists() ([]Seed, error) {
	return []Seed{
		{"peers_two", []byte("peers:\n- name: a\n  command: [./a, \"{socket}\"]\n  cwd: b\n  env: {A: \"1\"}\n  known: k.yaml\n  strict: true\n" +
			"  cases: [hdr, msg]\n  timeout: 2s\n  reports: {junit: a.xml}\n- name: b\n  attach: s.sock\n")},
		{"peers_none", []byte("peers: []\n")},
		{"peers_alias", []byte("peers:\n- {name: a, command: &c [x]}\n- {name: b, command: *c}\n")},
	}, nil
}
