package live

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// oddPeers are peers that this test binary is when its first argument is this word: they start much sooner than scripts do.
const oddPeers = "odd-peer"

// odd returns the command line of an odd peer.
func odd(t *testing.T, kind string, more ...string) []string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	return append([]string{self, oddPeers, kind, "{socket}"}, more...)
}

// answers are what odd servers answer to what one read has brought; nil closes the session.
var answers = map[string]func(read []byte) []byte{
	"upper": bytes.ToUpper,
	// refuses a message that comes in pieces
	"pieces": func(read []byte) []byte {
		if len(read) < 4 || len(read) < 4+int(read[3]) {
			return nil
		}
		return read
	},
	// answers the first message of a burst alone
	"first": func(read []byte) []byte { return read[:4+int(read[3])] },
	// is right, as long as messages are short and whole
	"echo": func(read []byte) []byte { return read },
}

// oddPeer is the main function of odd peers.
func oddPeer(args []string) int {
	kind, socket := args[0], args[1]
	switch kind {
	case "client":
		return oddClient(socket, args[2], bytes.ToUpper)
	case "staying-client": // prints the reply, and does not end
		if code := oddClient(socket, args[2], bytes.Clone); code != 0 {
			return code
		}
		for {
			time.Sleep(time.Hour)
		}
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		return 1
	}
	for {
		c, err := l.Accept()
		if err != nil {
			return 1
		}
		if kind == "once" { // serves one session, and ends
			l.Close()
			serveOdd(c, answers["echo"])
			return 0
		}
		go serveOdd(c, answers[kind])
	}
}

func serveOdd(c net.Conn, answer func([]byte) []byte) {
	defer c.Close()
	buf := make([]byte, 1<<16)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		b := answer(buf[:n])
		if b == nil {
			return
		}
		if _, err := c.Write(b); err != nil {
			return
		}
	}
}

// oddClient prints the reply, changed.
func oddClient(socket, message string, change func([]byte) []byte) int {
	if message == "" {
		return 1
	}
	c, err := net.Dial("unix", socket)
	if err != nil {
		return 1
	}
	defer c.Close()
	header := binary.BigEndian.AppendUint32(nil, uint32(len(message)))
	if _, err := c.Write(append(header, message...)); err != nil {
		return 1
	}
	if _, err := io.ReadFull(c, header); err != nil {
		return 1
	}
	if header[0] != 0 {
		return 1
	}
	content := make([]byte, binary.BigEndian.Uint32(header))
	if _, err := io.ReadFull(c, content); err != nil || len(content) == 0 {
		return 1
	}
	fmt.Printf("%s\n", change(content))
	return 0
}
