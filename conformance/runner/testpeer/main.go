// Command testpeer is the peers of the runner's tests: faulty ones, and such as only the tests have.
//
//	testpeer client WRONG SOCKET MESSAGE
//	testpeer KIND ARG SOCKET
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/oizys-protocol/oizys/conformance/faulty"
)

func main() {
	switch args := os.Args[1:]; {
	case len(args) == 4 && args[0] == "client":
		c := &testClient{wrong: args[1], message: []byte(args[3])}
		os.Exit(c.run(args[2]))
	case len(args) == 3:
		os.Exit(peer(args[0], args[1], args[2]))
	}
	fmt.Fprintln(os.Stderr, "usage: testpeer client WRONG SOCKET MESSAGE, or KIND ARG SOCKET")
	os.Exit(2)
}

// peer is a server or a driver of some kind.
func peer(kind, arg, socket string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	var err error
	switch kind {
	case "faulty": // the faulty peer called arg
		err = faulty.Serve(ctx, socket, arg, os.Stdout)
	case "stops": // an echo server that stops its own process when it gets an empty message
		err = tolerate(socket, func() bool {
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP) // another thread may run on for a moment
			for {
				time.Sleep(time.Hour)
			}
		})
	case "driver": // the faulty driver called arg
		err = faulty.RunDriver(arg, os.Stdin, os.Stdout, os.Stderr)
	case "deaf": // the faulty peer called arg, which takes no notice of SIGQUIT
		signal.Ignore(syscall.SIGQUIT)
		err = faulty.Serve(ctx, socket, arg, os.Stdout)
	case "spins": // an echo server whose sessions read on and on at the end of their stream
		err = spin(socket)
	case "fills-late": // one that takes its time to write to what it sets aside for large content
		err = fillLate(socket)
	case "later": // an echo server that aborts 300 ms after an empty message
		err = tolerate(socket, func() bool { return atLeisure(syscall.SIGABRT, 300*time.Millisecond) })
	case "stops-later": // one that stops its own process then
		err = tolerate(socket, func() bool { return atLeisure(syscall.SIGSTOP, 300*time.Millisecond) })
	case "timer": // one that aborts a second after its start, whatever it is asked
		atLeisure(syscall.SIGABRT, time.Second)
		err = tolerate(socket, func() bool { return false })
	case "adds-up": // one that aborts 300 ms after its fifth empty message
		var empty atomic.Int32
		err = tolerate(socket, func() bool { return empty.Add(1) == 5 && atLeisure(syscall.SIGABRT, 300*time.Millisecond) })
	case "once-later": // one that aborts 100 ms after its first empty message, and not again while the file arg is there
		err = tolerate(socket, func() bool { return counted(arg) == 1 && atLeisure(syscall.SIGABRT, 100*time.Millisecond) })
	case "deaf-later": // one that answers nobody any more 100 ms after an empty message
		var deaf atomic.Bool
		err = tolerate(socket, func() bool {
			time.AfterFunc(100*time.Millisecond, func() { deaf.Store(true) })
			return false
		}, &deaf)
	case "leaks": // one that ends as with a leak that a sanitizer reports
		go func() { err = tolerate(socket, func() bool { return false }) }()
		<-ctx.Done()
		fmt.Fprintln(os.Stderr, "==1==ERROR: LeakSanitizer: detected memory leaks")
		return 23
	case "every-other": // an echo server that takes every other empty message, counted in the file arg, for nothing
		err = tolerate(socket, func() bool { return counted(arg)%2 == 1 })
	case "killed-once": // one that is killed when it gets its first empty message, and not again while the file arg is there
		err = tolerate(socket, func() bool {
			if counted(arg) == 1 {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // it does not return
			}
			return false
		})
	default:
		err = fmt.Errorf("no such peer: %s", kind)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	return 0
}
