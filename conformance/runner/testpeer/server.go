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

// spin serves an echo server that takes an end of stream for "nothing yet".
func spin(socket string) error {
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
			full := func(p []byte) {
				for got := 0; got < len(p); {
					n, _ := c.Read(p[got:]) // an end is no byte, like any other time when there is none
					got += n
				}
			}
			for {
				var header [4]byte
				full(header[:])
				n := int(header[1])<<16 | int(header[2])<<8 | int(header[3])
				if n == 0 || header[0] != 0 {
					return
				}
				message := append(header[:], make([]byte, n)...)
				full(message[4:])
				if _, err := c.Write(message); err != nil {
					return
				}
			}
		}()
	}
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
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		return err
	}
	for {
		c, err := l.AcceptUnix()
		if err != nil {
			return err
		}
		if len(deaf) > 0 && deaf[0].Load() {
			defer c.Close()
			continue
		}
		go func() {
			defer c.Close()
			for r := bufio.NewReader(c); ; {
				var header [4]byte
				if _, err := io.ReadFull(r, header[:]); err != nil || header[0] != 0 {
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
				if _, err := io.ReadFull(r, message[4:]); err != nil {
					return
				}
				if _, err := c.Write(message); err != nil {
					return
				}
			}
		}()
	}
}
