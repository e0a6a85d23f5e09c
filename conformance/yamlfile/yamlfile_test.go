package yamlfile

import (
	"testing"

	"github.com/stretchr/testify/require"
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
