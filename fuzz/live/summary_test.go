package live

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/scenario"
	"github.com/oizys-protocol/oizys/spec"
)

// What the peer printed changes no terminal, in whatever form it is shown, and is the same when the JSON is read.
func TestSummaryIsSafeToShow(t *testing.T) {
	const printed = "a\x1b[2J\u009b2J\x7f\u202eb"
	s := newSummary(&Options{})
	s.Findings = []*Finding{{Key: printed, Actual: printed, PeerOutput: printed}}
	var text, data strings.Builder
	require.NoError(t, s.WriteText(&text))
	require.NoError(t, s.WriteJSON(&data))
	files := s.Findings[0].files()
	for _, shown := range []string{text.String(), data.String(), string(files[dataFile]), string(files[detailFile])} {
		for _, r := range shown {
			require.True(t, r == '\n' || unicode.IsPrint(r), "%q in %s", r, shown)
		}
	}
	var back Summary
	require.NoError(t, json.Unmarshal([]byte(data.String()), &back))
	require.Equal(t, printed, back.Findings[0].PeerOutput)
}

// A series is one session, wherever it comes from.
func TestPlayedIsCounted(t *testing.T) {
	var c counts
	c.played(&Act{Mode: Series}, outcome{played: 3})
	c.played(&Act{Mode: Together}, outcome{played: 2})
	require.Equal(t, counts{Scenarios: 5, Sessions: 3}, c)
}

// What breaks only a SHOULD counts in a strict run alone, as in certify.
func TestResults(t *testing.T) {
	must, should := &Finding{Key: "m", Level: spec.Must}, &Finding{Key: "s", Level: spec.Should}
	for _, row := range []struct {
		name        string
		findings    []*Finding
		strict      bool
		interrupted bool
		err         error
		result      Result
		last        string
	}{
		{"nothing", nil, false, false, nil, Clean, "nothing found"},
		{"a MUST", []*Finding{must}, false, false, nil, Found, "found: 1"},
		{"a SHOULD", []*Finding{should}, false, false, nil, Warned, "no MUST is broken; 1 kind of failure breaks a SHOULD, which --strict counts"},
		{"a SHOULD, strict", []*Finding{should}, true, false, nil, Found, "found: 1"},
		{"both", []*Finding{must, should, should}, false, false, nil, Found, "found: 1; 2 kinds of failure break a SHOULD, which --strict counts"},
		{"both, strict", []*Finding{must, should}, true, false, nil, Found, "found: 2"},
		{"a SHOULD, and not to the end", []*Finding{should}, false, false, ErrNotJudged, NotJudged, "not judged; 1 kind of failure breaks a SHOULD, which --strict counts"},
		{"a MUST, and not to the end", []*Finding{must}, false, false, ErrNotJudged, Found, "found: 1"},
		{"interrupted", nil, false, true, context.Canceled, Interrupted, "interrupted: nothing found until then"},
		{"interrupted behind a SHOULD", []*Finding{should}, false, true, context.Canceled, Interrupted, "interrupted: nothing found until then; 1 kind of failure breaks a SHOULD, which --strict counts"},
		{"interrupted behind a MUST", []*Finding{must}, false, true, context.Canceled, Found, "found: 1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if row.interrupted {
				cancel()
			}
			s := newSummary(&Options{Strict: row.strict})
			s.Acts, s.Findings = 1, row.findings
			s.finish(ctx, row.err)
			require.Equal(t, row.result, s.Result)
			require.Equal(t, row.interrupted, s.Interrupted)
			var text strings.Builder
			require.NoError(t, s.WriteText(&text))
			lines := strings.Split(strings.TrimSpace(text.String()), "\n")
			require.Equal(t, row.last, lines[len(lines)-1])
			require.Equal(t, row.interrupted, strings.Contains(text.String(), "interrupted; what was found until then is here"))
		})
	}
}

// A run that is to end at a number of failures does not end at warnings.
func TestEnough(t *testing.T) {
	findings := []*Finding{{Level: spec.Should}, {Level: spec.Must}}
	for _, row := range []struct {
		most   int
		strict bool
		enough bool
	}{{0, true, false}, {1, false, true}, {2, false, false}, {2, true, true}} {
		o := Options{MaxFindings: row.most, Strict: row.strict}
		require.Equal(t, row.enough, o.enough(findings), "%+v", row)
	}
}

