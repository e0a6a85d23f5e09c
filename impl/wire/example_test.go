package wire_test

import (
	"fmt"
	"io"
	"strings"

	"github.com/oizys-protocol/oizys/impl/wire"
)

func ExampleAppend() {
	message, err := wire.Append(nil, []byte("Hi"))
	fmt.Printf("% x %v\n", message, err)
	_, err = wire.Append(nil, nil)
	fmt.Println(err)
	// Output:
	// 00 00 00 02 48 69 <nil>
	// message without content
}

func ExampleReader() {
	messages := wire.NewReader(strings.NewReader("\x00\x00\x00\x02Hi\x00\x00\x00\x03foo"), 0)
	for {
		content, err := messages.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Println("the stream breaks the protocol:", err)
			break
		}
		fmt.Printf("%s\n", content)
	}
	// Output:
	// Hi
	// foo
}

func ExampleDecoder() {
	var dec wire.Decoder
	for _, piece := range []string{"\x00\x00", "\x00\x02H", "i\x00\x00\x00\x01!"} {
		for rest := []byte(piece); len(rest) > 0; {
			var content []byte
			var err error
			if content, rest, err = dec.Feed(rest); err != nil {
				fmt.Println(err)
				return
			}
			if content != nil {
				fmt.Printf("%s\n", content)
			}
		}
	}
	fmt.Println(dec.End())
	// Output:
	// Hi
	// !
	// EOF
}
