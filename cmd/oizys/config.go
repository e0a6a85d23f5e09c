package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/oizys-protocol/oizys/conformance/peersfile"
	"github.com/oizys-protocol/oizys/conformance/report"
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
	codes := map[int]bool{}
	for _, p := range peers {
		code := exitInconclusive // not begun
		if ctx.Err() == nil {
			fmt.Fprintf(os.Stderr, "\n── %s\n", report.Printable(p.Name))
			code = run(append([]string{"certify"}, p.Args(filepath.Dir(c.file))...))
		}
		codes[code] = true
		fmt.Fprintf(&rows, "  %-20s %s\n", report.Printable(p.Name), meaning(code))
	}
	if _, err := fmt.Fprintf(out, "\nPeers of %s\n%s", report.Printable(c.file), &rows); err != nil {
		return err
	}
	for _, code := range []int{exitUsage, exitFound, exitInconclusive} {
		if codes[code] {
			return exitError{code: code}
		}
	}
	return nil
}

func (c *configFlags) peers() ([]peersfile.Peer, error) {
	src, err := os.ReadFile(c.file)
	if err != nil {
		return nil, usageErrorf("--config: the file cannot be read: %v", err)
	}
	peers, err := peersfile.Parse(src)
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

// meaning says what an exit code of certify says.
func meaning(code int) string {
	switch code {
	case exitDone:
		return "passes"
	case exitFound:
		return "fails: non-conforming, or its list of known failures does not fit"
	case exitUsage:
		return "could not be run: see above"
	default:
		return "inconclusive"
	}
}
