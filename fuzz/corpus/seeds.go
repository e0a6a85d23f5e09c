package main

import (
	"archive/zip"
	"bytes"
	"embed"
	"fmt"
	"os"
	"path/filepath"

	"github.com/oizys-protocol/oizys/fuzz/target"
)

//go:embed dictionaries/*.dict
var dictionaries embed.FS

// writeSeeds writes what libFuzzer's fleets want beside a target's program: the same bytes each time.
func writeSeeds(to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return fmt.Errorf("making the folder: %w", err)
	}
	for _, t := range target.All() {
		seeds, err := t.Seeds()
		if err != nil {
			return fmt.Errorf("seeds of %s: %w", t.Name, err)
		}
		packed, err := pack(seeds)
		if err != nil {
			return fmt.Errorf("seeds of %s: %w", t.Name, err)
		}
		if err := os.WriteFile(filepath.Join(to, t.Name+"_seed_corpus.zip"), packed, 0o644); err != nil {
			return fmt.Errorf("writing seeds: %w", err)
		}
		if t.Dictionary == "" {
			continue
		}
		text, err := dictionaries.ReadFile("dictionaries/" + t.Dictionary + ".dict")
		if err != nil {
			return fmt.Errorf("dictionary of %s: %w", t.Name, err)
		}
		if err := os.WriteFile(filepath.Join(to, t.Name+".dict"), text, 0o644); err != nil {
			return fmt.Errorf("writing a dictionary: %w", err)
		}
	}
	return nil
}

func pack(seeds []target.Seed) ([]byte, error) {
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	for _, s := range seeds {
		f, err := w.Create(s.Name)
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(s.Data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}
