package faulty

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/oizys-protocol/oizys/spec"
)

// ClientOptions says what a client is to do.
type ClientOptions struct {
	// Socket is the path of the server's Unix socket.
	Socket string
	// Message is the content to send, as it stands in the command line.
	Message []byte
	// Out gets the reply, Err what the client has to say else. Nil discards.
	Out, Err io.Writer
}

// client sends one message and presents the reply. How it sends and receives a message is a session's business.
type client struct {
	*session
	ClientOptions
	do clientHooks
}

// clientHooks are the decisions of a client, beside those of its session: read, header, reserved, length, size, content,
// encode and write. A fault replaces one.
type clientHooks struct {
	hooks

	// start runs first. given makes the content from the argument; refuse says why it is not sent. connect opens the
	// session, ask sends the message, await receives the reply.
	start   func(*client)
	given   func(argument []byte) []byte
	refuse  func(content []byte) error
	connect func(*client) error
	ask     func(c *client, content []byte) error
	await   func(*client) ([]byte, error)

	// hangUp closes the session, whose end cause tells; nil means that a reply was received. present then prints the
	// reply; complain is told why there is none, and what there is of its content.
	hangUp   func(c *client, cause error)
	present  func(c *client, reply []byte) error
	complain func(c *client, cause error, part []byte)

	// status is the exit status after a failure or, with nil, after a reply; end runs last.
	status func(c *client, cause error) int
	end    func(c *client, cause error)
}

// Why a client fails, besides the reasons of a session.
var (
	errEmpty   = errors.New("an empty message must not be sent")
	errRefused = errors.New("the message cannot be sent")
)

func correctClient() clientHooks {
	return clientHooks{
		hooks:   correct(),
		start:   func(*client) {},
		given:   func(argument []byte) []byte { return argument },
		refuse:  refuseToSend,
		connect: (*client).dial,
		ask:     func(c *client, content []byte) error { return c.send(content) },
		await:   func(c *client) ([]byte, error) { return c.receive() },
		hangUp:  func(c *client, _ error) { c.conn.Close() },
		present: func(c *client, reply []byte) error {
			_, err := c.Out.Write(append(reply, '\n'))
			return err
		},
		complain: func(c *client, cause error, _ []byte) { fmt.Fprintf(c.Err, "no reply: %v\n", cause) },
		status:   failureIsOne,
		end:      func(*client, error) {},
	}
}

func refuseToSend(content []byte) error {
	switch {
	case len(content) == 0:
		return errEmpty
	case len(content) > spec.MaxContentLen:
		return fmt.Errorf("the message is longer than %d bytes", spec.MaxContentLen)
	}
	return nil
}

func failureIsOne(_ *client, cause error) int {
	if cause != nil {
		return 1
	}
	return 0
}

// RunClient connects, sends one message, prints the content of the reply and a line end, and returns the status with which
// the program is to end, with the fault or habit called name; "" or "none" is the correct client, whose status is 0 after
// a reply and 1 without one. The error says that name is no client's. Faults may end the process instead.
func RunClient(ctx context.Context, name string, o ClientOptions) (status int, err error) {
	f, err := find(spec.Client, name)
	if err != nil {
		return 0, err
	}
	do := correctClient()
	if f.client != nil {
		f.client(&do)
	}
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.Err == nil {
		o.Err = io.Discard
	}
	c := &client{session: &session{do: do.hooks, server: &server{ctx: ctx}, number: 1}, ClientOptions: o, do: do}
	cause := c.run()
	c.do.end(c, cause)
	return c.do.status(c, cause), nil
}

// run is the client's one session; the error is why there was no reply.
func (c *client) run() error {
	c.do.start(c)
	content := c.do.given(c.Message)
	reply, err := c.exchange(content)
	if c.conn != nil {
		c.do.hangUp(c, err)
	}
	if err != nil {
		c.do.complain(c, err, reply)
		return err
	}
	return c.do.present(c, reply)
}

// exchange sends the message and receives the reply, or what there is of it.
func (c *client) exchange(content []byte) (reply []byte, err error) {
	if err := c.do.refuse(content); err != nil {
		return nil, err
	}
	if err := c.do.connect(c); err != nil {
		return nil, err
	}
	stop := context.AfterFunc(c.server.ctx, func() { c.conn.Close() })
	defer stop()
	if err := c.do.ask(c, content); err != nil {
		return nil, err
	}
	return c.do.await(c)
}

func (c *client) dial() (err error) {
	c.conn, err = net.DialUnix("unix", nil, &net.UnixAddr{Name: c.Socket, Net: "unix"})
	return err
}
