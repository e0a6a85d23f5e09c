package contender

import (
	"context"
	"net"
	"net/http"

	"github.com/coder/websocket"
)

// coderLimit is the longest message that coder/websocket reads by default, in bytes.
const coderLimit = 1 << 15

func coderContender() Contender {
	return Contender{
		Name:    "coder",
		What:    "coder/websocket: Write and Read, binary",
		Connect: connectCoder,
		Accept:  acceptCoder,
		Note: func(size int) string {
			if size <= coderLimit {
				return ""
			}
			return "read limit raised: it is 32 KiB by default"
		},
	}
}

type coder struct{ *websocket.Conn }

func newCoder(ws *websocket.Conn) Link {
	ws.SetReadLimit(-1)
	return newLoop(coder{ws})
}

func (c coder) write(content []byte) error {
	return c.Write(context.Background(), websocket.MessageBinary, content)
}

func (c coder) read() ([]byte, error) {
	_, content, err := c.Read(context.Background())
	return content, err
}

// Close closes without the closing handshake, for which the library would wait.
func (c coder) Close() error { return c.CloseNow() }

func connectCoder(conn *net.UnixConn) (Link, error) {
	ctx, cancel := context.WithTimeout(context.Background(), handshakeTime)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DialContext: dialled(conn)}}
	ws, _, err := websocket.Dial(ctx, wsURL, &websocket.DialOptions{HTTPClient: client}) //nolint:bodyclose // Says Dial.
	if err != nil {
		return nil, err
	}
	return newCoder(ws), nil
}

func acceptCoder(conn *net.UnixConn) (Link, error) {
	return upgraded(conn, func(w http.ResponseWriter, r *http.Request) (Link, error) {
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return nil, err
		}
		return newCoder(ws), nil
	})
}
