package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/oizys-protocol/oizys/conformance/report"
)

// outputs are the reports to write: the text on the terminal, and what --report asks for.
type outputs struct {
	text  *os.File
	files []output
}

type output struct {
	format report.Format
	path   string
	file   *pending // nil for stdout
}

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
		if o.writesTo(path) {
			return nil, usageErrorf("--report writes to %q twice", path)
		}
		out := output{format: format, path: path}
		if path == "-" {
			o.text = os.Stderr
		} else if out.file, err = openPending(path); err != nil {
			return nil, usageErrorf("--report %s: cannot be written: %v", s, err)
		}
		o.files = append(o.files, out)
	}
	return o, nil
}

// writesTo reports whether one of the reports goes to path.
func (o *outputs) writesTo(path string) bool {
	for _, out := range o.files {
		if out.path == path || out.file != nil && path != "-" && samePath(out.path, path) {
			return true
		}
	}
	return false
}

func (o *outputs) write(rep *report.Report, verbose bool) error {
	err := report.WriteText(o.text, rep, report.TextOptions{Color: colours(o.text), Width: width(o.text), Verbose: verbose})
	return errors.Join(o.writeFiles(rep), err)
}

// writeFiles writes what --report asks for.
func (o *outputs) writeFiles(rep *report.Report) error {
	var errs []error
	for _, out := range o.files {
		errs = append(errs, out.write(rep))
	}
	if err := errors.Join(errs...); err != nil {
		return exitError{exitInconclusive, fmt.Errorf("writing the report: %w", err)}
	}
	return nil
}

func (out *output) write(rep *report.Report) error {
	if out.file == nil {
		return report.Write(os.Stdout, out.format, rep)
	}
	return out.file.write(func(w io.Writer) error { return report.Write(w, out.format, rep) })
}

// close closes the files; nothing is left of those that were not written.
func (o *outputs) close() {
	for _, out := range o.files {
		out.file.close()
	}
}
