package spec_test

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/spec"
)

// protocolFile is the protocol as text.
const protocolFile = "PROTOCOL.md"

// document is what a test reads of PROTOCOL.md.
type document struct {
	text         string
	anchors      []string // in order
	requirements []spec.Requirement
	silences     []spec.Silence
}

var (
	anchorLine  = regexp.MustCompile(`^<a id="([^"]+)"></a>$`)
	headingLine = regexp.MustCompile(`^#### (.+)$`)
	statement   = regexp.MustCompile(`^\*\*([A-Z]+)\*\* (.+)$`)
	sourceLine  = regexp.MustCompile(`^_Source: (.+)\. Binds: (.+)\._$`)
	silenceHead = regexp.MustCompile(`^Silence (\d+)$`)
	topicLine   = regexp.MustCompile(`^\*\*(.+)\*\*$`)
	recordLine  = regexp.MustCompile(`^_Recorded of: (.+)\._$`)
)

// readProtocol reads the text. Each heading of the fourth level begins a requirement or a silence, and nothing else has
// such a heading or an anchor.
func readProtocol(t *testing.T) document {
	t.Helper()
	b, err := os.ReadFile(protocolFile)
	require.NoError(t, err)
	return parseProtocol(t, string(b))
}

func parseProtocol(t require.TestingT, text string) document {
	doc := document{text: text}
	paragraphs := paragraphsOf(text)
	for i, p := range paragraphs {
		if m := anchorLine.FindStringSubmatch(p); m != nil {
			doc.anchors = append(doc.anchors, m[1])
		}
		m := headingLine.FindStringSubmatch(p)
		if m == nil {
			continue
		}
		require.Positive(t, i, "%s stands first", m[1])
		require.Greater(t, len(paragraphs), i+3, "%s ends the text", m[1])
		before, after := paragraphs[i-1], paragraphs[i+1:]
		if s := silenceHead.FindStringSubmatch(m[1]); s != nil {
			require.Equal(t, fmt.Sprintf(`<a id="silence-%s"></a>`, s[1]), before, "the anchor of %s", m[1])
			doc.silences = append(doc.silences, parseSilence(t, s[1], after))
			continue
		}
		require.Equal(t, fmt.Sprintf(`<a id="%s"></a>`, m[1]), before, "the anchor of %s", m[1])
		doc.requirements = append(doc.requirements, parseRequirement(t, m[1], after))
	}
	return doc
}

// paragraphsOf returns what blank lines separate, each on one line; code blocks are left out.
func paragraphsOf(text string) []string {
	var all []string
	var words []string
	end := func() {
		if len(words) > 0 {
			all = append(all, strings.Join(words, " "))
		}
		words = nil
	}
	fenced := false
	for scan := bufio.NewScanner(strings.NewReader(text)); scan.Scan(); {
		line := strings.TrimSpace(scan.Text())
		switch {
		case strings.HasPrefix(line, "```"):
			fenced = !fenced
			end()
		case fenced:
		case line == "":
			end()
		default:
			words = append(words, strings.Fields(line)...)
		}
	}
	end()
	return all
}

func parseRequirement(t require.TestingT, id string, after []string) spec.Requirement {
	rule := statement.FindStringSubmatch(after[0])
	require.NotNil(t, rule, "%s: no level and statement in %q", id, after[0])
	source := sourceLine.FindStringSubmatch(after[1])
	require.NotNil(t, source, "%s: no source and roles in %q", id, after[1])
	return spec.Requirement{ID: id, Level: spec.Level(rule[1]), Statement: rule[2], Source: source[1], Roles: roles(source[2])}
}

func parseSilence(t require.TestingT, number string, after []string) spec.Silence {
	topic := topicLine.FindStringSubmatch(after[0])
	require.NotNil(t, topic, "silence %s: no topic in %q", number, after[0])
	record := recordLine.FindStringSubmatch(after[2])
	require.NotNil(t, record, "silence %s: no roles in %q", number, after[2])
	s := spec.Silence{Topic: topic[1], Reading: after[1], Roles: roles(record[1])}
	_, err := fmt.Sscan(number, &s.Number)
	require.NoError(t, err)
	return s
}

func roles(list string) []spec.Role {
	var all []spec.Role
	for _, word := range strings.Split(list, ", ") {
		all = append(all, spec.Role(word))
	}
	return all
}

func TestTextHasExactlyTheRequirementsOfTheData(t *testing.T) {
	require.Equal(t, spec.Requirements(), readProtocol(t).requirements)
}

func TestTextHasExactlyTheSilencesOfTheData(t *testing.T) {
	require.Equal(t, spec.Silences(), readProtocol(t).silences)
}

func TestTextHasNoOtherAnchorOrLevel(t *testing.T) {
	doc := readProtocol(t)
	var want []string
	for _, r := range spec.Requirements() {
		want = append(want, r.ID)
	}
	for _, s := range spec.Silences() {
		want = append(want, fmt.Sprintf("silence-%d", s.Number))
	}
	require.Equal(t, want, doc.anchors)

	levels := regexp.MustCompile(`\*\*(MUST|SHOULD|MAY)( NOT)?\*\*`).FindAllString(doc.text, -1)
	require.Len(t, levels, len(spec.Requirements()), "a level in bold marks a requirement, and nothing else")
}

// Whatever in the text looks like an ID is one, of a requirement or of what lies below it.
func TestTextNamesNoUnknownID(t *testing.T) {
	ids := regexp.MustCompile(`\b(?:hdr|msg|stream|close|sess|srv|cli)/[a-z0-9-]+`).FindAllString(readProtocol(t).text, -1)
	require.Greater(t, len(ids), 2*len(spec.Requirements()))
	for _, id := range ids {
		_, known := spec.Find(id)
		require.True(t, known, "%s is no requirement", id)
	}
}

// The comparison with the data sees every kind of drift.
func TestTextDriftIsSeen(t *testing.T) {
	text := readProtocol(t).text
	const inOrder = "#### msg/sizes\n\n**MUST** Content of every length"
	drifts := map[string][2]string{
		"level":             {inOrder, "#### msg/sizes\n\n**SHOULD** Content of every length"},
		"statement":         {inOrder, "#### msg/sizes\n\n**MUST** Content of each length"},
		"source":            {`_Source: liboizys, usage notes. Binds: client._`, `_Source: liboizys, "header". Binds: client._`},
		"roles":             {`_Source: liboizys, usage notes. Binds: client._`, `_Source: liboizys, usage notes. Binds: server._`},
		"extra requirement": {"### The content\n", "### The content\n\n<a id=\"msg/new\"></a>\n\n#### msg/new\n\n**MUST** New.\n\n_Source: none. Binds: server._\n"},
		"silence's reading": {"Recorded: replies still sent or not.", "Recorded."},
		"silence's number":  {"<a id=\"silence-8\"></a>\n\n#### Silence 8", "<a id=\"silence-9\"></a>\n\n#### Silence 9"},
	}
	for name, d := range drifts {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, 1, strings.Count(text, d[0]), "what is changed stands once in the text")
			doc := parseProtocol(t, strings.Replace(text, d[0], d[1], 1))
			same := fmt.Sprint(doc.requirements, doc.silences) == fmt.Sprint(spec.Requirements(), spec.Silences())
			require.False(t, same)
		})
	}
}
