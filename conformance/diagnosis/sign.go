package diagnosis

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/oizys-protocol/oizys/conformance/faulty"
)

// sign is something that a finding shows and that speaks for a class of defects, whatever the fault is.
type sign struct {
	class  string
	weight float64 // from 0 to 1 where every finding shows it; more for what leaves no doubt
	shows  *regexp.Regexp
}

// signs are tried on the lines of a finding: case, requirement, relation, hint, said, expected.
var signs = sync.OnceValue(func() []sign {
	return []sign{
		{faulty.ByteOrder, 1, regexp.MustCompile(`relation bytes in another order`)},
		{faulty.ByteOrder, 1, regexp.MustCompile(`hint .* a \d\d-bit little-endian`)},
		{faulty.Width, 1, regexp.MustCompile(`relation (low bytes of the length|filled with the sign)`)},
		{faulty.Width, 0.9, regexp.MustCompile(`hint the length loses its upper bytes`)},
		{faulty.Layout, 1, regexp.MustCompile(`hint .*(counts the header's|without a header|framed twice|64-bit|reserved byte last)`)},
		{faulty.Layout, 0.6, regexp.MustCompile(`relation length with the header's`)},
		{faulty.Boundary, 0.7, regexp.MustCompile(`case (msg/sizes|cli/request/length|hdr/length/0x).*\n(.*\n)*said .*(closed the session|it was refused|client ended)`)},
		{faulty.Reserved, 1, regexp.MustCompile(`relation reserved byte differs\n(hint|said)`)},
		{faulty.Reserved, 0.8, regexp.MustCompile(`requirement hdr/reserved`)},
		{faulty.Empty, 0.8, regexp.MustCompile(`requirement (msg/empty|sess/send-empty)`)},
		{faulty.Segmentation, 0.8, regexp.MustCompile(`case .*(split|coalesced|bytewise|apart)`)},
		{faulty.ShortWrite, 1, regexp.MustCompile(`said .*((only|after) [\d,]{6,} bytes of the answer|content byte \d{3},\d{3} of)`)},
		{faulty.Text, 0.8, regexp.MustCompile(`case (msg/binary|cli/request/(utf8|invalid|line|white|quot|back|percent|shell|nul|single|every|tab|control|html|env|dollar|number))`)},
		{faulty.Text, 1, regexp.MustCompile(`hint .*(C string|line end|re-encoded|U\+FFFD|quoted text|white space|terminator is sent)`)},
		{faulty.Order, 0.8, regexp.MustCompile(`hint (a message is (dropped|answered twice)|the message is sent twice)`)},
		{faulty.Order, 0.6, regexp.MustCompile(`said .*only the answers to \d\d+ messages`)},
		{faulty.BufferReuse, 0.8, regexp.MustCompile(`hint content of another message stands`)},
		{faulty.StateSharing, 1, regexp.MustCompile(`hint .*state is shared`)},
		{faulty.StateSharing, 0.6, regexp.MustCompile(`case (srv/isolation|srv/serves-again|sess/independent)`)},
		{faulty.Unsolicited, 1, regexp.MustCompile(`said .*(nothing had asked for|bytes? followed:)`)},
		{faulty.Unsolicited, 1, regexp.MustCompile(`hint .*the protocol has n`)},
		{faulty.Idle, 1, regexp.MustCompile(`hint an idle timeout`)},
		{faulty.Idle, 0.8, regexp.MustCompile(`case stream/idle`)},
		{faulty.Truncation, 0.9, regexp.MustCompile(`case close/truncated`)},
		{faulty.Close, 0.6, regexp.MustCompile(`case (close/on-error|close/end-of-stream|close/nothing-after|sess/close)`)},
		{faulty.Close, 0.5, regexp.MustCompile(`said the session was still open`)},
		{faulty.Crash, 1.5, regexp.MustCompile(`said .*(process ended|driver ended|server ended|signal SIG)`)},
		{faulty.ExitStatus, 1, regexp.MustCompile(`said the reply was printed, and the client ended with exit status`)},
		{faulty.Handler, 0.8, regexp.MustCompile(`case sess/(handler-twice|close-once|close-late-handler|close-cause|reading-starts)`)},
		{faulty.Handler, 0.5, regexp.MustCompile(`expected .*close handler runs`)},
		{faulty.Hang, 0.5, regexp.MustCompile(`said (no byte of an answer|within the deadline)`)},
		{faulty.Hang, 0.8, regexp.MustCompile(`case sess/reentrant(.*\n)*said within the deadline`)},
		{faulty.Leak, 1, regexp.MustCompile(`said .*(left [\d,]+ (descriptor|thread|process)|resident memory|set aside)`)},
		{faulty.Leak, 0.7, regexp.MustCompile(`case sess/release(.*\n)*said it was open`)},
	}
})

