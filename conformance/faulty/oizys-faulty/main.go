// Command oizys-faulty is one deliberately wrong peer, or an odd one, as `oizys faulty` is, and nothing else. It starts in
// less than half the time, and a selftest starts thousands.
//
//	oizys-faulty server NAME SOCKET
//	oizys-faulty client NAME -e SOCKET -m MESSAGE
//	oizys-faulty driver NAME
//
// Its exit codes are those of the peer, and 2 for a wrong command line.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/oizys-protocol/oizys/conformance/faulty"
)

var errUsage = errors.New("usage: oizys-faulty server NAME SOCKET, or client NAME -e SOCKET -m MESSAGE, or driver NAME")

func main() {
	status, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintf(os.Stderr, "oizys-faulty: %v\n", err)
		status = 2
	}
	os.Exit(status)
}

// run is the peer that the command line asks for, and returns its exit code. An error is one of the command line.
func run(args []string) (status int, err error) {
	if len(args) < 2 {
		return 0, errUsage
	}
	role, name, rest := args[0], args[1], args[2:]
	switch {
	case role == "server" && len(rest) == 1:
		return 0, serve(name, rest[0])
	case role == "client":
		return request(name, rest)
	case role == "driver" && len(rest) == 0:
		return 0, faulty.RunDriver(name, os.Stdin, os.Stdout, os.Stderr)
	}
	return 0, errUsage
}

func serve(name, socket string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	return faulty.Serve(ctx, socket, name, os.Stdout)
}

func request(name string, args []string) (status int, err error) {
	flags := flag.NewFlagSet("client", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the error says it
	socket := flags.String("e", "", "")
	message := flags.String("m", "", "")
	if err := flags.Parse(args); err != nil {
		return 0, err
	}
	if *socket == "" || flags.NArg() > 0 {
		return 0, errUsage
	}
	return faulty.RunClient(context.Background(), name, faulty.ClientOptions{Socket: *socket, Message: []byte(*message), Out: os.Stdout, Err: os.Stderr})
}
