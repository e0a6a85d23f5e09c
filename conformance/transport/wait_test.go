package transport

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// Deadlines are of time without progress: these run on a clock of their own, and what arrives is put in by hand.

func TestWaitGoesOnWhileBytesCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := unconnected()
		c.patience = time.Second
		c.Expect([]byte("slow"))
		go func() {
			for _, b := range []byte("slow") {
				time.Sleep(900 * time.Millisecond)
				c.arrived([]byte{b})
			}
		}()
		begin := time.Now()
		s, err := c.AwaitExpected(t.Context())
		require.NoError(t, err)
		require.Equal(t, s.Want, s.Matched)
		require.Equal(t, 3600*time.Millisecond, time.Since(begin))
	})
}

func TestWaitEndsOnePatienceAfterTheLastByte(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := unconnected()
		c.patience = time.Second
		c.Expect([]byte("abc"))
		go func() {
			time.Sleep(700 * time.Millisecond)
			c.arrived([]byte("a"))
		}()
		begin := time.Now()
		s, err := c.AwaitExpected(t.Context())
		require.ErrorIs(t, err, ErrStalled)
		require.Equal(t, int64(1), s.Matched)
		require.Equal(t, 1700*time.Millisecond, time.Since(begin))
		requireWaited(t, c, "1s for the expected bytes")
	})
}

func TestWaitForTheEndStallsToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := unconnected()
		c.patience = 3 * time.Second
		begin := time.Now()
		s, err := c.AwaitEnd(t.Context())
		require.ErrorIs(t, err, ErrStalled)
		require.Empty(t, s.Ended)
		require.Equal(t, 3*time.Second, time.Since(begin))
		requireWaited(t, c, "3s for the peer to close")
	})
}

// A peer that is at work is given more time, a limited number of times.
func TestWaitForABusyPeerGoesOn(t *testing.T) {
	for _, row := range []struct {
		name string
		busy int // how often the peer is seen to be at work
		took time.Duration
	}{
		{"idle", 0, time.Second},
		{"busy once", 1, 2 * time.Second},
		{"busy for long", 5, 6 * time.Second},
		{"busy for ever", 1000, (1 + maxExtensions) * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := unconnected()
				c.patience = time.Second
				left := row.busy
				c.SetBusy(func() bool { left--; return left >= 0 })
				c.Expect([]byte("never"))
				begin := time.Now()
				_, err := c.AwaitExpected(t.Context())
				require.ErrorIs(t, err, ErrStalled)
				require.Equal(t, row.took, time.Since(begin))
			})
		})
	}
}

// What comes at the very end of a wait is not overlooked.
func TestWaitTakesWhatComesAtItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := unconnected()
		c.patience = time.Second
		c.SetBusy(func() bool { c.arrived([]byte("late")); return false }) // asked when the time is over
		c.Expect([]byte("late"))
		begin := time.Now()
		s, err := c.AwaitExpected(t.Context())
		require.NoError(t, err)
		require.Equal(t, s.Want, s.Matched)
		require.Equal(t, c.patience, time.Since(begin))
	})
}

func requireWaited(t *testing.T, c *Conn, note string) {
	t.Helper()
	events := c.Transcript().Events
	require.NotEmpty(t, events)
	last := events[len(events)-1]
	require.EqualValues(t, "waited", last.Direction)
	require.Equal(t, note, last.Note)
}

// A wait that has what it waits for does not wait.
func TestWaitsThatAreOverAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		c := unconnected()
		_, err := c.AwaitExpected(t.Context())
		require.NoError(t, err, "nothing is expected")
		_, err = c.AwaitAny(t.Context(), 0)
		require.NoError(t, err)
		c.arrived([]byte("unasked"))
		for name, wait := range map[string]func(context.Context) (State, error){
			"expected": c.AwaitExpected, "end": c.AwaitEnd, "any": func(ctx context.Context) (State, error) { return c.AwaitAny(ctx, 100) },
		} {
			s, err := wait(t.Context())
			require.NoError(t, err, name)
			require.Equal(t, "unasked", string(s.Stray), name)
		}
		c.markEnded("end of stream")
		s, err := c.AwaitEnd(t.Context())
		require.NoError(t, err)
		require.Equal(t, "end of stream", s.Ended)
		require.Equal(t, begin, s.EndedAt)
		require.Zero(t, time.Since(begin))
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := unconnected()
		c.Expect([]byte("never"))
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		begin := time.Now()
		_, err := c.AwaitExpected(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, ErrStalled)
		require.Equal(t, 2*time.Second, time.Since(begin))
	})
}

