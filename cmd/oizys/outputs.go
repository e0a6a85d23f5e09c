package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// outputs are the reports to write: the text on the terminal, and what --report asks for.
type outputs struct {
	text    *os.File
	files   []output
	written bool
}

type output struct {
	format report.Format
	path   string
	file   *os.File
	state  fileState
}

// fileState says what an output's file is before the report is written.
type fileState int

const (
	existing fileState = iota // it was there before, and keeps its content until then
	nameless                  // it has no name yet, so that nothing is left if the report is never written
	created                   // it has, since the file system knows no nameless files, and is removed in that case
)

// openReports opens every report's file before the run, so that a path that cannot be written is found then.
func openReports(specs []string) (_ *outputs, err error) {
	o := &outputs{text: os.Stdout}
	defer func() {
		if err != nil {
			o.close()
		}
	}()
	for _, s := range specs {
		word, path, ok := strings.Cut(s, "=")
		if !ok || path == "" {
			return nil, usageErrorf("--report %q is not FORMAT=PATH, as in --report junit=report.xml", s)
		}
		format, err := report.ParseFormat(word)
		if err != nil {
			return nil, usageErrorf("--report %s: %v", s, err)
		}
		out := output{format: format, path: path, file: os.Stdout}
		for _, other := range o.files {
			if other.path == path {
				return nil, usageErrorf("--report writes to %q twice", path)
			}
		}
		if path == "-" {
			o.text = os.Stderr
		} else if out.file, out.state, err = openToWrite(path); err != nil {
			return nil, usageErrorf("--report %s: cannot be written: %v", s, err)
		}
		o.files = append(o.files, out)
	}
	return o, nil
}

// openToWrite opens a file without changing what it holds, or one that is to get its name when it has been written.
func openToWrite(path string) (*os.File, fileState, error) {
	const mode = 0o644
	state := existing
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if file, err := os.OpenFile(filepath.Dir(path), os.O_WRONLY|unix.O_TMPFILE, mode); err == nil {
			return file, nameless, nil
		}
		state = created
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, mode)
	return file, state, err
}

func (o *outputs) write(rep *report.Report, verbose bool) error {
	err := report.WriteText(o.text, rep, report.TextOptions{Color: colours(o.text), Width: width(o.text), Verbose: verbose})
	return errors.Join(o.writeFiles(rep), err)
}

// writeFiles writes what --report asks for.
func (o *outputs) writeFiles(rep *report.Report) error {
	o.written = true
	var errs []error
	for i := range o.files {
		errs = append(errs, o.files[i].write(rep))
	}
	if err := errors.Join(errs...); err != nil {
		return exitError{exitInconclusive, fmt.Errorf("writing the report: %w", err)}
	}
	return nil
}

func (out *output) write(rep *report.Report) error {
	switch {
	case out.path == "-":
		return report.Write(os.Stdout, out.format, rep)
	case out.state != nameless:
		return out.replace(rep)
	}
	if err := report.Write(out.file, out.format, rep); err != nil {
		return fmt.Errorf("%s: %w", out.path, err)
	}
	out.state = existing
	link := fmt.Sprintf("/proc/self/fd/%d", out.file.Fd())
	if unix.Linkat(unix.AT_FDCWD, link, unix.AT_FDCWD, out.path, unix.AT_SYMLINK_FOLLOW) == nil {
		return nil
	}
	// Another file has taken the name meanwhile, or names cannot be given here.
	out.file.Close()
	var err error
	if out.file, err = os.OpenFile(out.path, os.O_WRONLY|os.O_CREATE, 0o644); err != nil {
		return err
	}
	return out.replace(rep)
}

// replace writes the report in the place of what the file holds.
func (out *output) replace(rep *report.Report) error {
	if info, err := out.file.Stat(); err == nil && info.Mode().IsRegular() {
		if err := out.file.Truncate(0); err != nil {
			return err
		}
	}
	if err := report.Write(out.file, out.format, rep); err != nil {
		return fmt.Errorf("%s: %w", out.path, err)
	}
	return nil
}

// close closes the files, and removes those that were created for reports that were then not written.
func (o *outputs) close() {
	for _, out := range o.files {
		if out.path == "-" {
			continue
		}
		out.file.Close()
		if out.state == created && !o.written {
			_ = os.Remove(out.path) // an empty file is all that it leaves
		}
	}
}
