package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/oizys-protocol/oizys/conformance/diagnosis"
	"github.com/oizys-protocol/oizys/conformance/selftest"
)

// matrixFile is a file that a kill matrix is written to.
type matrixFile struct {
	path  string
	file  *os.File
	write func(*selftest.Matrix, io.Writer) error
	// folder means that path is one, for a dictionary of each role.
	folder bool
}

// openMatrices opens what --report asks for before the run, so that a path that cannot be written is found then; what a
// file holds stays until there is something to put in its place. A page of some peers only would be taken for the whole.
func openMatrices(specs []string, o selftest.Options) (files []matrixFile, err error) {
	defer func() {
		if err != nil {
			closeMatrices(files)
		}
	}()
	for _, s := range specs {
		format, path, ok := strings.Cut(s, "=")
		if !ok || path == "" {
			return files, usageErrorf("--report %q is not FORMAT=PATH, as in --report md=kill-matrix.md", s)
		}
		m := matrixFile{path: path}
		some := len(o.Roles)+len(o.Only) > 0
		switch format {
		case "dictionary":
			if !o.Full {
				return files, usageErrorf("--report dictionary needs --full: a fault is known by all cases that find it")
			}
			if info, err := os.Stat(path); err != nil || !info.IsDir() {
				return files, usageErrorf("--report %s: %s is no folder; the dictionaries are conformance/diagnosis/data", s, path)
			}
			files = append(files, matrixFile{path: path, folder: true})
			continue
		case "json":
			m.write = (*selftest.Matrix).WriteJSON
		case "md":
			m.write = (*selftest.Matrix).WriteMarkdown
			if some {
				return files, usageErrorf("--report md: the page needs every peer; leave out --role and --fault, or write json")
			}
		default:
			return files, usageErrorf("--report %s: the format %q is unknown; it is json, md or dictionary", s, format)
		}
		if m.file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644); err != nil {
			return files, usageErrorf("--report %s: cannot be written: %v", s, err)
		}
		files = append(files, m)
	}
	return files, nil
}

// writeMatrices writes the matrix to each file. The page of a run that was interrupted is not written.
func writeMatrices(files []matrixFile, m *selftest.Matrix) error {
	for _, out := range files {
		if out.folder {
			if err := writeDictionaries(out.path, m); err != nil {
				return err
			}
			continue
		}
		var b strings.Builder
		if err := out.write(m, &b); err != nil {
			return fmt.Errorf("%s: %w", out.path, err)
		}
		if err := out.file.Truncate(0); err != nil {
			return fmt.Errorf("%s: %w", out.path, err)
		}
		if _, err := io.WriteString(out.file, b.String()); err != nil {
			return fmt.Errorf("%s: %w", out.path, err)
		}
	}
	return nil
}

// writeDictionaries writes what the matrix teaches of each of its roles. What a dictionary knows of faults that were not
// run stays.
func writeDictionaries(folder string, m *selftest.Matrix) error {
	for _, role := range m.Roles() {
		d, err := m.Learn(role)
		if err != nil {
			return err
		}
		path := filepath.Join(folder, string(role)+".json")
		if b, err := os.ReadFile(path); err == nil {
			if older, err := diagnosis.Read(b); err == nil {
				d = older.Update(d)
			}
		}
		b, err := d.Format()
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func closeMatrices(files []matrixFile) {
	for _, out := range files {
		if out.file != nil {
			out.file.Close()
		}
	}
}
