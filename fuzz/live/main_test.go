package live

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == oddPeers {
		os.Exit(oddPeer(os.Args[2:]))
	}
	// A program that is built with the race detector otherwise stays for a second when it ends.
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE")) // a name that can be set
	goleak.VerifyTestMain(m)
}
