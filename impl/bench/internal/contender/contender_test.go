package contender

import (
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/bench/internal/content"
	"github.com/oizys-protocol/oizys/impl/wire"
)

const contenders = 6

func sockets(t *testing.T) (ours, theirs *net.UnixConn) {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	require.NoError(t, err)
	var conns [2]*net.UnixConn
	for i, fd := range fds {
		file := os.NewFile(uintptr(fd), "socket")
		conn, err := net.FileConn(file)
		require.NoError(t, errors.Join(err, file.Close()))
		conns[i] = conn.(*net.UnixConn)
	}
	return conns[0], conns[1]
}

// both calls one function for each side at the same time.
func both(ours, theirs func() error) (ourErr, theirErr error) {
	done := make(chan error, 1)
	go func() { done <- theirs() }()
	ourErr = ours()
	return ourErr, <-done
}

func links(t *testing.T, c Contender) (ours, theirs Link) {
	t.Helper()
	one, other := sockets(t)
	ourErr, theirErr := both(
		func() (err error) { ours, err = c.Connect(one); return },
		func() (err error) { theirs, err = c.Accept(other); return },
	)
	require.NoError(t, errors.Join(ourErr, theirErr))
	t.Cleanup(func() {
		_ = ours.Close()
		_ = theirs.Close()
	})
	return ours, theirs
}

// whenReady has work begin when the other side is ready for a run.
func whenReady(load *Load, work func() error) func() error {
	ready := make(chan struct{})
	load.Ready = func() { close(ready) }
	return func() error { <-ready; return work() }
}

func forEach(t *testing.T, test func(t *testing.T, c Contender)) {
	t.Helper()
	all := All()
	require.Len(t, all, contenders)
	for _, c := range all {
		t.Run(c.Name, func(t *testing.T) { test(t, c) })
	}
}

func TestRunsOfEachContender(t *testing.T) {
	pattern := content.New(wire.MaxContentLen)
	forEach(t, func(t *testing.T, c Contender) {
		ours, theirs := links(t, c)
		for _, load := range []Load{
			{Size: 1, Count: 100},
			{Size: 16, Count: 1000},
			{Size: 1, Count: 1},
			{Size: 1<<16 + 1, Count: 10},
			{Size: wire.MaxContentLen, Count: 1},
			{Size: 16, Count: 10},
		} {
			load.Pattern = pattern
			there := load
			send := whenReady(&there, func() error { return ours.Send(load) })
			sendErr, receiveErr := both(send, func() error { return theirs.Receive(there) })
			require.NoError(t, errors.Join(sendErr, receiveErr), "one way, %d bytes", load.Size)

			load.Count = min(load.Count, 50) // Round trips are slow on a busy machine.
			there = load
			ping := whenReady(&there, func() error { return ours.Ping(load) })
			pingErr, echoErr := both(ping, func() error { return theirs.Echo(there) })
			require.NoError(t, errors.Join(pingErr, echoErr), "round trip, %d bytes", load.Size)
		}
	})
}

// A receiver that expects other bytes says so: what is measured has been looked at.
func TestEachContenderSeesWrongContent(t *testing.T) {
	right := content.New(100)
	wrong := slices.Clone(right)
	for i := range wrong {
		wrong[i] ^= 0xff
	}
	forEach(t, func(t *testing.T, c Contender) {
		for _, echo := range []bool{false, true} {
			ours, theirs := links(t, c)
			load := Load{Pattern: right, Size: 100, Count: 5}
			there := Load{Pattern: wrong, Size: 100, Count: 5}
			var ourWork, theirWork func() error
			if echo {
				ourWork = whenReady(&there, func() error { return ours.Ping(load) })
				theirWork = func() error { return theirs.Echo(there) }
			} else {
				ourWork = whenReady(&there, func() error { return ours.Send(load) })
				theirWork = func() error { return theirs.Receive(there) }
			}
			ourErr, theirErr := both(ourWork, func() error {
				err := theirWork()
				_ = theirs.Close()
				return err
			})
			require.ErrorIs(t, theirErr, content.ErrContent, "echo: %t", echo)
			require.Error(t, ourErr, "echo: %t", echo)
		}
	})
}

// Messages of another length are not the ones expected; raw has no messages.
func TestEachContenderSeesWrongLengths(t *testing.T) {
	pattern := content.New(100)
	forEach(t, func(t *testing.T, c Contender) {
		if c.Name == Raw {
			t.Skip("has no messages")
		}
		ours, theirs := links(t, c)
		there := Load{Pattern: pattern, Size: 99, Count: 5}
		send := whenReady(&there, func() error { return ours.Send(Load{Pattern: pattern, Size: 100, Count: 5}) })
		sendErr, receiveErr := both(send, func() error {
			err := theirs.Receive(there)
			_ = theirs.Close()
			return err
		})
		require.ErrorIs(t, receiveErr, content.ErrLength)
		require.Error(t, sendErr)
	})
}

func TestCloseEndsARun(t *testing.T) {
	forEach(t, func(t *testing.T, c Contender) {
		ours, theirs := links(t, c)
		there := Load{Pattern: content.New(16), Size: 16, Count: 1}
		closing := whenReady(&there, ours.Close)
		_, err := both(closing, func() error { return theirs.Receive(there) })
		require.Error(t, err)
	})
}

// A peer that leaves before the handshake ends is an error, not a wait.
func TestHandshakeWithNobody(t *testing.T) {
	forEach(t, func(t *testing.T, c Contender) {
		if c.Name == Session || c.Name == Raw || c.Name == Naive {
			t.Skip("has no handshake")
		}
		for name, side := range map[string]func(*net.UnixConn) (Link, error){"connect": c.Connect, "accept": c.Accept} {
			ours, theirs := sockets(t)
			go func() { _, _ = io.Copy(io.Discard, theirs) }()
			require.NoError(t, theirs.CloseWrite())
			stop := time.AfterFunc(handshakeTime/2, func() { _ = theirs.Close() })
			began := time.Now()
			_, err := side(ours)
			require.Error(t, err, name)
			require.Less(t, time.Since(began), handshakeTime/2, name)
			stop.Stop()
			_ = theirs.Close()
		}
	})
}

func TestNamed(t *testing.T) {
	forEach(t, func(t *testing.T, c Contender) {
		found, err := Named(c.Name)
		require.NoError(t, err)
		require.Equal(t, c.What, found.What)
	})
	_, err := Named("nobody")
	require.Error(t, err)
}

func TestCheckAck(t *testing.T) {
	require.NoError(t, checkAck([]byte{ackByte}))
	for _, wrong := range [][]byte{nil, {0}, {ackByte, ackByte}} {
		require.ErrorIs(t, checkAck(wrong), errAck)
	}
}
