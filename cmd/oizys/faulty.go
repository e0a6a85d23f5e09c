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
	"github.com/oizys-protocol/oizys/spec"
)

// newFaultyCommand returns the command that lists and runs the suite's deliberately wrong peers.
func newFaultyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "faulty",
		Short: "List and run the deliberately wrong peers that prove the suite",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	cmd.AddCommand(newFaultyListCommand(), newFaultyServerCommand(), newFaultyClientCommand(), newFaultyDriverCommand())
	return cmd
}

func newFaultyListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Print every fault and every odd but conforming habit",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var all []faulty.Fault
			for _, role := range spec.Roles() {
				all = append(append(all, faulty.Faults(role)...), faulty.Habits(role)...)
			}
			return printFaults(cmd.OutOrStdout(), all)
		},
	}
}

func printFaults(out io.Writer, faults []faulty.Fault) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ROLE\tNAME\tCLASS\tBREAKS\tWARNS")
	for _, f := range faults {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", f.Role, f.Name, f.Class, orDash(f.Breaks), orDash(f.Warns))
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
			return knownFault(spec.Server, args[0])
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

func newFaultyClientCommand() *cobra.Command {
	var o faulty.ClientOptions
	var message string
	cmd := &cobra.Command{
		Use:   "client NAME -e SOCKET -m MESSAGE",
		Short: "Send MESSAGE and print the reply with the fault or habit NAME; none is the correct client",
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) != 1:
				return usageErrorf("faulty client needs one NAME, got %d arguments", len(args))
			case o.Socket == "":
				return usageErrorf("the socket's path is missing: -e SOCKET")
			}
			return knownFault(spec.Client, args[0])
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Message, o.Out, o.Err = []byte(message), cmd.OutOrStdout(), cmd.ErrOrStderr()
			status, err := faulty.RunClient(cmd.Context(), args[0], o)
			if err != nil {
				return usageErrorf("faulty client %s: %w", args[0], err)
			}
			return exitError{code: status}
		},
	}
	cmd.Flags().StringVarP(&o.Socket, "endpoint", "e", "", "the server's socket `path`")
	cmd.Flags().StringVarP(&message, "message", "m", "", "the `text` to send")
	return cmd
}

func newFaultyDriverCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "driver NAME",
		Short: "Do what standard input says with the fault or habit NAME; none is the correct driver",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageErrorf("faulty driver needs one NAME, got %d arguments", len(args))
			}
			return knownFault(spec.Driver, args[0])
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return faulty.RunDriver(args[0], cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
}

// knownFault returns a usage error for a name that is no fault of the role.
func knownFault(role spec.Role, name string) error {
	if _, ok := faulty.FindOf(role, name); name != "none" && !ok {
		return usageErrorf("no fault of a %s is called %q; `oizys faulty list` lists them", role, name)
	}
	return nil
}
