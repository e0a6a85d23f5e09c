package main

import (
	"fmt"
	"io"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/oizys-protocol/oizys/conformance/faulty"
)

// newFaultyCommand returns the hidden command that lists and runs the suite's deliberately wrong servers.
func newFaultyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:    "faulty",
		Short:  "List and run the deliberately wrong servers that prove the suite",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	cmd.AddCommand(newFaultyListCommand(), newFaultyServerCommand())
	return cmd
}

func newFaultyListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Print every fault and every odd but conforming habit",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return printFaults(cmd.OutOrStdout(), append(faulty.Faults(), faulty.Habits()...))
		},
	}
}

func printFaults(out io.Writer, faults []faulty.Fault) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tCLASS\tBREAKS\tWARNS")
	for _, f := range faults {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", f.Name, f.Class, orDash(f.Breaks), orDash(f.Warns))
	}
	return table.Flush()
}

func orDash(ids []string) string {
	if len(ids) == 0 {
		return "-"
	}
	return strings.Join(ids, ",")
}

func newFaultyServerCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "server NAME SOCKET",
		Short: "Serve at SOCKET with the fault or habit NAME; none is the correct server",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usageErrorf("faulty server needs NAME and SOCKET, got %d arguments", len(args))
			}
			if _, ok := faulty.Find(args[0]); !ok && args[0] != "none" {
				return usageErrorf("no fault is called %q; `oizys faulty list` lists them", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			if err := faulty.Serve(ctx, args[1], args[0], cmd.OutOrStdout()); err != nil {
				return usageErrorf("faulty server %s: %w", args[0], err)
			}
			return nil
		},
	}
}
