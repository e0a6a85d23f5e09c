package session_test

import (
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/session"
)

// The time that a write itself takes is no pause in sending: what is sent right after it is left to be gathered. After a
// pause it is written at once.
func TestAWriteIsNoPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, peer := net.Pipe()
		const slow = time.Millisecond
		s := session.NewNonBlocking(conn, func(p []byte) int {
			time.Sleep(slow)
			return len(p)
		}, session.Options{})
		took := func() time.Duration {
			start := time.Now()
			send(t, s, "Hi")
			return time.Since(start)
		}
		require.Equal(t, slow, took(), "the first is written at once")
		require.Zero(t, took(), "the second is queued")
		time.Sleep(time.Second)
		require.Equal(t, slow, took(), "after a pause")
		s.Abort()
		<-s.Done()
		require.NoError(t, peer.Close())
	})
}
