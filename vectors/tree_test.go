package vectors

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// plain turns a tree into what encoding/json makes of the same text.
func plain(t *testing.T, v value) any {
	switch v.kind {
	case '{':
		object := map[string]any{}
		for i, name := range v.names {
			object[name] = plain(t, v.items[i])
		}
		return object
	case '[':
		array := []any{}
		for _, item := range v.items {
			array = append(array, plain(t, item))
		}
		return array
	case '"':
		return v.string()
	case '0':
		n, err := strconv.ParseFloat(string(v.text), 64)
		require.NoError(t, err)
		return n
	case 'n':
		return nil
	}
	require.Contains(t, []string{"true", "false"}, string(v.text))
	return v.kind == 't'
}

// FuzzParseJSON holds the tree against encoding/json: the same texts are accepted, and say the same.
func FuzzParseJSON(f *testing.F) {
	for _, text := range []string{
		``, ` `, `{}`, `[]`, `[[],{}]`, `null`, ` true `, `-1.5e3`, `0`, `""`, `"\""`, `"\\"`, `"a\u00e9\n"`, `"é"`,
		`{"a":1,"b":[true,false,null,"x"],"c":{"d":"}]"}}`, "{\n  \"a\" : [ 1 , 2 ]\t}\r\n", `[1,]`, `{"a"}`, `{} {}`, `"`, `[`,
		`{"a":1,"a":2}`, `01`, `"\x"`, `nul`, `[1 2]`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tree, err := parseJSON([]byte(text))
		var want any
		if wrong := json.Unmarshal([]byte(text), &want); wrong != nil {
			if strings.Contains(wrong.Error(), "number") {
				return // a number too large for a float: valid JSON all the same
			}
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		if strings.ToValidUTF8(text, "") == text {
			require.Equal(t, want, plain(t, tree))
		}
	})
}

// FuzzDecodeFile looks for files that stop the loader instead of being refused.
func FuzzDecodeFile(f *testing.F) {
	text, err := data.ReadFile("data/refusal.json")
	require.NoError(f, err)
	f.Add(text)
	text, err = data.ReadFile("data/empty.json")
	require.NoError(f, err)
	f.Add(text[:len(text)/8])
	check := newChecker(1 << 10)
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := decodeFile("refusal.json", text)
		if err == nil {
			for _, v := range file.Vectors {
				err = check.check(v)
			}
		}
		if err != nil {
			var wrong *Error
			require.ErrorAs(t, err, &wrong)
			require.NotEmpty(t, wrong.Remedy)
		}
	})
}
