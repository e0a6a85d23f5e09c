// Package planted has bugs on purpose, to show that the engines are guided: that they find in seconds what chance does not
// find in years. Nothing but fuzz targets uses it, and no fleet is given these targets.
package planted

import (
	"errors"

	"github.com/oizys-protocol/oizys/fuzz/target/stream"
	"github.com/oizys-protocol/oizys/impl/wire"
)

// decoder ignores a wrong reserved byte behind at least four messages, one of which has 256 to 511 bytes.
type decoder struct {
	wire.Decoder
	messages int
	long     bool
}

func (d *decoder) Feed(p []byte) (content, rest []byte, err error) {
	content, rest, err = d.Decoder.Feed(p)
	if content != nil {
		d.messages++
		if len(content) >= 256 && len(content) < 512 {
			d.long = true
		}
	}
	if errors.Is(err, wire.ErrReserved) && d.messages >= 4 && d.long {
		return nil, nil, nil
	}
	return content, rest, err
}

// Script is the body of the stream target with a decoder that has a bug.
func Script(data []byte) error {
	return stream.Stream(data, stream.DefaultLimit, func(limit int) stream.Receiver {
		return &decoder{Decoder: wire.Decoder{Max: limit}}
	})
}

// ErrMagic is the bug of Magic.
var ErrMagic = errors.New("the planted bug behind four bytes")

// Magic has a bug behind four bytes that stand in the content of a message.
func Magic(data []byte) error {
	d := wire.Decoder{Max: stream.DefaultLimit}
	for rest := data; len(rest) > 0; {
		var content []byte
		var err error
		if content, rest, err = d.Feed(rest); err != nil {
			return nil // Not what this is about.
		}
		if len(content) >= 4 && string(content[:4]) == "OiZy" {
			return ErrMagic
		}
	}
	return nil
}
