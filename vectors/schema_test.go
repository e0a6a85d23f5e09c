package vectors_test

import (
	"bytes"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/vectors"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("schema.json")
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, "https://json-schema.org/draft/2020-12/schema", doc.(map[string]any)["$schema"])
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("schema.json", doc))
	compiled, err := c.Compile("schema.json")
	require.NoError(t, err)
	return compiled
}

func valid(s *jsonschema.Schema, text []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

func TestSchemaAcceptsEachFile(t *testing.T) {
	s := schema(t)
	files, err := fs.Glob(vectors.EmbeddedFS(), "*.json")
	require.NoError(t, err)
	require.Len(t, files, 13)
	for _, name := range files {
		text, err := fs.ReadFile(vectors.EmbeddedFS(), name)
		require.NoError(t, err)
		require.NoError(t, valid(s, text), name)
	}
	require.NoError(t, valid(s, []byte(sample)))
}

// A reader in another language that only has the schema sees what the loader sees, as far as a schema can say it.
func TestSchemaRefusesCorruption(t *testing.T) {
	s := schema(t)
	refused := 0
	for _, row := range corruptions() {
		err := valid(s, []byte(strings.Replace(sample, row.old, row.new, 1)))
		if row.schema {
			require.Error(t, err, row.name)
			refused++
		}
	}
	require.Greater(t, refused, 45)
}
