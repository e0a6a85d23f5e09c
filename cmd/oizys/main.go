// Command oizys proves that a program speaks the oizys protocol.
//
//	oizys certify -- ./echo-server {socket}
//
// certifies a server; `oizys help` lists the rest. Its exit codes are 0 (conforming, or done), 1 (non-conforming, or
// something was found), 2 (usage) and 3 (inconclusive).
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

// run executes one command line and returns the exit code.
func run(args []string) int {
	root := newRootCommand()
	root.SetArgs(args)
	err := root.Execute()
	if err != nil && err.Error() != "" {
		fmt.Fprintf(os.Stderr, "oizys: %v\n", err)
	}
	return codeOf(err)
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "oizys",
		Short:         "Prove that a program speaks the oizys protocol",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageErrorf("unknown command %q; `oizys help` lists the commands", args[0])
			}
			return cmd.Help()
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(newSelftestCommand(), newCertifyCommand(), newListCommand(), newExplainCommand(), newPeerCommand(), newVectorsCommand(), newReportCommand(), newRejudgeCommand(), newFaultyCommand(), newFuzzCommand(), newGuardCommand())
	return root
}
