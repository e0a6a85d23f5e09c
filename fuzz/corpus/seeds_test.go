package main

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/fuzz/target"
)

const targets = "../target"

// The checked-in seeds are those that are made from the golden vectors now.
func TestCheckedInSeedsAreFresh(t *testing.T) {
	want, err := goSeeds()
	require.NoError(t, err)
	require.Greater(t, len(want), 100)
	other, extra, err := stale(targets, want)
	require.NoError(t, err)
	const remedy = "go run ./fuzz/corpus check-in fuzz/target"
	require.Empty(t, other, "missing or other than what is made now: %s", remedy)
	require.Empty(t, extra, "made of nothing that there is: %s", remedy)
}

// Seeds that are missing or changed are written, others removed; findings and foreign files stay.
func TestCheckIn(t *testing.T) {
	folder := t.TempDir()
	decoder := filepath.Join(folder, "stream", "testdata", "fuzz", "FuzzDecoder")
	kept := map[string]string{"finding_may": "go test fuzz v1\n[]byte(\"a\")\n", "README": "foreign"}
	write(t, decoder, kept)
	write(t, decoder, map[string]string{"seed_hdr_length_example-hi": "damaged", "seed_of-old": "go test fuzz v1\n[]byte(\"a\")\n"})
	var out strings.Builder
	require.NoError(t, run([]string{"check-in", folder}, &out))
	require.Contains(t, out.String(), "1 removed\n")
	require.Contains(t, out.String(), "seed_of-old")
	after := read(t, decoder)
	require.NotContains(t, after, "seed_of-old")
	require.Equal(t, "go test fuzz v1\n[]byte(\"\\x00\\x00\\x00\\x02Hi\")\n", after["seed_hdr_length_example-hi"])
	for name, text := range kept {
		require.Equal(t, text, after[name])
	}
	out.Reset()
	require.NoError(t, run([]string{"check-in", folder}, &out))
	require.Contains(t, out.String(), ": 0 written, 0 removed\n")
}

// Each target's seeds are inputs that it accepts, none twice, in names that are files'.
func TestSeedsAreInputs(t *testing.T) {
	require.GreaterOrEqual(t, len(target.All()), 9)
	for _, one := range target.All() {
		t.Run(one.Name, func(t *testing.T) {
			seeds, err := one.Seeds()
			require.NoError(t, err)
			require.NotEmpty(t, seeds)
			names, contents := map[string]bool{}, map[string]bool{}
			for _, s := range seeds {
				require.NoError(t, one.Run(s.Data), s.Name)
				require.Regexp(t, `^[a-z0-9_-]+$`, s.Name)
				require.False(t, names[s.Name], "%s is there twice", s.Name)
				require.False(t, contents[string(s.Data)], "%s is like another one", s.Name)
				names[s.Name], contents[string(s.Data)] = true, true
			}
			found, ok := target.Find(one.Name)
			require.True(t, ok)
			require.Equal(t, one.Go, found.Go)
		})
	}
	_, ok := target.Find("none")
	require.False(t, ok)
}

// The Fuzz functions are those that the list names, each in its package.
func TestEveryTargetHasItsFunction(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(targets, "*", "fuzz_test.go"))
	require.NoError(t, err)
	var have, want []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, f := range regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`).FindAllStringSubmatch(string(text), -1) {
			have = append(have, filepath.Base(filepath.Dir(file))+"."+f[1])
		}
	}
	for _, one := range target.All() {
		want = append(want, one.Package+"."+one.Go)
	}
	require.ElementsMatch(t, want, have)
}

// What libFuzzer's fleets want lies beside the programs: seeds in an archive, and dictionaries in libFuzzer's format.
func TestSeedsForLibFuzzer(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, run([]string{"seeds", folder}, io.Discard))
	entry := regexp.MustCompile(`^"([^"\\]|\\["\\]|\\x[0-9a-f]{2})+"$`)
	for _, one := range target.All() {
		archive, err := zip.OpenReader(filepath.Join(folder, one.Name+"_seed_corpus.zip"))
		require.NoError(t, err)
		seeds, err := one.Seeds()
		require.NoError(t, err)
		require.Len(t, archive.File, len(seeds))
		for i, s := range seeds {
			require.Equal(t, s.Name, archive.File[i].Name)
			f, err := archive.File[i].Open()
			require.NoError(t, err)
			data, err := io.ReadAll(f)
			require.NoError(t, err)
			require.Equal(t, string(s.Data), string(data))
		}
		require.NoError(t, archive.Close())
		if one.Dictionary == "" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, one.Name+".dict"))
		require.NoError(t, err)
		entries := 0
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
				continue
			}
			require.Regexp(t, entry, line)
			entries++
		}
		require.Greater(t, entries, 5, one.Dictionary)
	}
}
