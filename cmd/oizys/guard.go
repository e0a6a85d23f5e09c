package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/oizys-protocol/oizys/conformance/process"
)

// guardName is the hidden command that makes this program a guard.
const guardName = "guard"

// newGuardCommand returns the hidden command that runs beside those that start peers, and clears away what they leave
// when they are killed.
func newGuardCommand() *cobra.Command {
	return &cobra.Command{
		Use:    guardName,
		Short:  "Clear away what a runner leaves when it is killed; it is started by the runner",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE:   func(*cobra.Command, []string) error { return failed(exitInconclusive, process.StandGuard(os.Stdin)) },
	}
}

// guarded makes this process the reaper of orphans, and starts its guard.
func guarded() (*process.Guard, error) {
	if err := process.Adopt(); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program for the guard: %w", err)
	}
	return process.StartGuard(self, guardName)
}
