package vectors_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/vectors"
)

// The example in README.md is a real vector, as it stands in its file.
func TestReadmeExampleIsReal(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(readme), "```json\n")
	require.True(t, found)
	example, _, found := strings.Cut(rest, "```")
	require.True(t, found)
	var shown struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(example), &shown))

	v, ok := shipped(t).Find(shown.ID)
	require.True(t, ok, shown.ID)
	text, err := fs.ReadFile(vectors.EmbeddedFS(), v.File)
	require.NoError(t, err)
	var file struct{ Vectors []json.RawMessage }
	require.NoError(t, json.Unmarshal(text, &file))
	for _, raw := range file.Vectors {
		var real struct{ ID string }
		require.NoError(t, json.Unmarshal(raw, &real))
		if real.ID == shown.ID {
			require.JSONEq(t, string(raw), example)
			return
		}
	}
	require.Fail(t, "not in its file", shown.ID)
}
