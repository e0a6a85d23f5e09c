package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// inputs are what is hard to write as text, and some that are random.
func inputs() [][]byte {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	all := [][]byte{{}, every, []byte("\"`\\x00'\r\n)"), []byte("go test"), []byte("\xff\xfe\u2028\u00e9"), bytes.Repeat([]byte{0xff}, mostBytes)}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		data := make([]byte, random.IntN(64))
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		all = append(all, data)
	}
	return all
}

func TestFilesOfGoRoundTrip(t *testing.T) {
	for _, data := range inputs() {
		text, err := toGo(data)
		require.NoError(t, err)
		again, err := fromGo(text)
		require.NoError(t, err, "%.100s", text)
		require.True(t, bytes.Equal(data, again), "%.100q is read as %.100q", data, again)
	}
}

func write(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(folder, 0o755))
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644))
	}
}

// read returns what the files of a folder hold, by name.
func read(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	files := map[string]string{}
	for _, e := range entries {
		if e.Type().IsRegular() {
			text, err := os.ReadFile(filepath.Join(folder, e.Name()))
			require.NoError(t, err)
			files[e.Name()] = string(text)
		}
	}
	return files
}

func values(files map[string]string) []string {
	var all []string
	for _, text := range files {
		all = append(all, text)
	}
	return all
}

// From libFuzzer to Go and back there are the same inputs, each once.
func TestCorporaRoundTrip(t *testing.T) {
	raw, native, again := filepath.Join(t.TempDir(), "raw"), filepath.Join(t.TempDir(), "native"), filepath.Join(t.TempDir(), "again")
	write(t, raw, map[string]string{"a": "\x00\x00\x00\x02Hi", "b": "", "c": "\xff`\"", "twice": "\x00\x00\x00\x02Hi"})
	var out strings.Builder
	require.NoError(t, run([]string{"to-go", raw, native}, &out))
	require.Equal(t, "3 added, 1 there already, 0 left out\n", out.String())
	require.ElementsMatch(t, []string{
		"go test fuzz v1\n[]byte(\"\\x00\\x00\\x00\\x02Hi\")\n", "go test fuzz v1\n[]byte(\"\")\n", "go test fuzz v1\n[]byte(\"\\xff`\\\"\")\n",
	}, values(read(t, native)))
	require.NoError(t, run([]string{"to-libfuzzer", native, again}, &out))
	require.ElementsMatch(t, []string{"\x00\x00\x00\x02Hi", "", "\xff`\""}, values(read(t, again)))
}

// Merging adds what is not there under any name, changes and removes nothing, and may be done again.
func TestMergingOnlyAdds(t *testing.T) {
	from, to := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "to")
	write(t, from, map[string]string{"old": "known", "new": "not known"})
	known := "go test fuzz v1\n[]byte(\"known\")\n"
	there := map[string]string{"finding_of-may": known, "README": "about these files", "half": "go test fuzz v1\n[]byte("}
	write(t, to, there)
	var out strings.Builder
	require.NoError(t, run([]string{"to-go", from, to}, &out))
	require.Equal(t, "1 added, 1 there already, 0 left out\n", out.String())
	after := read(t, to)
	require.Len(t, after, len(there)+1)
	for name, text := range there {
		require.Equal(t, text, after[name])
	}
	out.Reset()
	require.NoError(t, run([]string{"to-go", from, to}, &out))
	require.Equal(t, "0 added, 2 there already, 0 left out\n", out.String())
	require.Equal(t, after, read(t, to))
}

// What is no input is named, left where and as it is, and not added; the rest is added all the same.
func TestForeignAndDamagedFiles(t *testing.T) {
	const header = "go test fuzz v1\n"
	for _, row := range []struct{ word, name, text, why string }{
		{"to-libfuzzer", "text", "about these files\n", "its first line is not"},
		{"to-libfuzzer", "empty", "", "its first line is not"},
		{"to-libfuzzer", "header-alone", header, "0 values"},
		{"to-libfuzzer", "cut", header + `[]byte("ab`, "its value is not a []byte"},
		{"to-libfuzzer", "cut-in-quotes", header + `[]byte("a\x0")` + "\n", "its value is not a text in quotes"},
		{"to-libfuzzer", "another-type", header + "int(5)\n", "its value is not a []byte"},
		{"to-libfuzzer", "two-values", header + "[]byte(\"a\")\n[]byte(\"b\")\n", "2 values"},
		{"to-libfuzzer", "rune", header + "[]byte('a')\n", "its value is not a text in quotes"},
		{"to-libfuzzer", "nothing", header + "[]byte()\n", "its value is not a text in quotes"},
		{"to-libfuzzer", "another-version", "go test fuzz v2\n[]byte(\"a\")\n", "its first line is not"},
		{"to-libfuzzer", "too-long", header + `[]byte("` + strings.Repeat("a", mostBytes+1) + "\")\n", "an input has at most"},
		{"to-libfuzzer", "far-too-long", strings.Repeat("a", mostFile+1), "a file with an input has at most"},
		{"to-go", "of-go", header + "[]byte(\"a\")\n", "a file of Go's fuzzing"},
		{"to-go", "too-long", strings.Repeat("a", mostBytes+1), "an input has at most"},
	} {
		t.Run(row.word+"/"+row.name, func(t *testing.T) {
			from, to := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "to")
			good := map[string]string{"to-go": "good", "to-libfuzzer": header + "[]byte(\"good\")\n"}[row.word]
			write(t, from, map[string]string{row.name: row.text, "good": good})
			before := read(t, from)
			var out strings.Builder
			require.ErrorContains(t, run([]string{row.word, from, to}, &out), "1 of what is in "+from+" was left out")
			require.Contains(t, out.String(), "left out: "+filepath.Join(from, row.name)+": ")
			require.Contains(t, out.String(), row.why)
			require.Contains(t, out.String(), "1 added, 0 there already, 1 left out\n")
			require.Equal(t, before, read(t, from))
			require.Len(t, read(t, to), 1)
		})
	}
}

// Folders and links are no inputs: what they lead to is not read.
func TestOtherKindsOfFiles(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(from, "folder"), 0o755))
	require.NoError(t, os.Symlink("/dev/zero", filepath.Join(from, "link")))
	var out strings.Builder
	require.Error(t, run([]string{"to-go", from, to}, &out))
	require.Equal(t, 2, strings.Count(out.String(), "not a regular file"))
	require.Empty(t, read(t, to))
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{nil, {"seeds"}, {"check-in"}, {"to-go", "a"}, {"to-go", "a", "b", "c"}, {"other"}} {
		require.ErrorIs(t, run(args, &strings.Builder{}), errUsage)
	}
	err := run([]string{"to-go", filepath.Join(t.TempDir(), "none"), t.TempDir()}, &strings.Builder{})
	require.ErrorIs(t, err, os.ErrNotExist)
}
