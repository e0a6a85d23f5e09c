package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/oizys-protocol/oizys/conformance/diagnosis"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
)

// certifyFlags are the flags of the certify command.
type certifyFlags struct {
	role    string
	shard   string
	restart string
	hold    bool
	reports []string
	verbose bool
	known   knownFiles
	config  configFlags
	runner.Options
	report *report.Report // what came of it, when it has run
}

func newCertifyCommand() *cobra.Command { return certifyCommand(&certifyFlags{}) }

func certifyCommand(f *certifyFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "certify [flags] [-- COMMAND ARG…]",
		Short: "Certify a peer; without a COMMAND, the embedded reference",
		Long: `Certify starts COMMAND, a server that listens at the Unix socket {socket} and echoes each message, puts it through
every case and says whether it conforms, and if not, why.

  oizys certify -- ./echo-server {socket}

A client is started once for each message. It connects to {socket}, sends {message}, prints the reply and exits.

  oizys certify --role client -- ./echo-client -e {socket} -m {message}

A driver is a program around a library: it does with the library's sessions what it reads on standard input, and prints
what comes of it. docs/driver.md says how.

  oizys certify --role driver -- ./my-driver

{socket} in COMMAND is replaced by the socket's path, which is also in the environment as OIZYS_SOCKET. With neither
COMMAND nor --attach the embedded reference is certified, as a process of its own.

Exit codes: 0 conforming, 1 non-conforming, 2 usage, 3 inconclusive.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return certify(cmd, f, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.role, "role", "server", "what COMMAND is: server, client or driver")
	flags.StringVar(&f.Attach, "attach", "", "certify the echo server that already listens at `SOCKET`")
	flags.StringArrayVar(&f.Only, "case", nil, "run only the cases that match `GLOB`, such as 'msg/sizes/*' or 'close'; repeatable")
	flags.StringArrayVar(&f.Skip, "skip", nil, "leave out the cases that match `GLOB`; repeatable")
	flags.StringArrayVar(&f.reports, "report", nil, "also write the report as `FORMAT=PATH`: json, junit, md or text; - is stdout; repeatable")
	flags.StringArrayVar(&f.Env, "env", nil, "add `NAME=VALUE` to COMMAND's environment; repeatable")
	flags.StringVar(&f.Dir, "dir", "", "run COMMAND in the directory `PATH`")
	f.known.addFlags(cmd)
	f.config.addFlags(cmd)
	flags.Uint64Var(&f.Seed, "seed", 0, "what random cases are made from")
	flags.BoolVar(&f.hold, "hold", false, "keep the peer of the first case that fails, or at the end, for a debugger, until Enter or Ctrl-C")
	flags.IntVar(&f.Jobs, "jobs", 0, "how many cases run beside each other (default: as many as the peer serves, at most 8)")
	flags.DurationVar(&f.Timeout, "timeout", 0, "how long the peer may go without progress (default: from its round trips, at least 1s)")
	flags.DurationVar(&f.StartTimeout, "start-timeout", 0, "how long the peer may take to listen (default 15s)")
	flags.StringVar(&f.restart, "restart", string(runner.RestartNeeded), "`WHEN` the server is started anew: needed, or always, for each session")
	flags.StringVar(&f.shard, "shard", "", "run part `I/N` of the cases, such as 1/4; `oizys report merge` puts the reports together")
	flags.StringVar((*string)(&f.Tier), "tier", string(suite.Default), "how much is done: quick, default or exhaustive (every short stream, cut in every way)")
	flags.BoolVar(&f.Strict, "strict", false, "count warnings as failures")
	flags.IntVar(&f.Repeat, "repeat", 1, "run every case `N` times and report those whose verdict changes as flaky")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "show every case in the text report")
	return cmd
}

func certify(cmd *cobra.Command, f *certifyFlags, args []string) error {
	switch several, err := f.config.given(cmd, args); {
	case err != nil:
		return err
	case several:
		return f.config.certify(cmd.OutOrStdout())
	}
	if err := f.check(cmd); err != nil {
		return err
	}
	if err := commandBehind(cmd, args); err != nil {
		return err
	}
	f.Command = args
	if err := f.known.read(&f.Options); err != nil {
		return err
	}
	if len(args) == 0 && f.Attach == "" {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("finding this program for the embedded reference: %w", err)
		}
		f.Command, f.Embedded = append([]string{self}, reference(f.Role)...), true
		if f.Role == spec.Driver { // it is started for every case, and takes one line after the other
			f.Env = append([]string{"GOMAXPROCS=1", "GOGC=400"}, f.Env...)
		}
	}
	outputs, err := openReports(f.reports)
	if err != nil {
		return err
	}
	defer outputs.close()
	if err := f.known.open(outputs); err != nil {
		return err
	}
	defer f.known.close()

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if f.Guard, err = guarded(); err != nil {
		return exitError{exitInconclusive, err}
	}
	defer f.Guard.Close()
	collectSeldom(1)
	f.Version, f.Program = suite.Version, called()
	f.Progress = report.NewProgress(os.Stderr, isTerminal(os.Stderr), colours(os.Stderr))
	if f.hold {
		f.Hold = holder{os.Stdin, f.Progress}.hold
	}
	rep, err := runner.Run(ctx, f.Options)
	if errors.Is(err, runner.ErrUsage) {
		return usageError(err)
	}
	if rep == nil {
		return exitError{exitInconclusive, err}
	}
	f.report = rep
	rep.Diagnosis = diagnosis.Diagnose(rep)
	end := verdictOf(ctx, rep, err)
	if isTerminal(outputs.text) && isTerminal(os.Stderr) {
		end = saidAlready(end)
	}
	return errors.Join(outputs.write(rep, f.verbose), f.known.write(rep), end)
}

// check reports what is wrong with the flags that were given until now, each by itself, and reads those that are words.
func (f *certifyFlags) check(cmd *cobra.Command) error {
	if err := checkRole(f.role); err != nil {
		return err
	}
	f.Role = spec.Role(f.role)
	if cmd.Flags().Changed("attach") && f.Attach == "" {
		return usageErrorf("--attach is empty; give the path of the socket at which the server listens")
	}
	if cmd.Flags().Changed("dir") && f.Dir == "" {
		return usageErrorf("--dir is empty; give the directory in which the peer is to run")
	}
	if f.Attach != "" && cmd.Flags().Changed("start-timeout") {
		return usageErrorf("--start-timeout says how long a server that is started may take to listen; with --attach none is started")
	}
	if cmd.Flags().Changed("start-timeout") && f.StartTimeout <= 0 {
		return usageErrorf("--start-timeout is %v; it must be more than 0", f.StartTimeout)
	}
	if f.Jobs < 0 {
		return usageErrorf("--jobs is %d; it must be 0 or more (0: as many as the peer serves, at most 8)", f.Jobs)
	}
	if cmd.Flags().Changed("timeout") && (f.Timeout < leastTimeout || f.Timeout > mostTimeout) {
		return usageErrorf("--timeout is %v; it must be from %v to %v", f.Timeout, leastTimeout, mostTimeout)
	}
	if f.Repeat < 1 {
		return usageErrorf("--repeat is %d; it must be 1 or more", f.Repeat)
	}
	if cmd.Flags().Changed("shard") {
		var err error
		if f.Shard, err = runner.ParseShard(f.shard); err != nil {
			return usageError(err)
		}
	}
	restart, err := runner.ParseRestart(f.restart)
	if err != nil {
		return usageError(err)
	}
	f.Restart = restart
	return nil
}

// collectSeldom has the garbage collector, which a run of some MiB would otherwise keep at work, begin later, unless the
// environment says when. The limit holds the memory of so many runs at once down where their messages are the longest.
func collectSeldom(runs int) {
	const percent, limit = 400, 128 << 20
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(runs) * limit)
	}
}

// called returns the words with which a shell calls this program again: its name alone where the PATH leads to it.
func called() []string {
	word := os.Args[0]
	if strings.Contains(word, "/go-build") { // a file of `go run`, which is gone afterwards
		return []string{"go", "run", "./cmd/oizys"}
	}
	self, err := os.Executable()
	found, lookErr := exec.LookPath(filepath.Base(word))
	if err == nil && lookErr == nil && sameFile(self, found) {
		return []string{filepath.Base(word)}
	}
	return []string{word}
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	other, otherErr := os.Stat(b)
	return err == nil && otherErr == nil && os.SameFile(one, other)
}

// A timeout below the one is no peer's fault to miss, and one above the other is a slip.
const (
	leastTimeout = 50 * time.Millisecond
	mostTimeout  = time.Hour
)

// reference returns the arguments that make this program the reference in a role.
func reference(role spec.Role) []string {
	switch role {
	case spec.Client:
		return []string{"peer", "client", "-e", "{socket}", "-m", "{message}"}
	case spec.Driver:
		return []string{"peer", "driver"}
	}
	return []string{"peer", "server", "{socket}"}
}

// verdictOf turns a report, and what went wrong on the way to it, into the program's end.
func verdictOf(ctx context.Context, rep *report.Report, err error) error {
	switch {
	case ctx.Err() != nil && !rep.Complete:
		return exitError{exitInconclusive, errors.New("interrupted; the report holds what was found until then")}
	case err != nil:
		return exitError{exitInconclusive, errors.New(rep.Why)} // without what the peer printed: the report has that
	}
	switch rep.ForBuild() {
	case report.Conforming:
		return nil
	case report.NonConforming:
		return exitError{code: exitFound}
	default:
		return exitError{code: exitInconclusive}
	}
}

// saidAlready is an end whose sentence the reader of the text report has already seen: it is the report's last line.
func saidAlready(end error) error {
	var known exitError
	if errors.As(end, &known) {
		return exitError{code: known.code}
	}
	return end
}

func checkRole(role string) error {
	if slices.Contains(spec.Roles(), spec.Role(role)) {
		return nil
	}
	return usageErrorf("--role %q is unknown; the role is server, client or driver", role)
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

func colours(f *os.File) bool {
	return isTerminal(f) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func width(f *os.File) int {
	if w, _, err := term.GetSize(int(f.Fd())); err == nil {
		return w
	}
	return 0
}
