package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/oizys-protocol/oizys/conformance/diagnosis"
	"github.com/oizys-protocol/oizys/conformance/selftest"
	"github.com/oizys-protocol/oizys/spec"
)

// newSelftestCommand returns the command that certifies every faulty peer.
func newSelftestCommand() *cobra.Command {
	var o selftest.Options
	var roles []string
	var reports []string
	var peers string
	var diagnose bool
	cmd := &cobra.Command{
		Use:   "selftest",
		Short: "Certify every deliberately wrong peer, and print what found which defect",
		Long: `Selftest certifies every faulty peer of this program, and every odd but conforming one, and prints the kill matrix: which
requirement each defect was found to break and by how many cases, the defects that nothing found, the alarms that were
false, and the cases that found nothing.

A defect is put through the cases in stages, until it is found; --full runs all of them against every peer, and only then
is anything said of cases that found nothing.

Exit codes: 0 every defect is found and no alarm is false, 1 not so, 2 usage, 3 interrupted.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, role := range roles {
				if err := checkRole(role); err != nil {
					return err
				}
				o.Roles = append(o.Roles, spec.Role(role))
			}
			var err error
			if o.Peers, err = faultyPeers(peers); err != nil {
				return err
			}
			return runSelftest(cmd, o, reports, diagnose)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&roles, "role", nil, "only the peers of this `ROLE`; repeatable")
	flags.StringArrayVar(&o.Only, "fault", nil, "only the faults and habits that match `GLOB`, such as 'length-*'; repeatable")
	flags.IntVar(&o.Jobs, "jobs", 0, fmt.Sprintf("how many peers are certified beside each other (default %d)", selftest.DefaultJobs))
	flags.Uint64Var(&o.Seed, "seed", 0, "what random cases are made from")
	flags.StringVar(&peers, "peers", "", "the `PROGRAM` that is every peer, which ./conformance/faulty/oizys-faulty makes and which starts sooner than this one (default: this one)")
	flags.BoolVar(&o.Full, "full", false, "run every case against every peer, also when the defect is found")
	flags.StringArrayVar(&reports, "report", nil, "also write the matrix as `FORMAT=PATH`: json, with every finding; md, the page; or dictionary, which takes a folder and --full; repeatable")
	flags.BoolVar(&diagnose, "diagnose", false, "with --full, say how often the program's diagnosis names the defect")
	return cmd
}

// faultyPeers returns the first words of the peers' command lines: the program of that path, or this one.
func faultyPeers(path string) ([]string, error) {
	if path != "" {
		found, err := exec.LookPath(path)
		if err != nil {
			return nil, usageErrorf("--peers: %w; go build -o %s ./conformance/faulty/oizys-faulty makes it", err, path)
		}
		return []string{found}, nil
	}
	own, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program for the faulty peers: %w", err)
	}
	return []string{own, "faulty"}, nil
}

// runsAtTheLimit is how many of the runs beside each other may need the memory of a whole run at once.
const runsAtTheLimit = 4

func runSelftest(cmd *cobra.Command, o selftest.Options, reports []string, diagnose bool) error {
	if o.Jobs < 0 {
		return usageErrorf("--jobs is %d; it must be 0 or more", o.Jobs)
	}
	if diagnose && !o.Full {
		return usageErrorf("--diagnose needs --full: a diagnosis rests on all cases")
	}
	files, err := openMatrices(reports, o)
	if err != nil {
		return err
	}
	defer closeMatrices(files)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if o.Guard, err = guarded(); err != nil {
		return exitError{exitInconclusive, err}
	}
	defer o.Guard.Close()
	collectSeldom(runsAtTheLimit)
	o.Done = func(row selftest.Row) { fmt.Fprintf(os.Stderr, "%5.1f s  %s\n", row.Seconds, row.Line()) }
	m, err := selftest.Run(ctx, o)
	switch {
	case errors.Is(err, selftest.ErrUsage):
		return usageError(err)
	case err != nil && m == nil:
		return exitError{exitInconclusive, err}
	}
	if wrong := writeMatrices(files, m); wrong != nil {
		return exitError{exitInconclusive, wrong}
	}
	if err := m.WriteText(cmd.OutOrStdout()); err != nil {
		return exitError{exitInconclusive, err}
	}
	if diagnose && err == nil {
		if wrong := writeScores(cmd.OutOrStdout(), m); wrong != nil {
			return exitError{exitInconclusive, wrong}
		}
	}
	switch {
	case err != nil:
		return exitError{exitInconclusive, errors.New("interrupted; the matrix holds what was finished")}
	case !m.Good():
		return exitError{code: exitFound}
	}
	return nil
}

// writeScores says how often the embedded dictionaries name the defects of a full matrix.
func writeScores(w io.Writer, m *selftest.Matrix) error {
	for _, role := range m.Roles() {
		known, err := diagnosis.Embedded(role)
		if err != nil {
			return err
		}
		if err := selftest.WriteScore(w, m.Diagnose(role, known)); err != nil {
			return err
		}
	}
	return nil
}
