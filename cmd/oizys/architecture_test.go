package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const modulePath = "github.com/oizys-protocol/oizys"

// layer says what the packages below a folder may import.
type layer struct {
	folder string
	// own are the folders of this module, beside the layer's own, that its production code may import.
	own []string
	// inTests are the further ones that its tests may.
	inTests []string
	// others are the modules beside the standard library that its production code may import.
	others []string
}

// layers are tried in order: a package belongs to the first whose folder it lies in. The way of a fact is spec →
// vectors → conformance → cmd; the reference stands beside it, and the judge never looks there.
func layers() []layer {
	const anything = "."
	return []layer{
		{folder: "spec", inTests: []string{"vectors"}},
		{folder: "vectors/gen", own: []string{"spec", "vectors"}},
		{folder: "vectors", own: []string{"spec"}},
		{folder: "impl", own: []string{"spec"}, inTests: []string{"vectors"}},
		{folder: "conformance/model", own: []string{"spec"}, inTests: []string{"vectors"}},
		{folder: "conformance/faulty", own: []string{"spec"}, inTests: []string{anything}, others: []string{"golang.org/x/sys"}},
		{folder: "conformance/peers", own: []string{"spec", "impl"}, inTests: []string{anything}},
		{folder: "conformance/conformancetest", own: []string{"spec", "vectors", "impl", "conformance"}, inTests: []string{anything}},
		{folder: "conformance", own: []string{"spec", "vectors"}, inTests: []string{anything}, others: []string{"github.com/bmatcuk/doublestar/v4", "github.com/leanovate/gopter", "go.yaml.in/yaml/v3", "golang.org/x/sys"}},
		{folder: "fuzz", own: []string{"spec", "vectors", "impl", "conformance"}, inTests: []string{anything}, others: []string{"github.com/google/gofuzz", "golang.org/x/sys"}},
		{folder: "cmd", own: []string{anything}, others: []string{"github.com/spf13/cobra", "golang.org/x/sys", "golang.org/x/term"}},
	}
}

func (l layer) holds(folder string) bool { return within(folder, l.folder) }

func within(name, folder string) bool {
	return folder == "." || name == folder || strings.HasPrefix(name, folder+"/")
}

// mayImport reports whether a file of the layer may import what an import says.
func (l layer) mayImport(what string, test bool) bool {
	if what == modulePath || strings.HasPrefix(what, modulePath+"/") {
		folder := strings.TrimPrefix(strings.TrimPrefix(what, modulePath), "/")
		in := func(f string) bool { return within(folder, f) }
		return l.holds(folder) || slices.ContainsFunc(l.own, in) || test && slices.ContainsFunc(l.inTests, in)
	}
	first, _, _ := strings.Cut(what, "/")
	standard := !strings.Contains(first, ".")
	return standard || test || slices.ContainsFunc(l.others, func(m string) bool { return within(what, m) })
}

type imports struct {
	file string // from the module's root, with slashes
	what []string
}

// moduleImports returns what every Go file of the module imports. Nested modules are left out.
func moduleImports(t *testing.T) []imports {
	t.Helper()
	root := filepath.Join("..", "..")
	var all []imports
	require.NoError(t, filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skipFolder(root, name, entry)
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		one := imports{file: filepath.ToSlash(relative)}
		for _, i := range parsed.Imports {
			what, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			one.what = append(one.what, what)
		}
		all = append(all, one)
		return nil
	}))
	return all
}

func skipFolder(root, name string, entry fs.DirEntry) error {
	if name == root {
		return nil
	}
	nested, err := os.Stat(filepath.Join(name, "go.mod"))
	if base := entry.Name(); err == nil && nested.Mode().IsRegular() || strings.HasPrefix(base, ".") || base == "testdata" || base == "bin" {
		return filepath.SkipDir
	}
	return nil
}

// Every import goes the way that the layers allow.
func TestImportsGoOneWay(t *testing.T) {
	files := moduleImports(t)
	require.GreaterOrEqual(t, len(files), 120, "Go files of the module")
	byLayer := map[string]int{}
	for _, f := range files {
		folder, test := path.Dir(f.file), strings.HasSuffix(f.file, "_test.go")
		i := slices.IndexFunc(layers(), func(l layer) bool { return l.holds(folder) })
		require.GreaterOrEqual(t, i, 0, "%s lies in no known folder", f.file)
		l := layers()[i]
		byLayer[l.folder]++
		for _, what := range f.what {
			require.True(t, l.mayImport(what, test), "%s imports %s, which %s may not", f.file, what, l.folder)
		}
	}
	for _, l := range []string{"spec", "vectors", "vectors/gen", "impl", "conformance/model", "conformance", "conformance/faulty", "cmd"} {
		require.Positive(t, byLayer[l], "no file seen in %s", l)
	}
}

// The rules see what they are there to see.
func TestLayersForbid(t *testing.T) {
	forbidden := []struct {
		folder, what string
		test         bool
	}{
		{"spec", modulePath + "/vectors", false},
		{"spec", modulePath + "/impl/wire", true},
		{"spec", "github.com/spf13/cobra", false},
		{"vectors", modulePath + "/impl/wire", true},
		{"vectors/gen", modulePath + "/impl/wire", false},
		{"vectors/gen", modulePath + "/impl/wire", true},
		{"impl/wire", modulePath + "/conformance/model", true},
		{"impl/wire", "golang.org/x/sys/unix", false},
		{"conformance/suite", modulePath + "/impl/wire", false},
		{"conformance/runner", modulePath + "/impl", false},
		{"conformance/model", modulePath + "/vectors", false},
		{"conformance/faulty", modulePath + "/conformance/model", false},
		{"conformance/faulty", modulePath + "/impl/session", false},
		{"conformance/report", modulePath + "/cmd/oizys", false},
		{"conformance/modelled", modulePath + "/impl", false},
		{"fuzz", modulePath + "/cmd/oizys", false},
	}
	for _, f := range forbidden {
		i := slices.IndexFunc(layers(), func(l layer) bool { return l.holds(f.folder) })
		require.GreaterOrEqual(t, i, 0)
		require.False(t, layers()[i].mayImport(f.what, f.test), "%s importing %s, in a test: %t", f.folder, f.what, f.test)
	}
}
