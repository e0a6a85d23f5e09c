// Package operations has the fuzz target of the session: what its owner and its peer do, made from bytes, held against a
// model after each operation.
package operations

import (
	"bytes"
	"slices"
	"sync"

	gofuzz "github.com/google/gofuzz"
	"github.com/google/gofuzz/bytesource"
)

// action is what is done to a session, by its owner or its peer.
type action byte

const (
	setMessage action = iota
	setClose
	doSend
	doClose
	doAbort
	peerSends
	peerEnds   // The peer sends no more.
	peerGoes   // The peer closes.
	peerStalls // The peer reads no more for now.
	peerReads
	actions // How many there are.
)

// operation is one action with its bytes: content to be sent, or a part of the stream that the peer sends.
type operation struct {
	act   action
	bytes []byte
}

// mostOperations bounds a sequence: what takes more of them was not made by an engine.
const mostOperations = 200

// contents are what sessions are given to send and to deliver; the first byte tells the message handler what to do.
var handlerContents = [...]string{"a", "bc", "rsvp", "panic", "close", "", "\x00\x00\x00\x01"}

// What a message handler does for content that begins so.
const (
	thenPanic = 'p'
	thenClose = 'c'
	thenReply = 'r'
	reply     = "!"
)

// maker makes operations with gofuzz. Its generator reads the input's bytes itself, one to three an operation:
// gofuzz's own numbers would take eight or more bytes each and answer to few of their bits. The source is not made by
// bytesource.New, which spends the first eight bytes on a generator for what comes after the end; here nothing does.
type maker struct {
	fuzzer *gofuzz.Fuzzer
	source bytesource.ByteSource
}

// makers are used again: making one costs more than a short sequence does.
var makers = sync.Pool{New: func() any {
	m := &maker{fuzzer: gofuzz.NewWithSeed(0)}
	m.fuzzer.RandSource(&m.source).Funcs(func(list *[]operation, _ gofuzz.Continue) {
		for m.source.Len() > 0 && len(*list) < mostOperations {
			*list = append(*list, readOperation(&m.source))
		}
	})
	return m
}}

// operationsOf makes operations of the input.
func operationsOf(data []byte) []operation {
	m := makers.Get().(*maker)
	defer makers.Put(m)
	m.source = bytesource.ByteSource{Reader: bytes.NewReader(data)}
	var all []operation
	m.fuzzer.Fuzz(&all)
	return all
}

// readOperation reads an operation: the action is what the byte leaves divided by their number, the rest a detail.
func readOperation(source *bytesource.ByteSource) operation {
	b := next(source)
	o := operation{act: action(b % byte(actions))}
	detail := int(b / byte(actions))
	switch o.act {
	case doSend:
		o.bytes = []byte(handlerContents[detail%len(handlerContents)])
		if detail == len(handlerContents) { // Longer than a buffer, by up to 255 bytes.
			o.bytes = bytes.Repeat([]byte{'x'}, 4096+int(next(source)))
		}
	case peerSends:
		o.bytes = peerStream(source, detail)
	}
	return o
}

// peerStream returns a whole message, two of them, or bytes as they are.
func peerStream(source *bytesource.ByteSource, detail int) []byte {
	message := func(i int) []byte {
		content := handlerContents[i%len(handlerContents)]
		return append([]byte{0, 0, 0, byte(len(content))}, content...)
	}
	if i := detail - len(handlerContents); i >= 0 {
		if i%2 == 0 {
			b := next(source)
			return append(message(int(b&15)), message(int(b>>4))...)
		}
		raw := make([]byte, int(next(source)))
		n, _ := source.Read(raw) // At the end there is nothing to read.
		return raw[:n]
	}
	return message(detail)
}

func next(source *bytesource.ByteSource) byte {
	b, err := source.ReadByte()
	if err != nil {
		return 0
	}
	return b
}

// encode is readOperation the other way round, for seeds.
func encode(o operation) []byte {
	if o.act != peerSends {
		return []byte{byte(o.act)}
	}
	raw := o.bytes[:min(len(o.bytes), 255)]
	detail := byte(len(handlerContents) + 1)
	return append([]byte{byte(o.act) + detail*byte(actions), byte(len(raw))}, raw...)
}

// Receiving returns the input by which a session with both handlers receives a stream, and its end if it ended.
func Receiving(stream []byte, ended bool) []byte {
	in := []byte{byte(setMessage), byte(setClose)}
	for part := range slices.Chunk(stream, 255) {
		in = append(in, encode(operation{peerSends, part})...)
	}
	if ended {
		in = append(in, byte(peerEnds))
	}
	return in
}

// EveryAction returns the input in which each action is there once.
func EveryAction() []byte {
	var every []byte
	for act := range actions {
		every = append(every, byte(act))
	}
	return every
}
