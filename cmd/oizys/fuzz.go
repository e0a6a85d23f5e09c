package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/fuzz/live"
	"github.com/oizys-protocol/oizys/spec"
)

// fuzzFlags are the flags of the fuzz command.
type fuzzFlags struct {
	role    string
	shard   string
	restart string
	replay  string
	reports []string
	live.Options
}

func newFuzzCommand() *cobra.Command {
	var f fuzzFlags
	cmd := &cobra.Command{
		Use:   "fuzz [flags] [-- COMMAND ARG…]",
		Short: "Fuzz a live peer; without a COMMAND, the embedded reference",
		Long: `Fuzz starts COMMAND, an echo server as for certify, and tries streams on it, valid and invalid, some thousand a
second, until it is interrupted or --duration, --runs or --max-findings ends it. What the peer does is held against the
model of the protocol. A failure is believed when it was seen again on a fresh peer; it is then made small and saved.

  oizys fuzz --duration 1m -- ./echo-server {socket}
  oizys fuzz --replay oizys-findings/no-close-hold-empty-message-1b2c3d4e -- ./echo-server {socket}

Exit codes: 0 no MUST is broken, or with --strict no SHOULD either; 1 something found; 2 usage; 3 not judged, or
interrupted with nothing found.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return fuzz(cmd, &f, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.role, "role", "server", "what COMMAND is: server or client")
	flags.Uint64Var(&f.Seed, "seed", 0, "what is tried is made from it")
	flags.DurationVar(&f.Duration, "duration", 0, "how long to go on, such as 10m (default: until interrupted)")
	flags.Var(count[uint64]{&f.Runs, 0, "go on without end"}, "runs", "try `N` acts of one or more scenarios")
	flags.Var(count[int]{&f.MaxFindings, 0, "go on whatever is found"}, "max-findings", "end when `N` kinds of failure were found; without --strict, those that break only a SHOULD do not count")
	flags.StringVar(&f.shard, "shard", "", "try part `I/N` of all acts, such as 1/4; no two parts have one in common")
	flags.StringVar(&f.replay, "replay", "", "play only the act with this index, or those in this file, finding's folder or folder of findings, and say whether they fail: `INDEX|PATH`")
	flags.StringVar(&f.Out, "out", live.DefaultOut, "the `FOLDER` in which findings are saved, made when there is one; '' saves none")
	flags.StringVar(&f.Corpus, "corpus", "", "a `FOLDER` to go on from: what reached something new is kept there and tried first")
	flags.StringArrayVar(&f.reports, "report", nil, "also write the summary as `FORMAT=PATH`: json or text; - is stdout; repeatable")
	flags.BoolVar(&f.Coverage, "coverage", false, "have the coverage of a server that was built to tell it choose what is tried")
	flags.Var(count[int]{&f.Lanes, live.MaxLanes, "play as many as the peer serves well"}, "lanes", "how many connections are played at once (default: as many as the peer serves well, at most 8)")
	flags.Var(count[int]{&f.MaxLength, spec.MaxContentLen, "send also the longest that there are"}, "max-length", "the longest content that is sent, in bytes (default 16777215)")
	flags.DurationVar(&f.Timeout, "timeout", 0, "how long the peer may go without progress (default: from its round trips, at least 1s)")
	flags.StringVar(&f.restart, "restart", string(runner.RestartNeeded), "`WHEN` the server is started anew: needed, or always, for each session, of which there is then one at a time")
	flags.DurationVar(&f.StartTimeout, "start-timeout", 0, "how long the peer may take to listen (default 15s)")
	flags.BoolVar(&f.Strict, "strict", false, "a broken SHOULD, otherwise a warning, counts as found")
	return cmd
}

func fuzz(cmd *cobra.Command, f *fuzzFlags, args []string) error {
	if err := f.read(cmd, args); err != nil {
		return err
	}
	reports, err := openSummaries(f.reports)
	if err != nil {
		return err
	}
	defer reports.close()
	undo, err := f.openFolders()
	if err != nil {
		return err
	}
	defer undo()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if f.Guard, err = guarded(); err != nil {
		return err
	}
	defer f.Guard.Close()
	collectSeldom(1)
	runtime.GOMAXPROCS(max(runtime.GOMAXPROCS(0), f.threads())) // each lane holds one in its system calls
	f.Program = called()
	f.Progress = live.NewLine(os.Stderr, width(os.Stderr))
	sum, err := live.Run(ctx, f.Options)
	if errors.Is(err, live.ErrUsage) {
		return usageError(err)
	}
	if sum == nil {
		return exitError{exitInconclusive, err}
	}
	err = reports.write(sum)
	if err != nil {
		err = fmt.Errorf("writing the summary: %w", err)
	}
	switch {
	case sum.Result == live.Found:
		return exitError{exitFound, err}
	case err == nil && (sum.Result == live.Clean || sum.Result == live.Warned):
		return nil
	default:
		return exitError{exitInconclusive, err}
	}
}

func (f *fuzzFlags) threads() int {
	if f.Lanes > 0 {
		return min(f.Lanes, live.MaxLanes) + 2
	}
	return 10
}

// read checks what the command line says.
func (f *fuzzFlags) read(cmd *cobra.Command, args []string) error {
	if role := spec.Role(f.role); role != spec.Server && role != spec.Client {
		return usageErrorf("--role %q cannot be fuzzed; the role is server or client", f.role)
	}
	if err := commandBehind(cmd, args); err != nil {
		return err
	}
	if cmd.Flags().Changed("duration") && f.Duration <= 0 {
		return usageErrorf("--duration is %v; it must be more than 0, or left out to go on until interrupted", f.Duration)
	}
	if cmd.Flags().Changed("timeout") && (f.Timeout < leastTimeout || f.Timeout > mostTimeout) {
		return usageErrorf("--timeout is %v; it must be from %v to %v", f.Timeout, leastTimeout, mostTimeout)
	}
	var err error
	if f.Restart, err = runner.ParseRestart(f.restart); err != nil {
		return usageError(err)
	}
	if f.shard != "" {
		if f.Shard, err = runner.ParseShard(f.shard); err != nil {
			return usageError(err)
		}
	}
	if f.replay != "" {
		if f.Replays, err = f.toReplay(); err != nil {
			return usageErrorf("--replay: %v", err)
		}
		f.Out = ""
	}
	f.Role, f.Command = spec.Role(f.role), args
	if len(args) == 0 {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("finding this program for the embedded reference: %w", err)
		}
		f.Command, f.Embedded = append([]string{self}, reference(f.Role)...), true
	}
	return nil
}

// openFolders makes the folders that are to be written to. What it returns removes them again where nothing was.
func (f *fuzzFlags) openFolders() (undo func(), err error) {
	var undos []func()
	undo = func() {
		for _, one := range undos {
			one()
		}
	}
	for _, folder := range []struct{ flag, path, or string }{
		{"out", f.Out, "; --out '' saves no findings"},
		{"corpus", f.Corpus, ""},
	} {
		if folder.path == "" {
			continue
		}
		one, err := openFolder(folder.path)
		if err != nil {
			undo()
			return nil, usageErrorf("--%s: the folder %q cannot be written to: %v%s", folder.flag, folder.path, err, folder.or)
		}
		undos = append(undos, one)
	}
	return undo, nil
}

// toReplay returns what --replay names.
func (f *fuzzFlags) toReplay() ([]live.Replay, error) {
	if index, err := strconv.ParseUint(f.replay, 10, 64); err == nil {
		return []live.Replay{{Name: "act " + f.replay, Acts: []live.Act{live.ActAt(spec.Role(f.role), f.Seed, index, f.MaxLength)}}}, nil
	}
	return live.ReadReplays(f.replay)
}

// summaries are where the summary goes: the text to the terminal, and what --report asks for.
type summaries struct {
	text  io.Writer
	files []summaryFile
}

type summaryFile struct {
	asJSON bool
	path   string
	file   *pending // nil for stdout
}

// openSummaries opens the files before the run, so that a path that cannot be written is found then.
func openSummaries(specs []string) (_ *summaries, err error) {
	s := &summaries{text: os.Stdout}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	for _, spec := range specs {
		format, path, ok := strings.Cut(spec, "=")
		if !ok || path == "" || format != "json" && format != "text" {
			return nil, usageErrorf("--report %q is not json=PATH or text=PATH", spec)
		}
		for _, other := range s.files {
			if other.path == path || path != "-" && samePath(other.path, path) {
				return nil, usageErrorf("--report writes to %q twice", path)
			}
		}
		one := summaryFile{asJSON: format == "json", path: path}
		if path == "-" {
			s.text = os.Stderr
		} else if one.file, err = openPending(path); err != nil {
			return nil, usageErrorf("--report %s: cannot be written: %v", spec, err)
		}
		s.files = append(s.files, one)
	}
	return s, nil
}

func (s *summaries) write(sum *live.Summary) error {
	errs := []error{sum.WriteText(s.text)}
	for _, f := range s.files {
		errs = append(errs, f.write(sum))
	}
	return errors.Join(errs...)
}

// close closes the files; nothing is left of those that were not written.
func (s *summaries) close() {
	for _, f := range s.files {
		f.file.close()
	}
}

func (f summaryFile) write(sum *live.Summary) error {
	fill := sum.WriteText
	if f.asJSON {
		fill = sum.WriteJSON
	}
	if f.file == nil {
		return fill(os.Stdout)
	}
	return f.file.write(fill)
}