// Every failure of a server has a level, and cites a rule for servers that binds as strongly.
func TestRulesOfFailures(t *testing.T) {
	ends := []model.End{model.Open, model.Reserved, model.Empty, model.TruncatedHeader, model.TruncatedContent, model.EndOfStream}
	seen := map[spec.Level]int{}
	for breach := scenario.WrongBytes; breach < scenario.Unjudged; breach++ {
		for _, end := range ends {
			switch closes := end != model.Open; {
			case breach == scenario.NoClose && (!closes || end == model.Reserved): // the latter is ReservedOpen
				continue
			case breach.Level() == spec.Should && end != model.Reserved:
				continue
			}
			for _, mode := range []Mode{One, Series, Together, Idle} {
				a := Act{Mode: mode, List: probe().List}
				o := observe(&a, outcome{result: scenario.Result{Breach: breach, Prediction: scenario.Prediction{End: end}}})
				rule, known := spec.Find(o.requirement)
				require.True(t, known, "%s: %q", o.key, o.requirement)
				require.True(t, rule.Binds(spec.Server), o.key)
				require.Equal(t, rule.Level, o.level, o.key)
				seen[o.level]++
			}
		}
	}
	require.Len(t, seen, 2)
}

func TestTextsOfFindings(t *testing.T) {
	s := newSummary(&Options{})
	s.Findings = []*Finding{
		{Key: "reserved-open hold reserved-byte", Level: spec.Should, Requirement: "hdr/reserved-nonzero", Tries: 2, Hits: 2},
		{Key: "no-close hold empty-message", Level: spec.Must, Requirement: "msg/empty"},
	}
	s.Unconfirmed = map[string]int{"spins": 1, "no-service": 2}
	s.Outside = 1
	s.finish(t.Context(), errors.New("a reason"))
	var text strings.Builder
	require.NoError(t, s.WriteText(&text))
	for _, line := range []string{
		"WARN   reserved-open hold reserved-byte\n",
		"2 of 2 replays on a fresh peer show it\n",
		"FOUND  no-close hold empty-message\n",
		"  rule      msg/empty: ",
		"the run was over before the replays\n",
		"seen 1 time, and not again on a fresh peer: spins\n",
		"seen 2 times, and not again on a fresh peer: no-service\n",
		"the peer was ended 1 time by",
		"a reason\n",
	} {
		require.Contains(t, text.String(), line)
	}
}

// A replay is called as the run was, and judges as it did.
func TestReplayCommand(t *testing.T) {
	f := &Finding{Index: 7}
	for _, row := range []struct {
		name, saved string
		o           Options
		command     string
	}{
		{"plain", "", Options{Role: spec.Server, Command: []string{"./s", "{socket}"}}, "oizys fuzz --replay 7 -- ./s {socket}"},
		{"as it was called", "", Options{Role: spec.Server, Embedded: true, Program: []string{"bin/the oizys"}}, "'bin/the oizys' fuzz --replay 7"},
		{"go run", "", Options{Role: spec.Client, Embedded: true, Program: []string{"go", "run", "./cmd/oizys"}}, "go run ./cmd/oizys fuzz --role client --replay 7"},
		{"as it judged", "", Options{Role: spec.Server, Embedded: true, Seed: 3, MaxLength: 9, Timeout: 2e9, Strict: true}, "oizys fuzz --seed 3 --max-length 9 --replay 7 --timeout 2s --strict"},
		{"saved", "out/x", Options{Role: spec.Server, Embedded: true, Seed: 3, MaxLength: 9, Strict: true}, "oizys fuzz --replay out/x --strict"},
	} {
		require.Equal(t, row.command, row.o.replayCommand(f, row.saved), row.name)
	}
	require.Empty(t, (&Options{}).replayCommand(&Finding{Index: -1}, ""))
}

// On a terminal the status takes one line, however narrow it is; elsewhere it is not drawn.
func TestStatusFitsItsLine(t *testing.T) {
	s := Status{Elapsed: time.Minute, PerSecond: 12345, Scenarios: 740_700, Sessions: 740_700, States: 1234, Places: 4321, Findings: 12, Since: time.Second}
	for _, row := range []struct {
		columns int
		drawn   string
	}{
		{200, "1m0s  12345/s  12 findings, last new 1s ago  1234 states  4321 places  740700 scenarios  740700 sessions"},
		{50, "1m0s  12345/s  12 findings, last new 1s ago  12 …"},
		{0, ""},
	} {
		var out strings.Builder
		NewLine(&out, row.columns).Status(s)
		require.Equal(t, row.drawn, strings.TrimPrefix(out.String(), "\r"))
		require.Less(t, utf8.RuneCountInString(row.drawn), max(row.columns, 1))
	}
}
