package transport

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// reads takes total bytes from the peer's end with one read after the other and returns what each returned.
func reads(peer *net.UnixConn, total int) ([]int, []byte, error) {
	var sizes []int
	var all []byte
	buf := make([]byte, 1<<20)
	for len(all) < total {
		n, err := peer.Read(buf)
		if err != nil {
			return sizes, all, err
		}
		sizes = append(sizes, n)
		all = append(all, buf[:n]...)
	}
	return sizes, all, nil
}

// The cuts of SendPieces are what the peer's reads return, if each piece is waited for until the peer has taken it.
func TestPiecesAreWhatThePeerReads(t *testing.T) {
	for _, sizes := range [][]int{{1}, {6}, {1, 1, 1, 1, 1, 1}, {4, 2}, {5, 1}, {3, 3000, 1, 4096, 2}} {
		t.Run(fmt.Sprint(sizes), func(t *testing.T) {
			total := 0
			for _, n := range sizes {
				total += n
			}
			wire := pattern(total)
			c, peer := pair(t, long)
			c.SetBusy(c.AwaitTaken) // however long the peer takes for a piece,
			c.taking = -long        // and for all of them
			type result struct {
				sizes []int
				all   []byte
				err   error
			}
			done := make(chan result, 1)
			go func() {
				got, all, err := reads(peer, total)
				done <- result{got, all, err}
			}()
			require.NoError(t, c.SendPieces(wire, sizes))
			r := <-done
			require.NoError(t, r.err)
			require.True(t, bytes.Equal(wire, r.all), "the pieces put together are the wire")
			require.Equal(t, sizes, r.sizes)
			require.Zero(t, c.naps)
		})
	}
}

// A peer that does not read holds pieces up for a bounded time, and none is lost.
func TestPiecesFollowEachOtherWithoutAReader(t *testing.T) {
	c, peer := pair(t, long)
	wire := pattern(100)
	ones := make([]int, len(wire))
	for i := range ones {
		ones[i] = 1
	}
	require.NoError(t, c.SendPieces(wire, ones))
	require.GreaterOrEqual(t, c.naps, maxNapTotal)
	require.Less(t, c.naps, long)
	sizes, all, err := reads(peer, len(wire))
	require.NoError(t, err)
	require.Equal(t, wire, all)
	require.Equal(t, []int{len(wire)}, sizes)
}

// A peer that is at work and has not come to read yet is waited for, so that the cuts are there when it does.
func TestPiecesWaitForABusyPeer(t *testing.T) {
	c, peer := pair(t, long)
	asked := make(chan struct{}, 1)
	c.SetBusy(func() bool {
		select {
		case asked <- struct{}{}:
		default:
		}
		return true
	})
	type result struct {
		sizes []int
		err   error
	}
	done := make(chan result, 1)
	go func() {
		<-asked // it reads only when it has been waited for longer than an idle one
		sizes, _, err := reads(peer, 6)
		done <- result{sizes, err}
	}()
	require.NoError(t, c.SendPieces([]byte("abcdef"), []int{4, 2}))
	r := <-done
	require.NoError(t, r.err)
	require.Equal(t, []int{4, 2}, r.sizes)
	require.Zero(t, c.naps)
	require.GreaterOrEqual(t, c.taking, maxNap)
}

// One that is at work for ever, and reads nothing, is not waited for without end.
func TestPiecesDoNotWaitForABusyPeerForEver(t *testing.T) {
	c, peer := pair(t, long)
	asked := 0
	c.SetBusy(func() bool { asked++; return true })
	require.NoError(t, c.SendPieces([]byte("abcdef"), []int{1, 1, 1, 1, 1, 1}))
	require.Positive(t, asked)
	sizes, _, err := reads(peer, 6)
	require.NoError(t, err)
	require.Equal(t, []int{6}, sizes)
}

func TestPiecesThatDoNotAddUp(t *testing.T) {
	c, peer := pair(t, long)
	require.ErrorContains(t, c.SendPieces([]byte("abcdef"), []int{2, 1}), "3 bytes unsent")
	got := make([]byte, 3)
	_, err := io.ReadFull(peer, got)
	require.NoError(t, err)
	require.Equal(t, "abc", string(got))
}

func TestPiecesToAClosedPeer(t *testing.T) {
	c, peer := pair(t, long)
	require.NoError(t, peer.Close())
	require.ErrorIs(t, c.SendPieces([]byte("abc"), []int{1, 1, 1}), ErrPeerClosed)
}

// A peer that takes nothing stalls a long send; one that goes on reading does not, and gets every byte.
func TestSendToAPeerThatDoesNotRead(t *testing.T) {
	c, peer := pair(t, short)
	wire := pattern(8 << 20)
	err := c.Send(wire)
	require.ErrorIs(t, err, ErrStalled)
	events := c.Transcript().Events
	require.EqualValues(t, "waited", events[len(events)-1].Direction)
	require.Less(t, c.Written(), int64(len(wire)))
	_, got, err := reads(peer, int(c.Written()))
	require.NoError(t, err)
	require.True(t, bytes.Equal(wire[:len(got)], got), "what was counted as written is what the peer gets")
	require.False(t, c.Ended())
}

func TestSendOfALongMessageArrivesWhole(t *testing.T) {
	c, peer := pair(t, long)
	wire := pattern(3<<20 + 17)
	sent := make(chan error, 1)
	go func() { sent <- c.Send(wire) }()
	_, got, err := reads(peer, len(wire))
	require.NoError(t, err)
	require.NoError(t, <-sent)
	require.True(t, bytes.Equal(wire, got))
	require.Equal(t, int64(len(wire)), c.Written())
}

