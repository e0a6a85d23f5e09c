package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/oizys-protocol/oizys/conformance/diagnosis"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/conformance/suite"
)

func newRejudgeCommand() *cobra.Command {
	var reports []string
	cmd := &cobra.Command{
		Use:   "rejudge REPORT",
		Short: "Judge what a JSON report has recorded again, by this version of the suite and without the peer",
		Long: `Rejudge takes a JSON report, or stdin for -, plays what was recorded in it to the cases of this version of the suite,
and shows which verdicts are others now. That is what was said on the sessions and, of a client or a driver, also what it
was told, what it printed and how it ended.

  oizys rejudge old.json --report json=new.json

What cannot be judged from a recording, such as what a process held, is named. It keeps its verdict if this version of the
suite gave it; if another did, the result is inconclusive, unless something is found to be broken.

Exit codes: 0 conforming, 1 non-conforming, 2 usage, 3 inconclusive; all by the new result.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageErrorf("rejudge takes one JSON report, or - for stdin")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return rejudge(cmd.OutOrStdout(), args[0], reports) },
	}
	cmd.Flags().StringArrayVar(&reports, "report", nil, "write the new report as `FORMAT=PATH`: json, junit, md or text; repeatable")
	return cmd
}

func rejudge(out io.Writer, name string, reports []string) error {
	old, err := loadReport(name)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	outputs, err := openReports(reports)
	if err != nil {
		return err
	}
	defer outputs.close()
	if outputs.text == os.Stderr {
		out = os.Stderr // a report goes to stdout
	}
	again, err := runner.Rejudge(ctx, old, suite.Version)
	if err != nil {
		return exitError{exitInconclusive, err}
	}
	again.Report.Diagnosis = diagnosis.Diagnose(again.Report)
	return errors.Join(showRejudgement(out, old, again), outputs.writeFiles(again.Report), verdictOf(ctx, again.Report, nil))
}

func showRejudgement(out io.Writer, old *report.Report, again *runner.Rejudgement) error {
	rep := again.Report
	p := func(format string, args ...any) { fmt.Fprintf(out, format, args...) } // the last one says what went wrong
	p("judged by suite %s then, and by %s now\n", report.Printable(old.Suite.Version), report.Printable(rep.Suite.Version))
	for _, list := range []struct {
		title   string
		changes []runner.Change
	}{
		{"Changed", again.Changed},
		{"Cannot be judged again", again.Lost},
		{"Cannot be judged again, and keeps the verdict that this version gave", again.Kept},
	} {
		if len(list.changes) > 0 {
			p("\n%s\n", list.title)
		}
		for _, c := range list.changes {
			p("  %s: %s → %s%s\n", report.Printable(c.ID), orNone(c.Old), orNone(c.New), because(c.Why))
		}
	}
	p("\nwas %s: %s\n", old.Result, report.Printable(old.Why))
	_, err := fmt.Fprintf(out, "%s: %s\n", rep.Result, report.Printable(rep.Why))
	return err
}

func orNone(v report.Verdict) string {
	if v == "" {
		return "none"
	}
	return report.Printable(string(v))
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return "; " + report.Printable(why)
}
