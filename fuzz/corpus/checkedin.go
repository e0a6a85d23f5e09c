package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/oizys-protocol/oizys/fuzz/target"
)

// seedPrefix begins the names of the files that are made from seeds. Files with other names in the same folders are past
// findings, which nothing but a person removes.
const seedPrefix = "seed_"

// goSeeds returns the seeds of all targets as Go's files, by their names below the folder fuzz/target.
func goSeeds() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, t := range target.All() {
		seeds, err := t.Seeds()
		if err != nil {
			return nil, fmt.Errorf("seeds of %s: %w", t.Name, err)
		}
		for _, s := range seeds {
			text, err := toGo(s.Data)
			if err != nil {
				return nil, fmt.Errorf("seed %s of %s: %w", s.Name, t.Name, err)
			}
			files[filepath.Join(t.Package, "testdata", "fuzz", t.Go, seedPrefix+s.Name)] = text
		}
	}
	return files, nil
}

// stale compares the seeds that lie below a folder with those that are made now. It returns which are missing or other,
// and which should not be there, both sorted.
func stale(folder string, want map[string][]byte) (other, extra []string, err error) {
	there, err := filepath.Glob(filepath.Join(folder, "*", "testdata", "fuzz", "*", seedPrefix+"*"))
	if err != nil {
		return nil, nil, err
	}
	for _, file := range there {
		name, err := filepath.Rel(folder, file)
		if err != nil {
			return nil, nil, err
		}
		if _, wanted := want[name]; !wanted {
			extra = append(extra, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, err
		}
		if err != nil || !bytes.Equal(text, want[name]) {
			other = append(other, name)
		}
	}
	return other, extra, nil
}

// checkIn makes the seeds below a folder what they must be, and says what it changed.
func checkIn(out io.Writer, folder string) error {
	want, err := goSeeds()
	if err != nil {
		return err
	}
	other, extra, err := stale(folder, want)
	if err != nil {
		return fmt.Errorf("looking at the seeds: %w", err)
	}
	for _, name := range other {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return fmt.Errorf("making a folder: %w", err)
		}
		if err := os.WriteFile(file, want[name], 0o644); err != nil {
			return fmt.Errorf("writing a seed: %w", err)
		}
	}
	for _, name := range extra {
		if err := os.Remove(filepath.Join(folder, name)); err != nil {
			return fmt.Errorf("removing a seed: %w", err)
		}
	}
	fmt.Fprintf(out, "%d seeds: %d written, %d removed\n", len(want), len(other), len(extra))
	if len(extra) > 0 {
		fmt.Fprintln(out, "removed:", strings.Join(extra, " "))
	}
	return nil
}
