package conformancetest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/conformancetest"
	"github.com/oizys-protocol/oizys/impl/session"
)

// echo is an echo server made of the reference's sessions.
func echo(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		s := session.New(conn, session.Options{})
		err = s.OnMessage(func(content []byte) {
			_, _ = s.SendWait(context.Background(), content) // the session may be closed
		})
		if err != nil {
			return err
		}
	}
}

// mirror sends back whatever comes, frames or not.
func mirror(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			_, _ = io.Copy(conn, conn) // the other end may close
		}()
	}
}

// The reference passes whatever can be seen from within its process.
func TestReference(t *testing.T) {
	conformancetest.Run(t, echo)
}

// A wrong server fails, seen from outside: this test binary is run again as the test of one.
func TestWrongServer(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestOfAWrongServer$", "-test.v")
	cmd.Env = append(os.Environ(), "OIZYS_WRONG=1")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, "%s", out)
	text := string(out)
	for _, want := range []string{
		"--- FAIL: TestOfAWrongServer/msg/empty/only",
		"--- PASS: TestOfAWrongServer/hdr/length/example-hi",
		"--- SKIP: TestOfAWrongServer/srv/stays-up/whole-run",
		"rule      msg/empty", "actual    the session went on", "00 00 00 length 0: empty message",
		"needs a process of the server's own",
	} {
		require.Contains(t, text, want)
	}
}

func TestOfAWrongServer(t *testing.T) {
	if os.Getenv("OIZYS_WRONG") == "" {
		t.Skip("run by TestWrongServer")
	}
	conformancetest.RunWith(t, conformancetest.Options{Only: []string{"hdr/length/example-hi", "msg/empty/only", "srv/stays-up"}}, mirror)
}

// A server that gives up fails the test with its error at once, and one that never answers after some cases of many.
func TestServersThatDoNotServe(t *testing.T) {
	for _, row := range []struct{ server, says string }{
		{"gives up", "the server function returned while there were sessions to serve: no sessions today"},
		{"is silent", "not run: 10 cases have missed their deadline"},
	} {
		t.Run(row.server, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestOfAServerThatDoesNotServe$", "-test.v")
			cmd.Env = append(os.Environ(), "OIZYS_WRONG="+row.server)
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit, "%s", out)
			require.Contains(t, string(out), row.says)
		})
	}
}

func TestOfAServerThatDoesNotServe(t *testing.T) {
	o := conformancetest.Options{Patience: 50 * time.Millisecond, Only: []string{"hdr", "msg", "stream", "close"}}
	switch os.Getenv("OIZYS_WRONG") {
	case "gives up":
		conformancetest.RunWith(t, o, func(net.Listener) error { return errors.New("no sessions today") })
	case "is silent":
		conformancetest.RunWith(t, o, func(l net.Listener) error {
			for {
				if _, err := l.Accept(); err != nil {
					return err
				}
			}
		})
	default:
		t.Skip("run by TestServersThatDoNotServe")
	}
}
