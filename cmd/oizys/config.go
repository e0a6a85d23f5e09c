package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/oizys-protocol/oizys/conformance/known"
	"github.com/oizys-protocol/oizys/conformance/peersfile"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/runner"
)

// configFlags are the flags for certifying the peers of a file.
type configFlags struct {
	file string
	only []string
}

func (c *configFlags) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.file, "config", "", "certify the peers that the YAML `FILE` lists, one after the other")
	cmd.Flags().StringArrayVar(&c.only, "peer", nil, "of the peers in --config only the one called `NAME`; repeatable")
}

// given reports whether the command line asks for a file's peers. The error says what does not go with that.
func (c *configFlags) given(cmd *cobra.Command, args []string) (bool, error) {
	if !cmd.Flags().Changed("config") {
		if len(c.only) > 0 {
			return false, usageErrorf("--peer names a peer of a file, and there is no --config")
		}
		return false, nil
	}
	if len(args) > 0 {
		return false, usageErrorf("--config says what to run: there can be no command behind --")
	}
	ours := 1
	if cmd.Flags().Changed("peer") {
		ours++
	}
	if cmd.Flags().NFlag() > ours {
		return false, usageErrorf("--config goes with no other flag but --peer: give the others in the file, to each peer")
	}
	return true, nil
}

// certify certifies the peers one after the other and shows what each came to. The worst exit code is the whole's.
func (c *configFlags) certify(out io.Writer) error {
	peers, err := c.peers()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	var rows strings.Builder
	var others []string // that do not conform
	codes := map[int]bool{}
	for _, p := range peers {
		code, result := exitInconclusive, report.Inconclusive // not begun
		if ctx.Err() == nil {
			fmt.Fprintf(os.Stderr, "\n── %s\n", report.Printable(p.Name))
			code, result = certifyPeer(p.Args(filepath.Dir(c.file)))
		}
		codes[code] = true
		if result != report.Conforming {
			others = append(others, report.Printable(p.Name))
		}
		fmt.Fprintf(&rows, "  %-20s %s\n", report.Printable(p.Name), meaning(code, result))
	}
	if _, err := fmt.Fprintf(out, "\nPeers of %s\n%s%s\n", report.Printable(c.file), &rows, howMany(len(peers), others)); err != nil {
		return err
	}
	for _, code := range []int{exitUsage, exitFound, exitInconclusive} {
		if codes[code] {
			return exitError{code: code}
		}
	}
	return nil
}

// howMany says how many of all peers conform, and names the others.
func howMany(all int, others []string) string {
	text := fmt.Sprintf("%d of %d conform", all-len(others), all)
	if all-len(others) == 1 {
		text += "s"
	}
	if len(others) > 0 {
		text += "; not shown to conform: " + strings.Join(others, ", ")
	}
	return text
}

// certifyPeer runs one command line of certify and returns its exit code and its result, which of one that could not be
// run is empty.
func certifyPeer(args []string) (code int, result report.Result) {
	var f certifyFlags
	root := newRootCommand()
	root.RemoveCommand(root.Commands()...)
	root.AddCommand(certifyCommand(&f))
	code = execute(root, append([]string{"certify"}, args...))
	if f.report != nil {
		result = f.report.Result
	}
	return code, result
}

// peers returns the peers that are to be certified. The error names the line of what is wrong with any in the file.
func (c *configFlags) peers() ([]peersfile.Peer, error) {
	src, err := os.ReadFile(c.file)
	if err != nil {
		return nil, usageErrorf("--config: the file cannot be read: %v", err)
	}
	dir := filepath.Dir(c.file)
	peers, err := peersfile.ParseIn(src, dir, func(p peersfile.Peer) error { return checkPeer(p, dir) })
	if err != nil {
		return nil, usageErrorf("--config: %s is %w", c.file, err)
	}
	for _, name := range c.only {
		if !slices.ContainsFunc(peers, func(p peersfile.Peer) bool { return p.Name == name }) {
			return nil, usageErrorf("--peer: there is no %q in %s", name, c.file)
		}
	}
	return slices.DeleteFunc(peers, func(p peersfile.Peer) bool { return len(c.only) > 0 && !slices.Contains(c.only, p.Name) }), nil
}

// checkPeer reports which of a peer's values certify would refuse. All is checked anew with each flag, so that what is found
// is about the last one.
func checkPeer(p peersfile.Peer, dir string) error {
	whole := certifyCommand(&certifyFlags{})
	if err := whole.ParseFlags(p.Args(dir)); err == nil { // else the flag is found below
		if err := commandBehind(whole, p.Command); err != nil {
			return &peersfile.FlagError{Flag: "command", Err: err}
		}
	}
	var f certifyFlags
	f.Command = p.Command
	cmd := certifyCommand(&f)
	first := func(flag [2]string) int { return slices.Index([]string{"role", "attach"}, flag[0]) } // what the others depend on
	given := p.Given(dir)
	slices.SortStableFunc(given, func(a, b [2]string) int { return first(b) - first(a) })
	if len(given) == 0 || first(given[0]) < 0 {
		if err := runner.Check(f.Options); err != nil {
			return &peersfile.FlagError{Flag: "command", Err: usageError(err)}
		}
	}
	seen := map[string]int{}
	for _, flag := range given {
		err := cmd.Flags().Set(flag[0], flag[1])
		if err != nil {
			err = errors.New(plainFlagError(err))
		} else {
			err = f.checkWith(cmd, flag[0])
		}
		if err != nil {
			return &peersfile.FlagError{Flag: flag[0], Index: seen[flag[0]], Err: err}
		}
		seen[flag[0]]++
	}
	return nil
}

// checkWith reports what is wrong since the named flag was given.
func (f *certifyFlags) checkWith(cmd *cobra.Command, name string) error {
	if err := f.check(cmd); err != nil {
		return err
	}
	switch name {
	case "known":
		if err := f.known.read(&f.Options); err != nil {
			return err
		}
	case "report":
		reports, err := openReports(f.reports)
		if err != nil {
			return err
		}
		reports.close()
	}
	err := runner.Check(f.Options)
	switch {
	case errors.Is(err, known.ErrInvalid):
		return usageErrorf("--known: %s: %w", f.known.from, usageError(err))
	case err != nil:
		return usageError(err)
	}
	return nil
}

// meaning says what the exit code and the result of certify say.
func meaning(code int, result report.Result) string {
	switch {
	case code == exitDone && result == report.Conforming:
		return "passes"
	case code == exitDone:
		return "passes: non-conforming, and all that fails is known"
	case code == exitFound && result == report.Conforming:
		return "fails: conforming, and its list of known failures does not fit"
	case code == exitFound:
		return "fails: non-conforming"
	case code == exitUsage:
		return "could not be run: see above"
	default:
		return "inconclusive"
	}
}
