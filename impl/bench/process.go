package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/oizys-protocol/oizys/impl/bench/internal/contender"
)

// process is the receiving process, as the sending one sees it.
type process struct {
	cmd     *exec.Cmd
	socket  string
	folder  string
	in      io.WriteCloser
	orders  *json.Encoder
	answers *json.Decoder
}

// startReceiver runs this program again as the receiving process.
func startReceiver() (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "oizys-bench-")
	if err != nil {
		return nil, err
	}
	p := &process{folder: folder, socket: filepath.Join(folder, "s")}
	p.cmd = exec.Command(self, receiverCommand, p.socket)
	p.cmd.Stderr = os.Stderr
	if err := p.start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return p, nil
}

func (p *process) start() error {
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.orders, p.answers = json.NewEncoder(p.in), json.NewDecoder(out)
	if _, err := p.answer(); err != nil {
		return errors.Join(err, p.in.Close(), p.cmd.Wait())
	}
	return nil
}

// stop ends the process and waits for it.
func (p *process) stop() error {
	kill := time.AfterFunc(stopTime, func() { _ = p.cmd.Process.Kill() })
	defer kill.Stop()
	return errors.Join(p.in.Close(), p.cmd.Wait(), os.RemoveAll(p.folder))
}

const stopTime = 10 * time.Second

func (p *process) order(o order) error { return p.orders.Encode(o) }

func (p *process) answer() (answer, error) {
	var a answer
	if err := p.answers.Decode(&a); err != nil {
		return a, fmt.Errorf("the receiving process is gone: %w", err)
	}
	if a.Error != "" {
		return a, errors.New(a.Error)
	}
	return a, nil
}

// ask gives an order that is answered once.
func (p *process) ask(o order) (answer, error) {
	if err := p.order(o); err != nil {
		return answer{}, err
	}
	return p.answer()
}

// connect makes a connection to the process, which has been ordered to accept it.
func (p *process) connect(c contender.Contender, sendBuffer int) (contender.Link, error) {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: p.socket, Net: "unix"})
	if err != nil {
		return nil, err
	}
	return opened(conn, sendBuffer, c.Connect)
}
