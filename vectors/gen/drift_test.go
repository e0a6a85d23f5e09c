package gen

import (
	"io/fs"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// memory returns a directory that holds the files.
func memory(files map[string][]byte) fstest.MapFS {
	dir := fstest.MapFS{}
	for name, text := range files {
		dir[name] = &fstest.MapFile{Data: text}
	}
	return dir
}

func TestVerifyFindsDrift(t *testing.T) {
	replace := func(old, new string) func(string) string {
		return func(text string) string { return strings.Replace(text, old, new, 1) }
	}
	rows := []struct {
		name   string
		edit   func(text string) string
		line   string
		vector string
	}{
		{"one byte of a content", replace(`"hex": "62616974"`, `"hex": "62616975"`), `"hex": "62616974"`, "msg/empty/first"},
		{"a description", replace(`An empty message in front of a valid one.`, `An empty message.`), "in front of a valid one", "msg/empty/first"},
		{"an ID", replace(`"msg/empty/last"`, `"msg/empty/final"`), `"msg/empty/last"`, "msg/empty/last"},
		{"an outcome", replace(`"offset": 7}`, `"offset": 8}`), `"offset": 7`, "msg/empty/second"},
		{"white space", replace(`"kind": "stream"`, `"kind":  "stream"`), `"kind": "stream"`, "msg/empty/only"},
		{"a line end", func(text string) string { return text + "\n" }, "", "msg/empty/header-with-message-before"},
		{"the head", replace(`"format": 1`, `"format": 2`), `"format": 1`, ""},
		{"a cut file", func(text string) string { return text[:len(text)-2] }, "}", "msg/empty/header-with-message-before"},
		{"an emptied file", func(string) string { return "" }, "{", ""},
	}
	files := Files()
	right := string(files["empty.json"])
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			edited := row.edit(right)
			require.NotEqual(t, right, edited)
			dir := memory(files)
			dir["empty.json"] = &fstest.MapFile{Data: []byte(edited)}
			err := verify(files, dir)
			var drift *DriftError
			require.ErrorAs(t, err, &drift)
			require.Len(t, drift.Files, 1)
			d := drift.Files[0]
			require.Equal(t, "empty.json", d.File)
			require.Equal(t, Changed, d.Kind)
			require.Equal(t, row.vector, d.Vector)
			require.Contains(t, d.Want, row.line)
			require.NotEqual(t, d.Want, d.Have+"\n")
			require.Contains(t, err.Error(), "empty.json:"+strconv.Itoa(d.Line))
			require.Contains(t, err.Error(), row.vector)
			require.Contains(t, err.Error(), "oizys vectors generate")
		})
	}
}

func TestVerifyFindsMissingAndExtraFiles(t *testing.T) {
	files := Files()
	dir := memory(files)
	require.NoError(t, verify(files, dir))
	delete(dir, "text.json")
	dir["more.json"] = &fstest.MapFile{Data: []byte("{}")}
	dir["old"] = &fstest.MapFile{Mode: fs.ModeDir}
	err := verify(files, dir)
	var drift *DriftError
	require.ErrorAs(t, err, &drift)
	require.Equal(t, []Drift{
		{File: "more.json", Kind: Extra}, {File: "old", Kind: Extra}, {File: "text.json", Kind: Missing},
	}, drift.Files)
	for _, name := range []string{"more.json", "old", "text.json"} {
		require.ErrorContains(t, err, name)
	}
}
