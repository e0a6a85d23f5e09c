package main

import (
	"context"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/oizys-protocol/oizys/impl/peer"
)

// newPeerCommand returns "oizys peer": the reference implementation as programs that speak the protocol.
func newPeerCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "peer",
		Short: "Run the reference implementation as a server, a client or a driver",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usageErrorf("%s needs a subcommand: server, client or driver", cmd.CommandPath())
		},
	}
	cmd.AddCommand(newPeerServerCommand(), newPeerClientCommand(), newPeerDriverCommand())
	return cmd
}

func newPeerServerCommand() *cobra.Command {
	var socket string
	cmd := &cobra.Command{
		Use:   "server [--socket] PATH",
		Short: "Listen on a Unix socket and send every message back",
		Long: `Listen on the Unix socket PATH and send every message back, in any number of sessions at once.

The line "ready PATH" is printed when connections are accepted. SIGTERM and SIGINT end the server, which then removes its
socket. A socket that someone serves is not taken over; one that a dead server left behind is replaced.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := onePath(socket, args)
			if err != nil {
				return err
			}
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			return failed(exitUsage, peer.Serve(ctx, path, peer.ServerOptions{Ready: cmd.OutOrStdout(), Report: cmd.ErrOrStderr()}))
		},
	}
	cmd.Flags().StringVar(&socket, "socket", "", "the `path` to listen on")
	return cmd
}

func newPeerClientCommand() *cobra.Command {
	var endpoint, message string
	cmd := &cobra.Command{
		Use:   "client -e PATH -m MESSAGE",
		Short: "Send one message and print the reply",
		Long: `Connect to the Unix socket PATH, send MESSAGE, print the content of the reply and a line end.

Without a valid reply nothing is printed on standard output, and the exit status is 1.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageErrorf("unexpected argument %q", args[0])
			}
			if endpoint == "" {
				return usageErrorf("the socket's path is missing: -e PATH")
			}
			if message == "" {
				return usageErrorf("the message is missing or empty, and an empty message is prohibited: -m MESSAGE")
			}
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			return failed(exitFound, peer.RunClient(ctx, endpoint, []byte(message), cmd.OutOrStdout()))
		},
	}
	cmd.Flags().StringVarP(&endpoint, "endpoint", "e", "", "the server's socket `path`")
	cmd.Flags().StringVarP(&message, "message", "m", "", "the `text` to send")
	return cmd
}

func newPeerDriverCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "driver",
		Short: "Do with sessions what is read as JSON Lines, and print what comes of it",
		Long: `Read commands as JSON Lines on standard input, do them with the reference's sessions, and print replies and events as
JSON Lines. docs/driver.md says what they are.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return failed(exitFound, peer.RunDriver(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout()))
		},
	}
}

// onePath returns the socket's path, which is given either by flag or as the only argument.
func onePath(flag string, args []string) (string, error) {
	if flag != "" {
		args = append([]string{flag}, args...)
	}
	switch {
	case len(args) == 0 || args[0] == "":
		return "", usageErrorf("the socket's path is missing")
	case len(args) > 1:
		return "", usageErrorf("one socket path is needed, and %d are given", len(args))
	}
	return args[0], nil
}

func untilSignal(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx == nil {
		ctx = context.Background()
	}
	return signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
}

// failed gives an error an exit code.
func failed(code int, err error) error {
	if err == nil {
		return nil
	}
	return exitError{code: code, err: err}
}
