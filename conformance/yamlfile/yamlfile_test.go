package yamlfile

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func TestParse(t *testing.T) {
	v, err := Parse([]byte("a: 1\nb: [x, y]\nc:\n"))
	require.NoError(t, err)
	fields, err := v.Fields("a", "b", "c")
	require.NoError(t, err)
	var n int
	require.NoError(t, fields["a"].Into(&n))
	require.Equal(t, 1, n)
	texts, err := fields["b"].Texts()
	require.NoError(t, err)
	require.Equal(t, []string{"x", "y"}, texts)
	require.True(t, fields["c"].Empty())
	require.Equal(t, 2, fields["b"].Line())
}

func TestEmpty(t *testing.T) {
	for _, src := range []string{"", "# nothing\n", "---\n", "null\n"} {
		v, err := Parse([]byte(src))
		require.NoError(t, err, "%q", src)
		require.True(t, v.Empty(), "%q", src)
		list, err := v.List()
		require.NoError(t, err)
		require.Empty(t, list)
	}
}

// Of all characters, those are refused that the YAML library refuses, and no others.
func TestCharacters(t *testing.T) {
	allowed := 0
	for r := rune(0); r <= 0x10ffff; r += 1 + r>>16<<6 { // Above U+FFFF, where all are alike, one of many.
		if !utf8.ValidRune(r) {
			continue
		}
		src := []byte("# " + string(r) + "\n")
		var doc yaml.Node
		library := yaml.Unmarshal(src, &doc)
		if err := checkCharacters(src); (err == nil) != (library == nil) {
			t.Fatalf("%U: %v, and the library says %v", r, err, library)
		}
		if library == nil {
			allowed++
		}
	}
	require.Greater(t, allowed, 60000)
	for _, src := range []string{"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a: \xe2\x82"} {
		require.Error(t, checkCharacters([]byte(src)), "%q", src)
	}
	for _, src := range []string{"\xff\xfea\x00:\x00 \x001\x00", "\xfe\xff\x00a\x00:\x00 \x001", "\xef\xbb\xbfa: 1"} {
		v, err := Parse([]byte(src))
		require.NoError(t, err, "%q", src)
		fields, err := v.Fields("a")
		require.NoError(t, err, "%q", src)
		require.Contains(t, fields, "a")
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	fields := func(v Value) error { _, err := v.Fields("a", "b"); return err }
	list := func(v Value) error { _, err := v.List(); return err }
	number := func(v Value) error {
		f, err := v.Fields("a")
		if err != nil {
			return err
		}
		var n int
		return f["a"].Into(&n)
	}
	for _, tc := range []struct {
		name, src, want string
		read            func(Value) error
	}{
		{"syntax", "a: 1\nb: [", "line 2: ", fields},
		{"no UTF-8", "a: 1\nb: \xff", "line 2: the byte 0xff is not UTF-8", fields},
		{"control character", "a: 1\nb: \x01", "line 2: the character U+0001 is not allowed in YAML", fields},
		{"unknown key", "a: 1\nz: 2", `line 2: unknown key "z"; known are a, b`, fields},
		{"key twice", "a: 1\nb: 2\na: 3", `line 3: "a" is there already, in line 1`, fields},
		{"no mapping", "- a", "line 1: here must be keys", fields},
		{"no list", "a: 1", "line 1: here must be a list", list},
		{"no number", "a: many", "line 1: here must be a int", number},
		{"an alias", "a: &x [1]\nb: *x", "line 2: here must be a list", func(v Value) error {
			f, err := v.Fields("a", "b")
			if err != nil {
				return err
			}
			return list(f["b"])
		}},
		{"two documents", "a: 1\n---\nb: 2", "line 2: a second document", fields},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v, err := Parse([]byte(tc.src))
			if err == nil {
				err = tc.read(v)
			}
			require.ErrorContains(t, err, tc.want)
		})
	}
}
