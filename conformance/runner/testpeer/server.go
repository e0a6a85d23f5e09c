package main

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// serve calls the session for each connection to the socket, one beside the other, and closes the connection behind it.
func serve(socket string, session func(c *net.UnixConn)) error {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		return err
	}
	for {
		c, err := l.AcceptUnix()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			session(c)
		}()
	}
}

// echo receives messages with full, which fills all of its argument, and sends them back, until full or sending fails or a
// header is invalid. At an empty message it asks whether to go on.
func echo(w io.Writer, full func(p []byte) error, goOn func() bool) {
	for {
		var header [4]byte
		if full(header[:]) != nil || header[0] != 0 {
			return
		}
		n := int(header[1])<<16 | int(header[2])<<8 | int(header[3])
		if n == 0 {
			if !goOn() {
				return
			}
			continue
		}
		message := append(header[:], make([]byte, n)...)
		if full(message[4:]) != nil {
			return
		}
		if _, err := w.Write(message); err != nil {
			return
		}
	}
}

// spin serves an echo server that takes an end of stream for "nothing yet".
func spin(socket string) error {
	return serve(socket, func(c *net.UnixConn) {
		full := func(p []byte) error {
			for got := 0; got < len(p); {
				n, _ := c.Read(p[got:]) // an end is no byte, like any other time when there is none
				got += n
			}
			return nil
		}
		echo(c, full, func() bool { return false })
	})
}

// atLeisure sends this process a signal in a while. It returns false.
func atLeisure(s syscall.Signal, after time.Duration) bool {
	time.AfterFunc(after, func() {
		signal.Reset(s)
		_ = syscall.Kill(os.Getpid(), s)
	})
	return false
}

var counting sync.Mutex

// counted returns how often it was called with the file, in whatever process.
func counted(file string) int {
	counting.Lock()
	defer counting.Unlock()
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return 0
	}
	defer f.Close()
	if _, err := f.WriteString("."); err != nil {
		return 0
	}
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	return int(info.Size())
}

// tolerate serves an echo server that asks, at each empty message, whether to go on. It answers nobody once it is deaf.
func tolerate(socket string, goOn func() bool, deaf ...*atomic.Bool) error {
	return serve(socket, func(c *net.UnixConn) {
		if len(deaf) > 0 && deaf[0].Load() {
			for {
				time.Sleep(time.Hour) // the connection stays
			}
		}
		r := bufio.NewReader(c)
		full := func(p []byte) error {
			_, err := io.ReadFull(r, p)
			return err
		}
		echo(c, full, goOn)
	})
}

// fillLate serves an echo server that is at work for 100 ms when 1 MiB or more is announced, and then writes to all the memory
// that it has set aside for that.
func fillLate(socket string) error {
	return serve(socket, func(c *net.UnixConn) {
		r := bufio.NewReader(c)
		full := func(p []byte) error {
			if len(p) >= 1<<20 {
				for begin := time.Now(); time.Since(begin) < 100*time.Millisecond; {
				}
				for i := range p {
					p[i] = 1
				}
			}
			_, err := io.ReadFull(r, p)
			return err
		}
		echo(c, full, func() bool { return false })
	})
}
