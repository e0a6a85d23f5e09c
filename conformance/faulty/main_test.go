package faulty

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
)

// TestMain makes this test binary a faulty server when it is started as `binary NAME SOCKET` with the variable set.
func TestMain(m *testing.M) {
	if os.Getenv("OIZYS_FAULTY_TEST_SERVER") == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := Serve(ctx, os.Args[2], os.Args[1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
