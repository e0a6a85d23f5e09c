package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/spec"
)

// Result is what a run came to, in a word.
type Result string

// The results, a closed vocabulary.
const (
	Clean       Result = "nothing-found"
	Warned      Result = "warned" // no MUST is broken, but a SHOULD, which does not count
	Found       Result = "found"
	NotJudged   Result = "not-judged"  // the peer could not be tried, or not to the end
	Interrupted Result = "interrupted" // before its end, with nothing found
)

// Summary is what came of a run.
type Summary struct {
	Result      Result         `json:"result"`
	Interrupted bool           `json:"interrupted,omitempty"`
	Strict      bool           `json:"strict,omitempty"` // a broken SHOULD counts
	Role        spec.Role      `json:"role"`
	Command     []string       `json:"command"`
	Seed        uint64         `json:"seed"`
	Shard       string         `json:"shard,omitempty"`
	Acts        uint64         `json:"acts"`
	Scenarios   uint64         `json:"scenarios"`
	Sessions    uint64         `json:"sessions"`
	States      int            `json:"states"`
	Places      int            `json:"places,omitempty"` // of the peer's program, that were seen to run
	Kept        int            `json:"kept,omitempty"`   // acts that reached new places, of which others were made
	Seconds     float64        `json:"seconds"`
	PerSecond   float64        `json:"scenarios_per_second"`
	Failed      uint64         `json:"failed_again"` // acts that failed in a way that was found already
	Lanes       int            `json:"lanes"`
	Capacity    int            `json:"sessions_at_once"`
	Patience    float64        `json:"patience_ms"`
	Starts      int            `json:"peer_starts"`
	Slow        int            `json:"slow,omitempty"`        // deadlines missed beside others, and met alone
	Outside     int            `json:"outside,omitempty"`     // times that the peer was ended by someone
	Unconfirmed map[string]int `json:"unconfirmed,omitempty"` // failures, by kind, that were not seen again
	Untried     []Untried      `json:"untried,omitempty"`     // failures that there was no time to try again
	Ended       string         `json:"ended,omitempty"`       // why it ended early
	Skipped     []string       `json:"skipped,omitempty"`     // files of the corpus folder that were left alone
	Unsaved     []string       `json:"unsaved,omitempty"`     // what could not be written, and why
	Replays     []Replayed     `json:"replays,omitempty"`     // what came of each replay
	Findings    []*Finding     `json:"findings"`

	begin time.Time
}

func newSummary(o *Options) *Summary {
	s := &Summary{Role: o.Role, Strict: o.Strict, Command: o.Command, Seed: o.Seed, Findings: []*Finding{}, begin: time.Now()}
	if o.Shard.Count > 1 {
		s.Shard = fmt.Sprintf("%d/%d", o.Shard.Index, o.Shard.Count)
	}
	return s
}

func (s *Summary) finish(ctx context.Context, err error) {
	s.Seconds = time.Since(s.begin).Seconds()
	s.PerSecond = float64(s.Scenarios) / max(s.Seconds, 0.001)
	s.Interrupted = ctx.Err() != nil
	switch {
	case s.counted() > 0:
		s.Result = Found
	case s.Interrupted:
		s.Result = Interrupted
	case err != nil, len(s.Unconfirmed) > 0, len(s.Untried) > 0, s.Outside > 0, s.Acts == 0:
		s.Result = NotJudged
	case len(s.Findings) > 0:
		s.Result = Warned
	default:
		s.Result = Clean
	}
	if err != nil && !s.Interrupted && s.Ended == "" {
		s.Ended = err.Error()
	}
	if s.Interrupted && !errors.Is(err, context.DeadlineExceeded) {
		s.Ended = "interrupted; what was found until then is here"
	}
}

// counted returns how many findings count: those that break a MUST or, in a strict run, all.
func (s *Summary) counted() int { return counted(s.Findings, s.Strict) }

func counted(findings []*Finding, strict bool) int {
	n := 0
	for _, f := range findings {
		if strict || f.Level != spec.Should {
			n++
		}
	}
	return n
}

// enough reports whether as many kinds of failure were found as were asked for.
func (o *Options) enough(findings []*Finding) bool {
	return o.MaxFindings > 0 && counted(findings, o.Strict) >= o.MaxFindings
}

// WriteJSON writes the summary as JSON. What the peer sent or printed cannot change a terminal that shows it.
func (s *Summary) WriteJSON(w io.Writer) error {
	b, err := inJSON(s)
	if err == nil {
		_, err = w.Write(b)
	}
	return err
}

// inJSON returns v as JSON in lines, with what is unprintable escaped.
func inJSON(v any) ([]byte, error) {
	b, err := json.MarshalIndent(v, "", "  ")
	return append(report.EscapeJSON(b), '\n'), err
}

