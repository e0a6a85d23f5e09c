package contender

import (
	"context"
	"net"
	"net/http"

	"github.com/gorilla/websocket"
)

func gorillaContender() Contender {
	return Contender{
		Name:    "gorilla",
		What:    "gorilla/websocket: WriteMessage and ReadMessage, binary",
		Connect: connectGorilla,
		Accept:  acceptGorilla,
	}
}

type gorilla struct{ *websocket.Conn }

func (g gorilla) write(content []byte) error { return g.WriteMessage(websocket.BinaryMessage, content) }

func (g gorilla) read() ([]byte, error) {
	_, content, err := g.ReadMessage()
	return content, err
}

func connectGorilla(conn *net.UnixConn) (Link, error) {
	ctx, cancel := context.WithTimeout(context.Background(), handshakeTime)
	defer cancel()
	ws, answer, err := (&websocket.Dialer{NetDialContext: dialled(conn)}).DialContext(ctx, wsURL, nil)
	if err != nil {
		return nil, err
	}
	_ = answer.Body.Close()
	return newLoop(gorilla{ws}), nil
}

func acceptGorilla(conn *net.UnixConn) (Link, error) {
	return upgraded(conn, func(w http.ResponseWriter, r *http.Request) (Link, error) {
		ws, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			return nil, err
		}
		return newLoop(gorilla{ws}), nil
	})
}
