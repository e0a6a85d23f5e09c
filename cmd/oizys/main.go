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
	"strings"

	"github.com/spf13/cobra"

	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/vectors"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

// run executes one command line and returns the exit code.
func run(args []string) int { return execute(rootOf(commandsFor(args)...), args) }

func execute(cmd *cobra.Command, args []string) int {
	cmd.SetArgs(args)
	err := cmd.Execute()
	if err != nil && err.Error() != "" {
		fmt.Fprintf(os.Stderr, "oizys: %v\n", err)
	}
	return codeOf(err)
}

// commandsFor makes the commands that may be meant: what is a process for each message of a run is to start fast, and is
// made alone with what is below it.
func commandsFor(args []string) []*cobra.Command {
	if len(args) > 0 {
		switch args[0] {
		case "peer":
			return []*cobra.Command{newPeerCommand()}
		case "faulty":
			return []*cobra.Command{newFaultyCommand()}
		}
	}
	return everyCommand()
}

func everyCommand() []*cobra.Command {
	return []*cobra.Command{newSelftestCommand(), newCertifyCommand(), newListCommand(), newExplainCommand(), newPeerCommand(),
		newVectorsCommand(), newReportCommand(), newRejudgeCommand(), newFaultyCommand(), newFuzzCommand(), newGuardCommand()}
}

func newRootCommand() *cobra.Command { return rootOf(everyCommand()...) }

func rootOf(commands ...*cobra.Command) *cobra.Command {
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
	root.Version = suite.Version
	cobra.AddTemplateFunc("digest", vectorsDigest) // asked for only then: reading the vectors takes longer than to start
	root.SetVersionTemplate("oizys suite {{.Version}}, vectors {{digest}}\n")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageErrorf("%s", plainFlagError(err)) })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(commands...)
	return root
}

func vectorsDigest() (string, error) {
	set, err := vectors.Embedded()
	if err != nil {
		return "", err
	}
	return set.Digest(), nil
}

// plainFlagError says what is wrong with a flag's value without the name of the function that found it.
func plainFlagError(err error) string {
	text := err.Error()
	at := strings.Index(text, ": strconv.Parse")
	switch {
	case strings.Contains(text, ": time: "):
		return strings.Replace(text, ": time: ", ": ", 1) + "; it is a number with a unit, such as 5s or 500ms"
	case at < 0:
		return text
	case strings.Contains(text[at:], "ParseBool"):
		return text[:at] + ": it must be true or false"
	case strings.Contains(text[at:], "ParseUint"):
		return text[:at] + ": it must be a whole number, 0 or more"
	case strings.Contains(text[at:], "ParseInt"):
		return text[:at] + ": it must be a whole number"
	default:
		return text[:at]
	}
}

// commandBehind checks that what stands behind --, if anything, is a command.
func commandBehind(cmd *cobra.Command, args []string) error {
	at := cmd.ArgsLenAtDash()
	switch {
	case len(args) > 0 && at != 0:
		return usageErrorf("unexpected argument %q; the peer's command goes behind --, as in `oizys %s -- %s`", args[0], cmd.Name(), strings.Join(args, " "))
	case at == 0 && len(args) == 0:
		return usageErrorf("there is no command behind --")
	case len(args) > 0 && strings.TrimSpace(args[0]) == "":
		return usageErrorf("the command behind -- begins with %q, which is no program's name", args[0])
	}
	return nil
}
