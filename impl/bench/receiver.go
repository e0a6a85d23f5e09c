package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"runtime"
	"slices"
	"time"

	"github.com/oizys-protocol/oizys/impl/bench/internal/contender"
	"github.com/oizys-protocol/oizys/impl/bench/internal/content"
)

// The program's first argument when it is run as the receiving process; the second is the socket to listen on.
const receiverCommand = "receive"

// order is what the sending process asks the receiving one to do, a line of JSON on its standard input. Each is answered
// by an answer on standard output; a run is answered twice, when it may begin and when it is over.
type order struct {
	Do        string `json:"do"`
	Contender string `json:"contender,omitempty"`
	Size      int    `json:"size,omitempty"`
	Count     int    `json:"count,omitempty"`
	File      string `json:"file,omitempty"`
	// SendBuffer is for the connections that are accepted; 0 leaves them as they are.
	SendBuffer int `json:"send_buffer,omitempty"`
}

// Values of order.Do.
const (
	doPattern = "pattern" // Make the pattern for messages of up to Size bytes.
	doAccept  = "accept"  // Accept a connection.
	doReceive = "receive" // Run: receive on that connection.
	doEcho    = "echo"    // Run: echo on that connection.
	doClose   = "close"   // Close that connection.
	doHold    = "hold"    // Accept Count connections and echo on each for good.
	doMemory  = "memory"  // Say how much memory is in use.
	doProfile = "profile" // Write a CPU profile to File, until the process ends.
)

type answer struct {
	Error string `json:"error,omitempty"`
	// Spent is what a run took.
	Spent  spent  `json:"spent,omitzero"`
	Memory memory `json:"memory,omitzero"`
}

// ready is an empty answer as a line. It is written without allocating, because a run's allocations are counted by then.
const ready = "{}\n"

// receiver is the receiving process.
type receiver struct {
	listener *net.UnixListener
	out      io.StringWriter
	pattern  content.Pattern
	link     contender.Link
	held     []contender.Link
	unprofil func() error
}

// receive is the receiving process's work: it listens on a socket and carries out orders until there are no more.
func receive(socket string, in io.Reader, out io.StringWriter) error {
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		return err
	}
	defer listener.Close()
	if _, err := out.WriteString(ready); err != nil {
		return err
	}
	r := &receiver{listener: listener, out: out, unprofil: func() error { return nil }}
	defer r.closeAll()
	for orders := json.NewDecoder(in); ; {
		var o order
		if err := orders.Decode(&o); errors.Is(err, io.EOF) {
			return r.unprofil()
		} else if err != nil {
			return err
		}
		a, err := r.carryOut(o)
		if err != nil {
			a.Error = fmt.Sprintf("receiving process, %s %s: %v", o.Do, o.Contender, err)
		}
		line, err := json.Marshal(a)
		if err != nil {
			return err
		}
		if _, err := out.WriteString(string(line) + "\n"); err != nil {
			return err
		}
	}
}

func (r *receiver) closeAll() {
	if r.link != nil {
		_ = r.link.Close()
	}
	for _, l := range r.held {
		_ = l.Close()
	}
}

func (r *receiver) carryOut(o order) (a answer, err error) {
	switch o.Do {
	case doPattern:
		r.pattern = content.New(o.Size)
	case doAccept:
		runtime.GC()
		r.link, err = r.accept(o)
	case doReceive, doEcho:
		a.Spent, err = r.run(o)
	case doClose:
		err = r.link.Close()
		r.link = nil
	case doHold:
		err = r.hold(o)
	case doMemory:
		a.Memory, err = memoryInUse()
	case doProfile:
		r.unprofil, err = startProfile(o.File)
	default:
		err = errors.New("unknown order")
	}
	return a, err
}

func (r *receiver) accept(o order) (contender.Link, error) {
	c, err := contender.Named(o.Contender)
	if err != nil {
		return nil, err
	}
	if err := r.listener.SetDeadline(time.Now().Add(watchTime)); err != nil {
		return nil, err
	}
	conn, err := r.listener.AcceptUnix()
	if err != nil {
		return nil, err
	}
	return opened(conn, o.SendBuffer, c.Accept)
}

// run carries out one run, and returns what this process spent on it.
func (r *receiver) run(o order) (spent, error) {
	work := r.link.Receive
	if o.Do == doEcho {
		work = r.link.Echo
	}
	var before spent
	load := contender.Load{Pattern: r.pattern, Size: o.Size, Count: o.Count, Ready: func() {
		before = spentSoFar()
		_, _ = r.out.WriteString(ready) // If nobody listens, nothing will come, and the connection will end.
	}}
	err := work(load)
	took := spentSoFar().since(before)
	if err != nil {
		_ = r.link.Close() // The other side may be waiting for us.
	}
	return took, err
}

func (r *receiver) hold(o order) error {
	r.held = slices.Grow(r.held, o.Count)
	for range o.Count {
		link, err := r.accept(o)
		if err != nil {
			_ = r.listener.Close() // The other side goes on connecting, and must see that it need not.
			return err
		}
		r.held = append(r.held, link)
		begun := make(chan struct{})
		load := contender.Load{Pattern: r.pattern, Size: o.Size, Count: math.MaxInt, Ready: func() { close(begun) }}
		go func() { _ = link.Echo(load) }() // Until the connection is closed.
		<-begun
	}
	return nil
}

// opened makes a link of a connection with the given send buffer, or closes it.
func opened(conn *net.UnixConn, sendBuffer int, open func(*net.UnixConn) (contender.Link, error)) (contender.Link, error) {
	if sendBuffer > 0 {
		if err := conn.SetWriteBuffer(sendBuffer); err != nil {
			_ = conn.Close()
			return nil, err
		}
	}
	link, err := open(conn)
	if err != nil {
		_ = conn.Close()
	}
	return link, err
}
