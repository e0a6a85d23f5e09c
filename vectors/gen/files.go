package gen

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/oizys-protocol/oizys/vectors"
)

// areas returns the files as vectors, one for each area.
func areas() []vectors.File {
	return []vectors.File{
		encodeArea(), lengthsArea(), bytesArea(), textArea(), lookalikeArea(), streamsArea(), segmentationArea(),
		truncationArea(), reservedArea(), emptyArea(), afterErrorArea(), endArea(), refusalArea(),
	}
}

func area(name, description string, list ...*vectors.Vector) vectors.File {
	return vectors.File{Name: name + ".json", Area: name, Description: description, Vectors: list}
}

// Files returns every file's bytes by its name; they are the same at each call, on each machine.
func Files() map[string][]byte {
	files := map[string][]byte{}
	for _, f := range areas() {
		files[f.Name] = Format(f)
	}
	return files
}

// Generate writes the files to dir, which it makes if needed, and loads them back. It refuses a directory that holds
// anything else, because [vectors.Load] would refuse it too, and deletes nothing. A file that is right is not touched.
func Generate(dir string) error {
	files := Files()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if _, ours := files[e.Name()]; !ours || e.IsDir() {
			return fmt.Errorf("%s is not a generated file; remove it, or choose another directory", filepath.Join(dir, e.Name()))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(dir, name)
		if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, files[name]) {
			continue
		}
		if err := os.WriteFile(path, files[name], 0o666); err != nil {
			return err
		}
	}
	_, err = vectors.Load(os.DirFS(dir))
	return err
}

// Verify compares dir with what [Generate] would write there. It returns nil when they are the same, a [*DriftError]
// that names each difference when they are not, and the error of the file system when dir cannot be read.
func Verify(dir string) error { return VerifyFS(os.DirFS(dir)) }

// VerifyFS is [Verify] for the root of a file system.
func VerifyFS(fsys fs.FS) error { return verify(Files(), fsys) }

func verify(files map[string][]byte, fsys fs.FS) error {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return err
	}
	var drift DriftError
	for _, e := range entries {
		if _, ours := files[e.Name()]; !ours || e.IsDir() {
			drift.Files = append(drift.Files, Drift{File: e.Name(), Kind: Extra})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == name }) {
			drift.Files = append(drift.Files, Drift{File: name, Kind: Missing})
			continue
		}
		have, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if !bytes.Equal(have, files[name]) {
			drift.Files = append(drift.Files, compare(name, files[name], have))
		}
	}
	if len(drift.Files) == 0 {
		return nil
	}
	slices.SortFunc(drift.Files, func(a, b Drift) int { return bytes.Compare([]byte(a.File), []byte(b.File)) })
	return &drift
}
