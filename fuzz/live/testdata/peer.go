// An echo server that ends in an orderly way at SIGTERM, so that a build with -cover tells its coverage. It treats messages
// that begin with Q in a way of its own, which changes nothing.
package main

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	listener, err := net.Listen("unix", os.Args[1])
	if err != nil {
		os.Exit(1)
	}
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM)
	<-end
}

func serve(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	for {
		var header [4]byte
		if _, err := io.ReadFull(in, header[:]); err != nil {
			return
		}
		n := int(header[1])<<16 | int(header[2])<<8 | int(header[3])
		if header[0] != 0 || n == 0 {
			return
		}
		message := append(header[:], make([]byte, n)...)
		if _, err := io.ReadFull(in, message[4:]); err != nil {
			return
		}
		if message[4] == 'Q' {
			message[0] = 0
		}
		if _, err := c.Write(message); err != nil {
			return
		}
	}
}