// WriteText writes the summary for people. What the peer sent or printed is escaped.
func (s *Summary) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, f := range s.Findings {
		f.text(&b)
	}
	for i := range s.Replays {
		fmt.Fprintf(&b, "%s\n", report.Printable(s.Replays[i].String()))
	}
	fmt.Fprintf(&b, "%d scenarios in %d sessions, %.0f a second for %.1f s; %d states of the model; seed %d",
		s.Scenarios, s.Sessions, s.PerSecond, s.Seconds, s.States, s.Seed)
	if s.Shard != "" {
		fmt.Fprintf(&b, ", shard %s", s.Shard)
	}
	b.WriteString("\n")
	if s.Places > 0 {
		fmt.Fprintf(&b, "%d places of the peer's program have run; %d acts that reached new ones were kept\n", s.Places, s.Kept)
	}
	for _, key := range slices.Sorted(maps.Keys(s.Unconfirmed)) {
		fmt.Fprintf(&b, "seen %s, and not again on a fresh peer: %s\n", times(s.Unconfirmed[key]), report.Printable(key))
	}
	s.leftOut(&b)
	if s.Outside > 0 {
		fmt.Fprintf(&b, "the peer was ended %s by someone or something else\n", times(s.Outside))
	}
	for _, name := range s.Skipped {
		fmt.Fprintf(&b, "left alone in the corpus: %s\n", report.Printable(name))
	}
	for _, what := range s.Unsaved {
		fmt.Fprintf(&b, "could not be saved: %s\n", report.Printable(what))
	}
	if s.Ended != "" {
		for line := range strings.Lines(s.Ended) {
			fmt.Fprintf(&b, "%s\n", report.Printable(strings.TrimRight(line, "\n")))
		}
	}
	warnings := ""
	if n := len(s.Findings) - s.counted(); n > 0 {
		warnings = fmt.Sprintf("; %s a SHOULD, which --strict counts", plural(n, "kind of failure breaks", "kinds of failure break"))
	}
	switch s.Result {
	case Clean:
		b.WriteString("nothing found\n")
	case Warned:
		fmt.Fprintf(&b, "no MUST is broken%s\n", warnings)
	case Found:
		fmt.Fprintf(&b, "found: %d%s\n", s.counted(), warnings)
	case Interrupted:
		fmt.Fprintf(&b, "interrupted: nothing found until then%s\n", warnings)
	default:
		fmt.Fprintf(&b, "not judged%s\n", warnings)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// leftOut says what was not done for want of time.
func (s *Summary) leftOut(b *strings.Builder) {
	small := 0
	for _, f := range s.Findings {
		if f.Unminimised {
			small++
		}
	}
	if small > 0 {
		fmt.Fprintf(b, "not minimised for want of time: %s\n", plural(small, "finding", "findings"))
	}
	for i := range s.Untried {
		u := &s.Untried[i]
		fmt.Fprintf(b, "seen once, and no time was left to try it again: %s: %s\n", report.Printable(u.Key), report.Printable(u.Actual))
		if u.Replay != "" {
			fmt.Fprintf(b, "  replay    %s\n", report.Printable(u.Replay))
		}
	}
}

func (f *Finding) text(b *strings.Builder) {
	fmt.Fprintf(b, "%-5s  %s\n", f.word(), report.Printable(f.Key))
	if rule, ok := spec.Find(f.Requirement); ok {
		fmt.Fprintf(b, "  rule      %s: %s\n", rule.ID, rule.Statement)
	}
	fmt.Fprintf(b, "  actual    %s\n", report.Printable(f.Actual))
	for i, line := range strings.Split(strings.TrimSpace(f.Acts), "\n") {
		const shown, width = 12, 160
		if i == shown {
			b.WriteString("            …\n")
			break
		}
		if i > 0 || line != "" {
			fmt.Fprintf(b, "  %-8s  %s\n", map[bool]string{true: "by"}[i == 0], clipped(line, width))
		}
	}
	f.bytes(b)
	how := ""
	if f.Beside {
		how = ", only beside each other"
	}
	shown := fmt.Sprintf("%d of %d replays on a fresh peer show it%s", f.Hits, f.Tries, how)
	if f.Tries == 0 {
		shown = "shown by a fresh peer, too; the run was over before the replays"
	}
	if f.Unminimised {
		shown += "; not minimised, or not to the end: the run's time was over"
	}
	fmt.Fprintf(b, "  seen      %.1f s into the run; %s\n", f.AfterMS/1000, shown)
	if f.Replay != "" {
		fmt.Fprintf(b, "  replay    %s\n", report.Printable(f.Replay))
	}
	b.WriteString("\n")
}

// word says what a finding is: FOUND or, where only a SHOULD is broken, WARN, as certify calls it.
func (f *Finding) word() string {
	if f.Level == spec.Should {
		return "WARN"
	}
	return "FOUND"
}

func times(n int) string { return plural(n, "time", "times") }

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// bytes writes the annotated bytes of the last replay.
func (f *Finding) bytes(b *strings.Builder) {
	const shown = 16
	lines := 0
	for _, t := range f.Sessions {
		if len(f.Sessions) > 1 {
			fmt.Fprintf(b, "  %-8s  %s\n", "", report.Printable(t.Name))
		}
		for _, line := range report.Annotate(t) {
			if lines++; lines > shown {
				b.WriteString("            …\n")
				return
			}
			fmt.Fprintf(b, "  %-8s  %s\n", map[bool]string{true: "bytes"}[lines == 1], clipped(line.String(), 200))
		}
	}
}

func clipped(line string, width int) string {
	if r := []rune(line); len(r) > width {
		return string(r[:width]) + " …"
	}
	return line
}
