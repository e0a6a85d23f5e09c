package contender

import (
	"context"
	"net"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

func gobwasContender() Contender {
	return Contender{
		Name:    "gobwas",
		What:    "gobwas/ws: wsutil's functions for binary messages, on the connection itself",
		Connect: connectGobwas,
		Accept:  acceptGobwas,
	}
}

type gobwasClient struct{ net.Conn }

func (g gobwasClient) write(content []byte) error { return wsutil.WriteClientBinary(g, content) }
func (g gobwasClient) read() ([]byte, error)      { return wsutil.ReadServerBinary(g) }

type gobwasServer struct{ net.Conn }

func (g gobwasServer) write(content []byte) error { return wsutil.WriteServerBinary(g, content) }
func (g gobwasServer) read() ([]byte, error)      { return wsutil.ReadClientBinary(g) }

func connectGobwas(conn *net.UnixConn) (Link, error) {
	dialer := ws.Dialer{NetDial: dialled(conn), Timeout: handshakeTime}
	_, early, _, err := dialer.Dial(context.Background(), wsURL)
	if err != nil {
		return nil, err
	}
	if early != nil {
		return nil, errUnasked // The server says nothing by itself.
	}
	return newLoop(gobwasClient{conn}), nil
}

func acceptGobwas(conn *net.UnixConn) (Link, error) {
	if _, err := ws.Upgrade(conn); err != nil {
		return nil, err
	}
	return newLoop(gobwasServer{conn}), nil
}
