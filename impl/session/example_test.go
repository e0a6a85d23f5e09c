package session_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/oizys-protocol/oizys/impl/session"
)

// A server that greets each peer, and a peer that says its name.
func Example() {
	dir, err := os.MkdirTemp("", "oizys")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "s")

	listener, err := session.Listen(path, session.Options{})
	if err != nil {
		panic(err)
	}
	defer func() { _ = listener.Close() }()
	go func() {
		s, err := listener.Accept()
		if err != nil {
			return
		}
		_ = s.OnMessage(func(content []byte) {
			_, _ = s.Send(append([]byte("Hi "), content...))
		})
	}()

	ctx := context.Background()
	s, err := session.Dial(ctx, path, session.Options{})
	if err != nil {
		panic(err)
	}
	_ = s.OnClose(func(cause error) { fmt.Println("closed:", cause) })
	_ = s.OnMessage(func(content []byte) {
		fmt.Printf("%s\n", content)
		s.Close()
	})
	_, _ = s.Send([]byte("Ada"))
	fmt.Println("over:", s.Wait(ctx))
	// Output:
	// Hi Ada
	// closed: <nil>
	// over: <nil>
}