// lines returns what a finding shows, a word for what it is at the beginning of each line.
func (f Finding) lines() string {
	var b strings.Builder
	line := func(kind, text string) { b.WriteString(kind + " " + strings.ReplaceAll(text, "\n", " ") + "\n") }
	line("case", f.Case)
	line("requirement", f.Requirement)
	for _, r := range relations(f.Expected, f.Actual) {
		line("relation", r)
	}
	for _, h := range f.Hints {
		line("hint", h)
	}
	line("said", f.Actual)
	line("expected", f.Expected)
	return b.String()
}

const (
	ofSeveralErrors = 0.9 // for Close, where errors of several kinds go wrong,
	ofOneKind       = 0.5 // as a part of what is said for each of these kinds then
	ofLengths       = 0.8 // for what the lengths that go wrong have in common
	limitOfWidth    = 0.3 // for Boundary at most, where they are those that too few bits cannot hold
)

// evidence returns how strongly the findings speak for each class, of which most get nothing. A sign counts by the
// share of the findings that show it, and of several signs for a class the strongest.
func (o Observation) evidence() map[string]float64 {
	spoken := map[string]float64{}
	if len(o.Findings) == 0 {
		return spoken
	}
	shown := make([]int, len(signs()))
	for _, f := range o.Findings {
		text := f.lines()
		for i, s := range signs() {
			if s.shows.MatchString(text) {
				shown[i]++
			}
		}
	}
	for i, s := range signs() {
		spoken[s.class] = max(spoken[s.class], s.weight*float64(shown[i])/float64(len(o.Findings)))
	}
	if kinds := o.errorsMistaken(); len(kinds) > 1 {
		for _, class := range kinds {
			spoken[class] *= ofOneKind
		}
		spoken[faulty.Close] = max(spoken[faulty.Close], ofSeveralErrors)
	}
	if class := o.ofLengths(); class != "" {
		spoken[class] = max(spoken[class], ofLengths)
		if class == faulty.Width {
			spoken[faulty.Boundary] = min(spoken[faulty.Boundary], limitOfWidth)
		}
	}
	return spoken
}

// errorsMistaken returns the classes of the errors that were not handled as they have to be, where findings about errors
// and ends are the most: with one kind that kind is mistaken, with several what is done about every error.
func (o Observation) errorsMistaken() []string {
	var kinds []string
	about := 0
	for _, f := range o.Findings {
		class := ""
		switch {
		case f.Requirement == "hdr/reserved-nonzero":
			class = faulty.Reserved
		case strings.HasPrefix(f.Requirement, "msg/empty") && f.Requirement != "msg/empty-unsent":
			class = faulty.Empty
		case strings.HasPrefix(f.Case, "close/truncated"):
			class = faulty.Truncation
		case !strings.HasPrefix(f.Case, "close/end-of-stream"):
			continue
		}
		about++
		if class != "" && !slices.Contains(kinds, class) {
			kinds = append(kinds, class)
		}
	}
	if about*2 <= len(o.Findings) {
		return nil
	}
	return kinds
}
