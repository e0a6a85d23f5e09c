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
	goleak.VerifyTestMain(m)
}
