package playback

import (
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

// line is the program's end of one session.
type line struct {
	number int
	heard  *report.Heard
	rest   []byte
	sock   *net.UnixConn
	conn   *transport.Conn // the suite's end
	said   int64

	mu      sync.Mutex
	changed chan struct{} // closed and replaced whenever more has come
	got     []byte
	over    bool // the suite sends no more
}

// listen takes what the suite sends.
func (l *line) listen() {
	buf := make([]byte, 64<<10)
	for {
		n, err := l.sock.Read(buf)
		l.mu.Lock()
		l.got = append(l.got, buf[:n]...)
		l.over = l.over || err != nil
		close(l.changed)
		l.changed = make(chan struct{})
		l.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// await waits until the suite has sent so many bytes, and reports whether it has.
func (l *line) await(stop <-chan struct{}, sent int64) bool {
	for {
		l.mu.Lock()
		got, over, changed := int64(len(l.got)), l.over, l.changed
		l.mu.Unlock()
		if got >= sent || over {
			return got >= sent
		}
		select {
		case <-changed:
		case <-stop:
			return false
		}
	}
}

func (l *line) sent(from, to int64) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.got[from:to]
}

// refuse takes no more than was taken.
func (l *line) refuse(stop <-chan struct{}) {
	if l.await(stop, l.heard.Sent) {
		_ = l.sock.CloseRead() // what follows is refused, as it was
	}
}

// awaitConn waits for the suite's end.
func (l *line) awaitConn(stop <-chan struct{}, yes func(transport.Incoming) bool) bool {
	for {
		in := l.conn.Incoming()
		if yes(in) {
			return true
		}
		select {
		case <-in.Changed:
		case <-stop:
			return false
		}
	}
}

// say sends what the program had sent up to a place, once as much as came of it is expected, and waits until it was seen.
func (l *line) say(stop <-chan struct{}, to int64) bool {
	expected := min(to, l.heard.Expected)
	if !l.awaitConn(stop, func(in transport.Incoming) bool { return in.Want >= expected }) {
		return false
	}
	var parts [][]byte
	if l.said < expected {
		parts = append(parts, l.conn.Expected(l.said, expected))
	}
	if from := max(l.said, l.heard.Expected); from < to {
		parts = append(parts, l.rest[from-l.heard.Expected:to-l.heard.Expected])
	}
	for _, b := range parts {
		if _, err := l.sock.Write(b); err != nil {
			return false // the suite has heard enough
		}
	}
	l.said = max(l.said, to)
	return l.awaitConn(stop, func(in transport.Incoming) bool { return in.Got >= to || in.Ended })
}

func (l *line) doubt() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	got, sent := int64(len(l.got)), l.heard.Sent
	switch {
	case got < sent:
		return fmt.Errorf("sends fewer bytes than was recorded: %d, and then %d", got, sent)
	case report.AddSum(0, l.got[:sent]) != l.heard.Sum:
		return errors.New("sends other bytes than was recorded")
	case got > sent && l.heard.Ended == "" && !l.heard.Refused:
		return fmt.Errorf("sends more bytes than was recorded: %d, and then %d", got, sent)
	case l.heard.Unread && l.conn.Reads():
		return errors.New("reads what was left unread then")
	default:
		return nil
	}
}
