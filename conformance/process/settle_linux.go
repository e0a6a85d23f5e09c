package process

import (
	"math"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// stream is what comes through a pipe: how much came, and when nobody can write to it any more.
type stream interface {
	Total() int64
	Ended() <-chan struct{}
}

// settle waits until all has come through a pipe that ended programs had written before: the pipe's end or, where somebody
// holds it open, that it was empty for as long as the limit, or that more came than a pipe holds. An imitation has no pipe.
func settle(s stream, pipe *os.File, limit time.Duration) {
	look := time.NewTicker(limit / 2)
	defer look.Stop()
	begin := s.Total()
	for empty := 0; empty < 2; {
		select {
		case <-s.Ended():
			return
		case <-look.C:
		}
		left, room := unread(pipe)
		switch {
		case s.Total()-begin >= room:
			return
		case left:
			empty = 0
		default:
			empty++
		}
	}
}

// unread reports whether something, be it only its end, is still to be read from a pipe, and how much the pipe holds at
// most.
func unread(pipe *os.File) (left bool, room int64) {
	room = math.MaxInt64
	raw, err := pipe.SyscallConn()
	if err != nil {
		return false, room // there is none
	}
	_ = raw.Control(func(fd uintptr) { // fails for one that is closed, of which nothing is left to read
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(poll, 0)
		left = err == nil && n > 0
		if size, err := unix.FcntlInt(fd, unix.F_GETPIPE_SZ, 0); err == nil {
			room = int64(size)
		}
	})
	return left, room
}
