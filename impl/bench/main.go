// Command bench measures the session of this project beside other ways of carrying messages over a Unix socket: messages
// and bytes per second, round trips, allocations, and the memory of idle sessions.
//
// Begin with README.md, which says how to read the result. The program runs itself a second time as the receiving
// process. The contenders are in internal/contender; what a result must reach is in aims.go. Judging whether a peer
// conforms to the protocol is out of scope: see the command oizys.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == receiverCommand {
		exitOn(receive(os.Args[2], os.Stdin, os.Stdout), 1)
		return
	}
	opts, err := parseOptions(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	exitOn(err, 2)
	exitOn(bench(opts, os.Stdout, os.Stderr), 1)
}

func exitOn(err error, code int) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(code)
	}
}

// bench measures and writes the report to out, and what it is doing to progress.
func bench(opts options, out, progress io.Writer) error {
	stop, err := startProfile(opts.cpuProfile)
	if err != nil {
		return err
	}
	report, err := measure(opts, progress)
	if err := errors.Join(err, stop()); err != nil {
		return err
	}
	return report.write(out, opts.format)
}
