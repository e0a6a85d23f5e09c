package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func says(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// A file is written whole, whatever it was when it was opened, and holds what it held until then.
func TestPending(t *testing.T) {
	for _, tc := range []struct {
		name   string
		before func(t *testing.T, path string) // the file is opened
		during func(t *testing.T, path string) // it is written
		left   string                          // if it is never written; empty means no file
	}{
		{"a new file", nil, nil, ""},
		{"one that is longer", put("a long text of old"), nil, "a long text of old"},
		{"one that comes meanwhile", nil, put("a long text of another"), "a long text of another"},
		{"a link to a file", func(t *testing.T, path string) {
			put("a long text of old")(t, path+".target")
			require.NoError(t, os.Symlink(path+".target", path))
		}, nil, "a long text of old"},
		{"a link that leads nowhere", func(t *testing.T, path string) { require.NoError(t, os.Symlink(path+".target", path)) }, nil, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, write := range []bool{true, false} {
				path := filepath.Join(t.TempDir(), "file")
				call(t, tc.before, path)
				p, err := openPending(path)
				require.NoError(t, err)
				call(t, tc.during, path)
				want := tc.left
				if write {
					want = "new"
					require.NoError(t, p.write(says(want)))
				}
				p.close()
				got, err := os.ReadFile(path)
				if want == "" {
					require.ErrorIs(t, err, os.ErrNotExist)
					continue
				}
				require.NoError(t, err)
				require.Equal(t, want, string(got))
			}
		})
	}
}

func put(text string) func(*testing.T, string) {
	return func(t *testing.T, path string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }
}

func call(t *testing.T, f func(*testing.T, string), path string) {
	if f != nil {
		f(t, path)
	}
}

// What goes wrong when a new file is written leaves none.
func TestPendingThatFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	p, err := openPending(path)
	require.NoError(t, err)
	boom := errors.New("boom")
	require.ErrorIs(t, p.write(func(io.Writer) error { return boom }), boom)
	p.close()
	require.NoFileExists(t, path)
	(*pending)(nil).close()
}

func TestPendingThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "no", "file"), dir + "/file/"} {
		_, err := openPending(path)
		require.Error(t, err, path)
	}
	require.NoFileExists(t, filepath.Join(dir, "file"))
}

func TestOpenFolder(t *testing.T) {
	dir := t.TempDir()
	inner := filepath.Join(dir, "a", "b")
	for range 2 { // the first leaves no trace
		undo, err := openFolder(inner)
		require.NoError(t, err)
		entries, err := os.ReadDir(inner)
		require.NoError(t, err)
		require.Empty(t, entries)
		undo()
		require.NoDirExists(t, filepath.Join(dir, "a"))
	}
	undo, err := openFolder(inner)
	require.NoError(t, err)
	put("x")(t, filepath.Join(inner, "found"))
	undo()
	require.FileExists(t, filepath.Join(inner, "found"))
	undo, err = openFolder(dir)
	require.NoError(t, err)
	undo()
	require.DirExists(t, dir, "it was there before")

	_, err = openFolder(filepath.Join(inner, "found"))
	require.ErrorContains(t, err, "not a directory")
	_, err = openFolder(filepath.Join(inner, "found", "more"))
	require.ErrorContains(t, err, "not a directory")
}