func TestSendOfNothing(t *testing.T) {
	c, _ := pair(t, long)
	require.NoError(t, c.Send(nil))
	require.NoError(t, c.SendPieces(nil, nil))
	require.Empty(t, c.Transcript().Events)
}

func TestAwaitTaken(t *testing.T) {
	c, peer := pair(t, long)
	require.True(t, c.AwaitTaken(), "nothing was sent")
	require.NoError(t, c.Send([]byte("abc")))
	left, ok := c.Untaken()
	require.True(t, ok)
	require.NotZero(t, left)
	taken := make(chan bool, 1)
	go func() { taken <- c.AwaitTaken() }()
	_, _, err := reads(peer, 3)
	require.NoError(t, err)
	require.True(t, <-taken)

	require.NoError(t, c.Send([]byte("abc")))
	c.SetPatience(short)
	require.False(t, c.AwaitTaken(), "nobody read it")
	c.SetPatience(long)
	require.NoError(t, peer.Close())
	_, err = c.AwaitEnd(t.Context())
	require.NoError(t, err)
	c.AwaitTaken() // its answer is the kernel's business; that it comes at once is ours
}

func TestAwaitUnread(t *testing.T) {
	c, peer := unreadPair(t, short)
	require.False(t, c.AwaitUnread(), "nothing was sent")
	c.SetPatience(long)
	require.Equal(t, long, c.Patience())
	seen := make(chan bool, 1)
	go func() { seen <- c.AwaitUnread() }()
	write(t, peer, []byte("x"))
	require.True(t, <-seen)
}

func TestAwaitUnreadBytes(t *testing.T) {
	c, peer := unreadPair(t, short)
	write(t, peer, []byte("ab"))
	require.False(t, c.AwaitUnreadBytes(3), "one byte is missing")
	c.SetPatience(long)
	seen := make(chan bool, 1)
	go func() { seen <- c.AwaitUnreadBytes(3) }()
	write(t, peer, []byte("c"))
	require.True(t, <-seen)
	require.NoError(t, peer.Close())
	require.True(t, c.AwaitUnreadBytes(3), "they lie there still")
	require.False(t, c.AwaitUnreadBytes(4), "nothing comes any more, which is seen at once")
}

// Both sides write more than the sockets hold: the connection reads while it writes, so nobody waits for ever.
func TestReadsWhileItWrites(t *testing.T) {
	c, peer := pair(t, long)
	wire := pattern(8 << 20)
	c.Expect(wire)
	echoed := make(chan error, 1)
	go func() {
		_, err := io.CopyN(peer, peer, int64(len(wire)))
		echoed <- err
	}()
	require.NoError(t, c.Send(wire))
	s, err := c.AwaitExpected(t.Context())
	require.NoError(t, err)
	require.NoError(t, <-echoed)
	require.Equal(t, s.Want, s.Matched)
	require.Empty(t, s.Stray)
}

// A socket that is full takes nothing more until most of what it holds was read: a peer that reads on, or answers, does not
// stall meanwhile.
func TestSendToASlowPeer(t *testing.T) {
	const (
		patience = 20 * short
		held     = 208 << 10 // about what the socket holds
	)
	for _, row := range []struct {
		name string
		// next is what it reads, after it has read so much, and how many answers it gives, with a time gone that is
		// counted in the connection's patience.
		next func(gone float64, read int) (reads, answers int)
	}{
		{"that answers what it has read", func(float64, int) (int, int) { return 0, 1 }},
		{"that only reads", func(gone float64, read int) (int, int) { return int(gone*held/4) - read, 0 }},
	} {
		t.Run(row.name, func(t *testing.T) {
			c, peer := pair(t, patience)
			wire := pattern(1 << 20)
			sent := make(chan error, 1)
			go func() { sent <- c.Send(wire) }()
			pace := time.NewTicker(5 * time.Millisecond)
			defer pace.Stop()
			begin, read := time.Now(), 0
			for gone := 0.0; gone < 3; gone = float64(time.Since(begin)) / float64(patience) {
				reads, answers := row.next(gone, read)
				_, err := io.ReadFull(peer, make([]byte, reads))
				require.NoError(t, err)
				write(t, peer, make([]byte, answers))
				read += reads
				<-pace.C
			}
			all := make(chan error, 1)
			go func() {
				_, err := io.Copy(io.Discard, peer)
				all <- err
			}()
			require.NoError(t, <-sent)
			c.Close()
			require.NoError(t, <-all)
		})
	}
}

// A peer that sends without end and takes nothing is not waited for: what came says it all.
func TestSendingToAPeerThatFloods(t *testing.T) {
	c, peer := pair(t, long)
	c.Read()
	flood := make(chan error, 1)
	go func() {
		for junk := make([]byte, 64<<10); ; {
			if _, err := peer.Write(junk); err != nil {
				flood <- err
				return
			}
		}
	}()
	begin := time.Now()
	require.ErrorIs(t, c.Send(pattern(8<<20)), ErrPeerClosed)
	require.Less(t, time.Since(begin), long/2)
	require.ErrorIs(t, c.Send([]byte("more")), ErrPeerClosed)
	s, err := c.AwaitEnd(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, s.Stray)
	require.Contains(t, s.Ended, "the peer floods")
	c.Close()
	require.Error(t, <-flood)
}
