package scenario

import (
	"errors"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/report"
)

// begin connects, for a scenario.
func (p *Player) begin(x *session, s *Scenario) {
	x.fd = -1
	x.load(s)
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		x.unjudged(err)
		return
	}
	x.fd = fd
	extensions := 0
	for waited, pause := time.Duration(0), 50*time.Microsecond; ; pause = min(2*pause, 5*time.Millisecond) {
		err := unix.Connect(fd, p.address)
		switch {
		case err == nil:
			return
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.ECONNREFUSED), errors.Is(err, unix.ENOENT):
			x.fail(Refused)
			return
		case !errors.Is(err, unix.EAGAIN): // the queue of connections to accept is full
			x.unjudged(err)
			return
		case waited >= p.patience && p.extend(extensions):
			waited, extensions = 0, extensions+1
		case waited >= p.patience:
			x.fail(NoConnection)
			return
		}
		time.Sleep(pause)
		waited += pause
	}
}

func (x *session) unjudged(err error) {
	x.result.Err = err
	x.fail(Unjudged)
}

// step waits for the answers that the next piece waits for, and sends it.
func (p *Player) step(x *session) {
	target := x.awaits()
	if target > x.result.Matched {
		p.awaitMatched(x, target)
	}
	if p.idle > 0 && (target > 0 || x.result.Sent == 0) {
		p.rest(x)
	}
	if x.failed || x.result.Closed || len(x.stray) > 0 {
		return
	}
	piece, atCut := x.piece()
	if atCut && x.s.Paced {
		p.awaitTaken(x)
	}
	p.send(x, piece)
}

// rest sends nothing for a while, in which the peer must do nothing either.
func (p *Player) rest(x *session) {
	p.poll[0] = unix.PollFd{Fd: int32(x.fd), Events: unix.POLLIN}
	if n, _ := unix.Poll(p.poll[:], int(p.idle/time.Millisecond)); n > 0 {
		p.receive(x)
	}
	if x.result.Closed {
		x.fail(EarlyClose)
	}
}

// send writes b whole, and reads while the peer takes nothing. It leaves off when something came that was not predicted, or
// the peer has ended its stream.
func (p *Player) send(x *session, b []byte) {
	for len(b) > 0 {
		n, err := unix.Write(x.fd, b)
		switch {
		case n > 0:
			x.record.bytes(report.Sent, b[:n])
			x.result.Sent += n
			b = b[n:]
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN):
			if !p.ready(x, unix.POLLIN|unix.POLLOUT) {
				x.fail(NotTaking)
				return
			}
			p.receive(x)
			if len(x.stray) > 0 || x.result.Closed || x.failed {
				return
			}
		case errors.Is(err, unix.EPIPE), errors.Is(err, unix.ECONNRESET):
			x.broken = true // what the peer had sent before is still to be read
			return
		default:
			x.unjudged(err)
			return
		}
	}
}

// receive takes what has come, once; nothing may have.
func (p *Player) receive(x *session) {
	n, err := unix.Read(x.fd, p.buf)
	switch {
	case n > 0:
		x.received(p.buf[:n])
	case err == nil, errors.Is(err, unix.ECONNRESET), errors.Is(err, unix.EPIPE):
		x.result.Closed = true
		x.record.note(report.PeerClosed)
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
	default:
		x.unjudged(err)
	}
}

// ready waits until one of the events is there; it is false when patience is at its end.
func (p *Player) ready(x *session, events int16) bool {
	for extensions := 0; ; {
		p.poll[0] = unix.PollFd{Fd: int32(x.fd), Events: events}
		n, err := unix.Poll(p.poll[:], int(p.patience/time.Millisecond))
		switch {
		case n > 0:
			return true
		case errors.Is(err, unix.EINTR):
		case err != nil:
			x.unjudged(err)
			return true
		case p.extend(extensions):
			extensions++
		default:
			x.record.note(report.Waited)
			return false
		}
	}
}

func (p *Player) extend(before int) bool { return before < maxExtensions && p.busy != nil && p.busy() }

// awaitMatched waits for the first target bytes of the predicted answer.
func (p *Player) awaitMatched(x *session, target int) {
	for x.result.Matched < target && len(x.stray) == 0 && !x.failed {
		switch {
		case x.result.Closed:
			x.fail(EarlyClose)
		case !p.ready(x, unix.POLLIN):
			x.fail(NoAnswer)
		default:
			p.receive(x)
		}
	}
}

// awaitEnd waits until the peer closes.
func (p *Player) awaitEnd(x *session) {
	for !x.result.Closed && len(x.stray) == 0 && !x.failed {
		if p.ready(x, unix.POLLIN) {
			hungUp := p.poll[0].Revents&unix.POLLHUP != 0
			p.receive(x)
			if hungUp && !x.result.Closed { // the end is there, and need not be waited for
				p.receive(x)
			}
			continue
		}
		if x.result.Prediction.End == model.Reserved {
			x.fail(ReservedOpen)
			return
		}
		x.fail(NoClose)
	}
}

// finish ends the scenario as it says, and judges.
func (p *Player) finish(x *session) {
	if x.fd < 0 {
		return
	}
	if !x.failed {
		switch {
		case x.s.Close == Abrupt:
			x.judgeStray()
		case x.s.Close == Hold && x.result.Prediction.End == model.Open:
			p.awaitMatched(x, x.result.Prediction.Valid)
		default:
			p.end(x)
		}
	}
	x.judgeStray()
	x.result.Stray = x.stray
	if x.keep && !x.failed && !x.result.Closed {
		return
	}
	x.record.note(report.Closed)
	_ = unix.Close(x.fd) // nothing is done differently when closing fails
	x.fd = -1
}

// end waits for the close that an error or the end of the stream demands.
func (p *Player) end(x *session) {
	if x.s.Close == HalfClose && len(x.stray) == 0 && !x.result.Closed {
		x.record.note(report.HalfClosed)
		_ = unix.Shutdown(x.fd, unix.SHUT_WR) // ENOTCONN: the peer has closed already
	}
	p.awaitEnd(x)
}

const maxNaps = 100 // of some 100 µs each, on one connection

// awaitTaken waits until the peer has read what was sent; for one that does not read, not for long.
func (p *Player) awaitTaken(x *session) {
	for turn := 0; x.naps < maxNaps; turn++ {
		left, err := unix.IoctlGetInt(x.fd, unix.SIOCOUTQ)
		if err != nil || left == 0 {
			return
		}
		if turn < 6 {
			runtime.Gosched()
			continue
		}
		x.naps++
		time.Sleep(50 * time.Microsecond)
	}
}
