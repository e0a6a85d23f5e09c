package process

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// What a program had printed when it ended is waited for, however long those who read it get no turn.
func TestSettleWaitsForWhatIsUnread(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer w.Close()
	defer r.Close()
	_, err = w.WriteString(strings.Repeat("x", 1000))
	require.NoError(t, err)
	c := newCapture(10_000)
	settled := make(chan struct{})
	go func() { settle(c, r, 2*time.Millisecond); close(settled) }()
	select {
	case <-settled:
		require.Fail(t, "it is settled with 1,000 bytes unread")
	case <-time.After(50 * time.Millisecond): // 25 times the limit
	}
	go c.drain(r)
	<-settled // w stays open: as a process that was left behind would hold it
	require.Len(t, c.Bytes(), 1000)
}

// One that goes on and on does not hold up the others.
func TestSettleEndsOnAStreamThatGoesOn(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	go func() {
		for b := make([]byte, 4096); err == nil; {
			_, err = w.Write(b)
		}
	}()
	defer w.Close()
	c := newCapture(10)
	go c.drain(r)
	settle(c, r, 2*time.Millisecond)
	require.GreaterOrEqual(t, c.Total(), int64(64<<10))
}

func TestSettleOfAnImitationWaitsForTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		settle(newCapture(10), nil, 200*time.Millisecond)
		require.Equal(t, 200*time.Millisecond, time.Since(begin))
	})
}
