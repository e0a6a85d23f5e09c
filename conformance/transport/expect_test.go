package transport

import (
	"bytes"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// everyCut calls f with every way to cut b into pieces of one byte or more.
func everyCut(b []byte, f func(pieces [][]byte)) int {
	count := 0
	for cuts := range 1 << (len(b) - 1) {
		var pieces [][]byte
		start := 0
		for i := 1; i <= len(b); i++ {
			if i == len(b) || cuts&(1<<(i-1)) != 0 {
				pieces = append(pieces, b[start:i])
				start = i
			}
		}
		f(pieces)
		count++
	}
	return count
}

// unconnected is a connection into which a test puts what arrives by hand.
func unconnected() *Conn {
	return &Conn{sock: new(net.UnixConn), patience: long, changed: make(chan struct{}), readDone: make(chan struct{})}
}

// However what comes is cut, and however what is expected was announced, as much matches as is equal.
func TestMatchingOverEveryCut(t *testing.T) {
	stream := []byte("\x00\x00\x00\x02Hi\x00\x00\x00\x01x")
	for _, announced := range [][][]byte{{stream}, {stream[:6], stream[6:]}, {stream[:1], stream[1:5], stream[5:9], stream[9:]}} {
		for stray := 0; stray <= len(stream); stray++ {
			arriving := bytes.Clone(stream)
			if stray < len(arriving) {
				arriving[stray] ^= 0x40
			}
			ways := everyCut(arriving, func(pieces [][]byte) {
				c := unconnected()
				for _, b := range announced {
					c.Expect(bytes.Clone(b))
				}
				for _, piece := range pieces {
					c.arrived(piece)
				}
				s := c.Snapshot()
				switch {
				case s.Want != int64(len(stream)), s.Got != s.Want, s.Matched != int64(stray), !bytes.Equal(s.Head, arriving),
					!bytes.Equal(s.Stray, arriving[stray:]), !bytes.Equal(s.Next, stream[stray:]):
					require.Fail(t, "wrong state", "stray at %d, pieces %q: %+v", stray, pieces, s)
				}
			})
			require.Equal(t, 1024, ways)
		}
	}
}

// A difference is where it is, and what comes behind it is never taken for an answer again.
func TestStrayAtItsExactPlace(t *testing.T) {
	for _, row := range []struct {
		name             string
		expected, comes  string
		matched          int64
		stray, nextBytes string
	}{
		{"nothing was expected", "", "abc", 0, "abc", ""},
		{"the first byte", "abc", "xbc", 0, "xbc", "abc"},
		{"the last byte", "abc", "abx", 2, "x", "c"},
		{"more than was expected", "abc", "abcde", 3, "de", ""},
		{"a byte is missing", "abcd", "abd", 2, "d", "cd"},
		{"a byte too many", "abcd", "abxcd", 2, "xcd", "cd"},
		{"the right bytes behind the wrong one", "abab", "xabab", 0, "xabab", "abab"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c, peer := pair(t, long)
			c.Expect([]byte(row.expected))
			for i := range len(row.comes) {
				write(t, peer, []byte{row.comes[i]})
			}
			s, err := c.AwaitAny(t.Context(), int64(len(row.comes)))
			require.NoError(t, err)
			for s.Got < int64(len(row.comes)) { // a stray ends a wait early
				s = c.next(t, s)
			}
			require.Equal(t, row.matched, s.Matched)
			require.Equal(t, row.stray, string(s.Stray))
			require.Equal(t, row.nextBytes, string(s.Next))
			require.Equal(t, row.comes, string(s.Head))
			require.Equal(t, int64(len(row.expected)), s.Want)
			require.Empty(t, s.Ended)
		})
	}
}

// next waits until the state is another one than s.
func (c *Conn) next(t testing.TB, s State) State {
	t.Helper()
	for {
		c.mu.Lock()
		now, changed := c.snapshot(), c.changed
		c.mu.Unlock()
		if now.Got != s.Got || now.Ended != s.Ended {
			return now
		}
		select {
		case <-changed:
		case <-t.Context().Done():
			require.NoError(t, t.Context().Err())
		}
	}
}

func TestNothingUnexpectedLeavesNoStray(t *testing.T) {
	c, peer := pair(t, long)
	c.Expect([]byte("abc"))
	c.Expect(nil)
	c.Expect([]byte("def"))
	write(t, peer, []byte("abcd"))
	s, err := c.AwaitAny(t.Context(), 4)
	require.NoError(t, err)
	require.Nil(t, s.Stray)
	require.Equal(t, "ef", string(s.Next))
	write(t, peer, []byte("ef"))
	s, err = c.AwaitExpected(t.Context())
	require.NoError(t, err)
	require.Equal(t, State{Want: 6, Got: 6, Matched: 6, Head: []byte("abcdef")}, s)
}

// Of what comes, the first bytes and those from the first difference on are kept, and no more than the caps.
func TestKeptBytesAreCapped(t *testing.T) {
	c, peer := pair(t, long)
	const matched = 10_000
	expected := pattern(200_000)
	c.Expect(expected)
	comes := bytes.Clone(expected)
	comes[matched] ^= 0xff
	write(t, peer, comes)
	require.NoError(t, peer.Close())
	s := c.untilEnd(t)
	require.Equal(t, int64(matched), s.Matched)
	require.Equal(t, int64(len(comes)), s.Got)
	require.Equal(t, comes[:keepHead], s.Head)
	require.Equal(t, comes[matched:matched+keepStray], s.Stray)
	require.Equal(t, expected[matched:matched+keepStray], s.Next)
}

// untilEnd waits for the end of the stream behind whatever came.
func (c *Conn) untilEnd(t testing.TB) State {
	t.Helper()
	s := c.Snapshot()
	for s.Ended == "" {
		s = c.next(t, s)
	}
	return s
}

// A peer that floods is read up to a bound beyond what was expected, and no further.
func TestFloodIsNotReadToItsEnd(t *testing.T) {
	c, peer := pair(t, long)
	c.Expect(pattern(1000))
	flood := make(chan error, 1)
	go func() {
		_, err := peer.Write(make([]byte, 64<<20))
		flood <- err
	}()
	s := c.untilEnd(t)
	require.Contains(t, s.Ended, "floods")
	require.Greater(t, s.Got, int64(1000+floodSlop))
	require.Less(t, s.Got, int64(1000+floodSlop+(1<<20)))
	require.Len(t, s.Stray, keepStray)
	c.Close()
	require.Error(t, <-flood, "the peer cannot get rid of its flood")
}

// A large answer that was expected is no flood.
func TestLargeExpectedAnswerIsReadWhole(t *testing.T) {
	c, peer := pair(t, long)
	answer := pattern(3 * floodSlop)
	c.Expect(answer)
	go func() { _, _ = peer.Write(answer) }() // the wait below shows what came of it
	s, err := c.AwaitExpected(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(len(answer)), s.Matched)
	require.Empty(t, s.Ended)
	require.Empty(t, s.Stray)
}
