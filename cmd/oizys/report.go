package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/oizys-protocol/oizys/conformance/diagnosis"
	"github.com/oizys-protocol/oizys/conformance/report"
)

// newReportCommand returns the command that works on JSON reports that are there already.
func newReportCommand() *cobra.Command {
	var to string
	var verbose bool
	cmd := &cobra.Command{
		Use:   "report FILE",
		Short: "Show a JSON report again, in any format; merge the reports of shards",
		Long: `Report reads the JSON report FILE, or stdin for -, and writes it to stdout in another format.

  oizys report report.json                    the page that certify showed
  oizys report report.json --to junit         JUnit XML of the same run

A report that is damaged, cut off, of another program or changed by hand is refused. The exit code is 0 whatever the
report says: nothing was judged.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageErrorf("report takes one JSON report, or - for stdin; `oizys report merge` takes several")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return showReport(cmd.OutOrStdout(), args[0], to, verbose)
		},
	}
	cmd.Flags().StringVar(&to, "to", string(report.Text), "the `FORMAT` to write: json, junit, md or text")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "show every case in the text format")
	cmd.AddCommand(newMergeCommand())
	return cmd
}

func showReport(out io.Writer, name, to string, verbose bool) error {
	format, err := report.ParseFormat(to)
	if err != nil {
		return usageErrorf("--to: %v", err)
	}
	if verbose && format != report.Text {
		return usageErrorf("--verbose is for --to text; the format %s has no other form", format)
	}
	rep, err := loadReport(name)
	if err != nil {
		return err
	}
	if format == report.Text {
		err = report.WriteText(out, rep, report.TextOptions{Color: colours(os.Stdout), Width: width(os.Stdout), Verbose: verbose})
	} else {
		err = report.Write(out, format, rep)
	}
	if err != nil {
		return exitError{exitInconclusive, fmt.Errorf("writing the report: %w", err)}
	}
	return nil
}

// loadReport reads the report in a file, or on stdin. The error is one of usage: it names the file and says what is wrong.
func loadReport(name string) (*report.Report, error) {
	file, shown := os.Stdin, "stdin"
	if name != "-" {
		var err error
		if file, err = os.Open(name); err != nil {
			return nil, usageErrorf("the report cannot be read: %v", err)
		}
		defer file.Close()
		shown = name
	}
	rep, err := report.Read(file)
	switch {
	case errors.Is(err, report.ErrInvalid):
		return nil, usageErrorf("%s is %w; `oizys certify --report json=FILE` writes one", shown, err)
	case err != nil:
		return nil, usageErrorf("%s: %w", shown, err)
	}
	return rep, nil
}

func newMergeCommand() *cobra.Command {
	var reports []string
	var verbose bool
	cmd := &cobra.Command{
		Use:   "merge FILE FILE… [--report FORMAT=PATH]",
		Short: "Put the JSON reports of all shards of a run together, and judge the whole",
		Long: `Merge takes the JSON reports of every shard of one run, each once, and shows the whole as certify does.

  oizys certify --shard 1/2 --report json=1.json -- ./echo-server {socket}
  oizys certify --shard 2/2 --report json=2.json -- ./echo-server {socket}
  oizys report merge 1.json 2.json --report junit=report.xml

Reports that do not belong together are refused: another suite, peer, seed or choice of cases, a shard that is missing,
there twice or cut short.

Exit codes: 0 conforming, 1 non-conforming, 2 the reports do not fit together, 3 inconclusive.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageErrorf("merge takes the JSON reports of all shards")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return mergeReports(args, reports, verbose) },
	}
	cmd.Flags().StringArrayVar(&reports, "report", nil, "also write the merged report as `FORMAT=PATH`: json, junit, md or text; - is stdout; repeatable")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "show every case in the text report")
	return cmd
}

func mergeReports(names, reports []string, verbose bool) error {
	parts := make([]report.Part, len(names))
	for i, name := range names {
		rep, err := loadReport(name)
		if err != nil {
			return err
		}
		parts[i] = report.Part{Name: name, Report: rep}
	}
	merged, err := report.Merge(parts)
	if err != nil {
		return usageErrorf("%w", err)
	}
	merged.Diagnosis = diagnosis.Diagnose(merged)
	outputs, err := openReports(reports)
	if err != nil {
		return err
	}
	defer outputs.close()
	return errors.Join(outputs.write(merged, verbose), verdictOf(context.Background(), merged, nil))
}
