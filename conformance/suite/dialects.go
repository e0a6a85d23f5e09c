package suite

import (
	"bytes"
	"context"
	"fmt"
	"time"
)

// dialect is another way to frame a message, by mistake or by another protocol.
type dialect struct {
	name  string
	frame func(content []byte) []byte
}

func dialects() []dialect {
	n := func(c []byte) byte { return byte(len(c)) }
	return []dialect{
		{"a 24-bit little-endian length", func(c []byte) []byte { return append([]byte{0, n(c), 0, 0}, c...) }},
		{"a 32-bit little-endian length", func(c []byte) []byte { return append([]byte{n(c), 0, 0, 0}, c...) }},
		{"the length in bytes 0 to 2 and the reserved byte last", func(c []byte) []byte { return append([]byte{0, 0, n(c), 0}, c...) }},
		{"a length that counts the header's 4 bytes", func(c []byte) []byte { return append([]byte{0, 0, 0, n(c) + 4}, c...) }},
		{"a 16-bit big-endian length and no reserved byte", func(c []byte) []byte { return append([]byte{0, n(c)}, c...) }},
		{"a 16-bit little-endian length and no reserved byte", func(c []byte) []byte { return append([]byte{n(c), 0}, c...) }},
		{"a one-byte length", func(c []byte) []byte { return append([]byte{n(c)}, c...) }},
		{"a 64-bit big-endian length", func(c []byte) []byte { return append([]byte{0, 0, 0, 0, 0, 0, 0, n(c)}, c...) }},
		{"lines of text", func(c []byte) []byte { return append(bytes.Clone(c), '\n') }},
		{"strings that end with NUL", func(c []byte) []byte { return append(bytes.Clone(c), 0) }},
	}
}

// dialectPatience is how long a peer may take to answer in a dialect: a hint that is missed costs little.
const dialectPatience = 150 * time.Millisecond

// Dialects tries, on a peer that does not pass the gate, whether it answers messages that are framed in another way,
// and returns what that suggests.
func Dialects(ctx context.Context, e *Env) []string {
	var hints []string
	for _, d := range dialects() {
		if ctx.Err() != nil {
			break
		}
		if answers(ctx, e, d.frame([]byte("Hi"))) {
			hints = append(hints, fmt.Sprintf("the server speaks another framing: it echoed a message with %s", d.name))
		}
	}
	return hints
}

func answers(ctx context.Context, e *Env, message []byte) bool {
	c, f := e.dial(ctx, "another framing")
	if f != nil {
		return false
	}
	defer e.drop(c)
	c.SetPatience(dialectPatience)
	c.Expect(message)
	if c.Send(message) != nil {
		return false
	}
	s, err := c.AwaitExpected(ctx)
	return err == nil && s.Matched == s.Want
}
