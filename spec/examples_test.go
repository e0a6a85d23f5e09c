package spec_test

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/vectors"
)

var (
	example     = regexp.MustCompile("(?s)Vector `([^`]+)`:\n\n```text\n(.*?)```\n\n(Delivered: [^\n]*)")
	exampleLine = regexp.MustCompile(`^((?:[0-9a-f]{2} )*[0-9a-f]{2})(?:  |$)`)
)

// Every example is the golden vector that it names: the bytes, what is delivered, and how the session stands.
func TestTextExamplesAreVectors(t *testing.T) {
	set, err := vectors.Embedded()
	require.NoError(t, err)
	text := readProtocol(t).text
	found := example.FindAllStringSubmatch(text, -1)
	require.GreaterOrEqual(t, len(found), 8)
	require.Len(t, found, strings.Count(text, "Vector `"), "an example is not written as the others are")
	for _, e := range found {
		t.Run(e[1], func(t *testing.T) {
			v, ok := set.Find(e[1])
			require.True(t, ok, "no such vector")
			require.Equal(t, hex.EncodeToString(v.Wire()), exampleBytes(t, e[2]))
			require.Equal(t, outcomeOf(v), e[3])
		})
	}
}

func exampleBytes(t *testing.T, block string) string {
	t.Helper()
	var digits strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(block), "\n") {
		m := exampleLine.FindStringSubmatch(line)
		require.NotNil(t, m, "no bytes in front in %q", line)
		digits.WriteString(strings.ReplaceAll(m[1], " ", ""))
	}
	return digits.String()
}

// outcomeOf says what a vector comes to, as the text's examples say it.
func outcomeOf(v *vectors.Vector) string {
	delivered := "nothing"
	var contents []string
	for _, m := range v.Messages {
		contents = append(contents, fmt.Sprintf("`%s`", m.Content()))
	}
	if len(contents) > 0 {
		delivered = strings.Join(contents, ", ")
	}
	then := string(v.Outcome.State)
	if v.Outcome.State == vectors.StateClosed {
		then += fmt.Sprintf(", `%s` at offset %d", v.Outcome.Error, v.Outcome.Offset)
	}
	return fmt.Sprintf("Delivered: %s. Then: %s.", delivered, then)
}
