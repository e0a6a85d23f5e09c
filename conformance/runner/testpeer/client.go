package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// testClient is a client with one fault, or none.
type testClient struct {
	wrong   string
	message []byte
	conn    *net.UnixConn
	in      *bufio.Reader
}

func (c *testClient) run(socket string) int {
	if len(c.message) == 0 && c.wrong != "sends an empty message" {
		fmt.Fprintln(os.Stderr, "there is nothing to send")
		return 2
	}
	if c.wrong == "takes a dash for an option" && c.message[0] == '-' {
		fmt.Fprintln(os.Stderr, "usage: client -m MESSAGE")
		return 2
	}
	if c.wrong == "looks whether the server is there" {
		if probe, err := net.Dial("unix", socket); err == nil {
			probe.Close()
		}
	}
	conn, err := net.Dial("unix", socket)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	c.conn, c.in = conn.(*net.UnixConn), bufio.NewReader(conn)
	_, _ = c.conn.Write(c.request()) // a server that is gone shows when it is read from
	switch c.wrong {
	case "exits before reading":
		return 0
	case "spins while it waits":
		c.spin()
	case "crashes after an error":
		defer func() { _ = recover() }()
	}
	reply, err := c.receive()
	if err != nil {
		return c.failed(reply, err)
	}
	return c.print(reply)
}

// request returns what is sent.
func (c *testClient) request() []byte {
	m := c.message
	if c.wrong == "decodes text" {
		m = []byte(strings.ToValidUTF8(string(m), "\ufffd"))
	}
	if c.wrong == "sends a terminating NUL" {
		m = append(m, 0)
	}
	n := len(m)
	header := []byte{0, byte(n >> 16), byte(n >> 8), byte(n)}
	switch c.wrong {
	case "little-endian length":
		header = []byte{0, byte(n), byte(n >> 8), byte(n >> 16)}
	case "sends another reserved byte":
		header[0] = 1
	case "sends no header":
		header = nil
	}
	request := append(header, m...)
	if c.wrong == "sends twice" {
		request = append(request, request...)
	}
	return request
}

// receive returns the content of the reply, or what came of it and why it is none.
func (c *testClient) receive() ([]byte, error) {
	for {
		header, err := c.header()
		if err != nil {
			return nil, err
		}
		n := int(header[1])<<16 | int(header[2])<<8 | int(header[3])
		switch {
		case header[0] != 0 && c.wrong != "ignores the reserved byte":
			return nil, fmt.Errorf("reserved byte %#x", header[0])
		case n == 0 && c.wrong == "passes over an empty reply":
			continue
		case n == 0 && c.wrong == "takes an empty reply":
			return nil, nil
		case n == 0:
			return nil, fmt.Errorf("an empty message")
		}
		content := make([]byte, n)
		if c.wrong == "takes what one read returns" {
			got, err := c.in.Read(content)
			return content[:got], err
		}
		got, err := io.ReadFull(c.in, content)
		return content[:got], err
	}
}

func (c *testClient) header() ([]byte, error) {
	header := make([]byte, 4)
	if c.wrong == "takes what one read returns of the header" {
		n, err := c.conn.Read(header)
		if err == nil && n < 4 {
			return nil, fmt.Errorf("%d bytes of a header", n)
		}
		return header, err
	}
	_, err := io.ReadFull(c.in, header)
	return header, err
}

// failed ends a session without a valid reply.
func (c *testClient) failed(part []byte, err error) int {
	switch c.wrong {
	case "hangs after an error":
		time.Sleep(time.Hour)
	case "presents a cut reply":
		return c.print(part)
	case "presents a cut reply and fails":
		c.print(part)
		return 1
	case "quotes a cut reply in its complaint":
		fmt.Fprintf(os.Stderr, "cut short: %q\n", part)
		return 1
	case "crashes after an error":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	c.conn.Close()
	fmt.Fprintf(os.Stderr, "the session failed: %v\n", err)
	return 1
}

// print presents the reply, and ends.
func (c *testClient) print(reply []byte) int {
	switch c.wrong {
	case "waits for the end of the stream":
		_, _ = io.Copy(io.Discard, c.in)
	case "says goodbye":
		_, _ = c.conn.Write([]byte{0, 0, 0, 3, 'b', 'y', 'e'})
	}
	c.conn.Close()
	out := io.Writer(os.Stdout)
	before, after := "", "\n"
	switch c.wrong {
	case "prints on stderr, with words around":
		out, before, after = os.Stderr, "Reply: [", "]\n"
	case "prints nothing around":
		after = ""
	case "prints all but the last byte":
		reply = reply[:len(reply)-1]
	case "prints the first 64 KiB":
		reply = reply[:min(len(reply), 64<<10)]
	case "prints up to a NUL":
		reply, _, _ = bytes.Cut(reply, []byte{0})
	case "decodes text":
		reply = []byte(strings.ToValidUTF8(string(reply), "\ufffd"))
	case "prints its own message":
		reply = c.message
	}
	if c.wrong == "prints a large reply in its time" {
		for ; len(reply) > 256<<10; reply = reply[256<<10:] {
			_, _ = out.Write(reply[:256<<10])
			time.Sleep(100 * time.Millisecond) // more than six seconds for the longest reply
		}
	}
	fmt.Fprintf(out, "%s%s%s", before, reply, after)
	switch c.wrong {
	case "stays":
		time.Sleep(time.Hour)
	case "stays after a large reply":
		if len(reply) > 60_000 {
			time.Sleep(time.Hour)
		}
	case "returns 1 though it has a reply":
		return 1
	case "returns 1 a while after a reply":
		time.Sleep(600 * time.Millisecond) // longer than the deadline, so that only a longer one shows the exit status
		return 1
	}
	return 0
}

// spin asks the socket again and again.
func (c *testClient) spin() {
	raw, err := c.conn.SyscallConn()
	if err != nil {
		return
	}
	b := make([]byte, 1)
	for waiting := true; waiting; {
		_ = raw.Control(func(fd uintptr) {
			_, _, err := syscall.Recvfrom(int(fd), b, syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
			waiting = err == syscall.EAGAIN
		})
	}
}