// A close by this end ends every wait, those that begin behind it too, and is no end that the peer made.
func TestCloseEndsWaits(t *testing.T) {
	for _, row := range []struct {
		name string
		wait func(*Conn, context.Context) (State, error)
	}{
		{"expected", (*Conn).AwaitExpected},
		{"any", func(c *Conn, ctx context.Context) (State, error) { return c.AwaitAny(ctx, 1) }},
		{"end", (*Conn).AwaitEnd},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				c := unconnected()
				c.Expect([]byte("never"))
				ended := make(chan error, 1)
				go func() {
					_, err := row.wait(c, t.Context())
					ended <- err
				}()
				synctest.Wait()
				c.Close()
				require.ErrorIs(t, <-ended, net.ErrClosed)
				s, err := row.wait(c, t.Context())
				require.ErrorIs(t, err, net.ErrClosed)
				require.Empty(t, s.Ended)
				require.NoError(t, s.Err)
				require.Zero(t, time.Since(begin))
			})
		})
	}
}

// What had come before this end was closed is there, and no error hides it.
func TestCloseHidesNothingThatCame(t *testing.T) {
	c := unconnected()
	c.Expect([]byte("abc"))
	c.arrived([]byte("abc"))
	c.Close()
	s, err := c.AwaitExpected(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(3), s.Matched)
}

// The first end counts: what is seen later of the same event changes neither its name nor its time.
func TestFirstEndCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := unconnected()
		begin := time.Now()
		c.markEnded("ECONNRESET")
		time.Sleep(time.Second)
		c.markEnded("end of stream")
		s := c.Snapshot()
		require.Equal(t, "ECONNRESET", s.Ended)
		require.Equal(t, begin, s.EndedAt)
		require.True(t, c.Ended())
	})
}

// Several waits at once all see what they wait for.
func TestWaitsBesideEachOther(t *testing.T) {
	c, peer := pair(t, long)
	c.Expect([]byte("abc"))
	done := make(chan State, 3)
	wait := func(f func(context.Context) (State, error)) {
		s, err := f(t.Context())
		if err != nil {
			s.Err = err
		}
		done <- s
	}
	go wait(c.AwaitExpected)
	go wait(func(ctx context.Context) (State, error) { return c.AwaitAny(ctx, 2) })
	go wait(c.AwaitEnd)
	write(t, peer, []byte("abc"))
	for range 2 {
		s := <-done
		require.NoError(t, s.Err)
		require.GreaterOrEqual(t, s.Got, int64(2))
	}
	require.NoError(t, peer.Close())
	s := <-done
	require.NoError(t, s.Err)
	require.Equal(t, "end of stream", s.Ended)
	require.Equal(t, int64(3), s.Matched)
}

// What is wrong is let come to its end, for as long as it goes on and no longer than is worth it.
func TestAwaitQuiet(t *testing.T) {
	const pause, limit = 20 * time.Millisecond, 100 * time.Millisecond
	for _, row := range []struct {
		name  string
		peer  func(c *Conn)
		stray string
		took  time.Duration
	}{
		{"nothing more comes", func(*Conn) {}, "w", pause},
		{"the rest comes soon", func(c *Conn) {
			time.Sleep(15 * time.Millisecond)
			c.arrived([]byte("rong"))
		}, "wrong", 35 * time.Millisecond},
		{"the rest comes too late", func(c *Conn) {
			time.Sleep(25 * time.Millisecond)
			c.arrived([]byte("rong"))
		}, "w", pause},
		{"it ends", func(c *Conn) {
			time.Sleep(5 * time.Millisecond)
			c.markEnded("end of stream")
		}, "w", 5 * time.Millisecond},
		{"enough has come", func(c *Conn) {
			time.Sleep(5 * time.Millisecond)
			c.arrived([]byte("rong and on"))
		}, "wrong and on", 5 * time.Millisecond},
		{"this end is closed", func(c *Conn) {
			time.Sleep(5 * time.Millisecond)
			c.Close()
		}, "w", 5 * time.Millisecond},
		{"it never stops", func(c *Conn) {
			for range 30 {
				time.Sleep(15 * time.Millisecond)
				c.arrived([]byte("r"))
			}
		}, "wrrrrrr", limit},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := unconnected()
				c.arrived([]byte("w"))
				done := make(chan struct{})
				go func() {
					defer close(done)
					row.peer(c)
				}()
				begin := time.Now()
				s := c.AwaitQuiet(t.Context(), 10, pause, limit)
				require.Equal(t, row.stray, string(s.Stray))
				require.Equal(t, row.took, time.Since(begin))
				<-done
			})
		})
	}
}
