package faulty

import (
	"context"
	"errors"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// atStart does something before the server listens.
func atStart(act func(*server) error) func(*hooks) {
	return func(do *hooks) { do.start = act }
}

// Servers whose process begins and ends in ways of its own.
func processHabits() []Fault {
	return []Fault{
		{
			Name:        "starts-late",
			Description: "The server listens 1.5 s after its start: a virtual machine, an interpreter, a cold disk.",
			mutate: atStart(func(srv *server) error {
				srv.pause(1500 * time.Millisecond)
				return nil
			}),
		},
		{
			Name:        "daemonises",
			Description: "The process that was started ends with status 0, and a child in a session of its own serves.",
			mutate:      atStart(daemonise),
		},
		{
			Name:        "ignores-sigterm",
			Description: "SIGTERM does nothing.",
			mutate: atStart(func(*server) error {
				signal.Ignore(syscall.SIGTERM)
				return nil
			}),
		},
		{
			Name:        "stops-slowly",
			Description: "The process ends 700 ms after it was told to: it saves its state first.",
			mutate: atStart(func(srv *server) error {
				srv.keep(closer(func() { time.Sleep(700 * time.Millisecond) }))
				return nil
			}),
		},
		{
			Name:        "closes-stdout",
			Description: "The standard output is closed when the first client comes, as a daemon does.",
			mutate: func(do *hooks) {
				var once sync.Once
				do.admit = func(srv *server, conn *net.UnixConn) {
					once.Do(func() { os.Stdout.Close() })
					srv.begin(conn)
				}
			},
		},
	}
}

// daemonise starts this program again in a session of its own, and ends when that listens.
func daemonise(srv *server) error {
	if role() == "daemon" {
		return nil
	}
	daemon, err := child(context.Background(), "daemon")
	if err != nil {
		return err
	}
	daemon.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := daemon.Start(); err != nil {
		return err
	}
	for range 500 {
		if _, err := os.Stat(srv.socket); err == nil {
			return errFinished
		}
		srv.pause(10 * time.Millisecond)
	}
	return errors.New("the daemon does not listen")
}
