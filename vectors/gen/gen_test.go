package gen_test

import (
	"bytes"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/vectors"
	"github.com/oizys-protocol/oizys/vectors/gen"
)

func TestDataIsAsGenerated(t *testing.T) {
	require.NoError(t, gen.Verify("../data"))
	require.NoError(t, gen.VerifyFS(vectors.EmbeddedFS()))
}

func TestFilesAreTheSameEachTime(t *testing.T) {
	first := gen.Files()
	require.Len(t, first, 13)
	require.Equal(t, first, gen.Files())
	for name, text := range first {
		require.True(t, bytes.HasSuffix(text, []byte("\n")), name)
		require.NotContains(t, string(text), "\t", name)
	}
}

func TestGenerateThenVerify(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	require.NoError(t, gen.Generate(dir))
	require.NoError(t, gen.Verify(dir))
	path := filepath.Join(dir, "empty.json")
	require.NoError(t, os.WriteFile(path, []byte("{}"), 0o666))
	require.NoError(t, os.Remove(filepath.Join(dir, "bytes.json")))
	require.NoError(t, gen.Generate(dir), "mends what has drifted")
	require.NoError(t, gen.Verify(dir))
}

func TestGenerateLeavesRightFilesAlone(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, gen.Generate(dir))
	require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			err = os.Chmod(filepath.Join(dir, name), 0o444)
		}
		return err
	}))
	before, err := os.Stat(filepath.Join(dir, "empty.json"))
	require.NoError(t, err)
	require.NoError(t, gen.Generate(dir))
	after, err := os.Stat(filepath.Join(dir, "empty.json"))
	require.NoError(t, err)
	require.Equal(t, before.ModTime(), after.ModTime())
}

func TestGenerateRefusesAForeignFile(t *testing.T) {
	dir := t.TempDir()
	foreign := filepath.Join(dir, "mine.json")
	require.NoError(t, os.WriteFile(foreign, []byte("mine"), 0o666))
	require.ErrorContains(t, gen.Generate(dir), "mine.json")
	text, err := os.ReadFile(foreign)
	require.NoError(t, err)
	require.Equal(t, "mine", string(text))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing written")
}

func TestGenerateFailsOnAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, nil, 0o666))
	require.Error(t, gen.Generate(path))
	require.ErrorIs(t, gen.Verify(filepath.Join(path, "..", "absent")), fs.ErrNotExist)
}

// TestImports holds the generator apart from the reference: it, and all of this module that it builds on, imports of
// this module nothing but the specification.
func TestImports(t *testing.T) {
	const module = "github.com/oizys-protocol/oizys/"
	root := filepath.Join("..", "..")
	seen := map[string]bool{"vectors/gen": true}
	for queue := []string{"vectors/gen"}; len(queue) > 0; queue = queue[1:] {
		files, err := filepath.Glob(filepath.Join(root, queue[0], "*.go"))
		require.NoError(t, err)
		require.NotEmpty(t, files, queue[0])
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			require.NoError(t, err)
			for _, i := range f.Imports {
				name, err := strconv.Unquote(i.Path.Value)
				require.NoError(t, err)
				below, ours := strings.CutPrefix(name, module)
				if ours && !seen[below] {
					seen[below] = true
					queue = append(queue, below)
				}
				require.True(t, ours || !strings.Contains(name, "."), "%s imports %s", path, name)
			}
		}
	}
	require.Equal(t, []string{"spec", "vectors", "vectors/gen"}, slices.Sorted(maps.Keys(seen)))
}
