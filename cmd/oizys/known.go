package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/oizys-protocol/oizys/conformance/known"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/spec"
)

// knownFiles are the flags about lists of known failures.
type knownFiles struct {
	from, to string
	file     *pending // where the list of this run's failures goes; nil for nowhere
}

func (k *knownFiles) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&k.from, "known", "", "expect the failures that the YAML `FILE` lists, and pass with them")
	flags.StringVar(&k.to, "known-write", "", "write the failures of this run as a list of known ones to `FILE`")
}

// read reads the list that is expected into the options. The error is one of usage and names the file and the line.
func (k *knownFiles) read(o *runner.Options) error {
	if k.to != "" && o.Shard != (runner.Shard{}) {
		return usageErrorf("--known-write is for a whole run, and --shard runs a part of one")
	}
	if k.from == "" {
		return nil
	}
	src, err := os.ReadFile(k.from)
	if err != nil {
		return usageErrorf("--known: the list cannot be read: %v", err)
	}
	if o.Known, err = known.Parse(src); err != nil {
		return usageErrorf("--known: %s is %w", k.from, err)
	}
	return nil
}

// open opens the file that is to be written, so that a path that cannot be is found before the run; close must follow.
func (k *knownFiles) open(reports *outputs) (err error) {
	switch {
	case k.to == "":
		return nil
	case reports.writesTo(k.to):
		return usageErrorf("--known-write and --report both write to %q", k.to)
	}
	if k.file, err = openPending(k.to); err != nil {
		return usageErrorf("--known-write: the list cannot be written: %v", err)
	}
	return nil
}

func (k *knownFiles) close() { k.file.close() }

// write writes the list of a whole run's failures.
func (k *knownFiles) write(rep *report.Report) error {
	if k.file == nil {
		return nil
	}
	if !rep.Complete {
		return exitError{exitInconclusive, errors.New("--known-write: nothing was written, since the run was cut short")}
	}
	cases, _, err := catalogue(spec.Role(rep.Role))
	if err != nil {
		return err
	}
	every := make([]string, len(cases))
	for i, c := range cases {
		every[i] = c.ID
	}
	text, err := known.Write(rep, every)
	if err == nil {
		err = k.file.write(func(w io.Writer) error {
			_, err := w.Write(text)
			return err
		})
	}
	if err != nil {
		return exitError{exitInconclusive, fmt.Errorf("--known-write: %w", err)}
	}
	return nil
}
