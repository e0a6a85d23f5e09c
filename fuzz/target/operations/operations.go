// Package operations has the fuzz target of the session: what its owner and its peer do, made from bytes, held against a
// model after each operation.
package operations

import (
	"bytes"
	"slices"

	gofuzz "github.com/google/gofuzz"
	"github.com/google/gofuzz/bytesource"

	"github.com/oizys-protocol/oizys/impl/session/sessiontest"
)

// operation is one act with its bytes: content to be sent, or a part of the stream that the peer sends.
type operation struct {
	act   sessiontest.Act
	bytes []byte
}

// actions is how many acts there are here: time does not pass.
const actions = byte(sessiontest.TimePasses)

// mostOperations bounds a sequence, and mostPanics how many of its messages, other than those in raw bytes, are made to make
// the handler panic: an engine that counts branches finds each power of two of them interesting, and a panic takes longer
// than all else in most inputs.
const (
	mostOperations = 32
	mostPanics     = 1
)

// contents are what sessions are given to send and to deliver; the first byte tells the message handler what to do.
var handlerContents = [...]string{"a", "bc", "rsvp", "panic", "close", "", "\x00\x00\x00\x01"}

// maker makes operations with gofuzz. Its generator reads the input's bytes itself, one to three an operation:
// gofuzz's own numbers would take eight or more bytes each and answer to few of their bits. The source is not made by
// bytesource.New, which spends the first eight bytes on a generator for what comes after the end; here nothing does.
type maker struct {
	fuzzer *gofuzz.Fuzzer
	source bytesource.ByteSource
	reader bytes.Reader
	do     func(operation) bool
	panics int    // How many messages so far make the handler panic.
	memory []byte // Of the operations' bytes.
	long   []byte
}

func newMaker() *maker {
	m := &maker{fuzzer: gofuzz.NewWithSeed(0), long: bytes.Repeat([]byte{'x'}, 4096+255)}
	m.fuzzer.RandSource(&m.source)
	return m
}

// operations makes operations of the input, and gives each to do, until that returns false. Their bytes are valid until
// the maker makes others.
func (m *maker) operations(data []byte, do func(operation) bool) {
	m.reader.Reset(data)
	m.source = bytesource.ByteSource{Reader: &m.reader}
	m.do, m.panics, m.memory = do, 0, m.memory[:0]
	m.fuzzer.Fuzz(m)
}

// Fuzz is called by gofuzz. A method takes it less time than a function for the type does.
func (m *maker) Fuzz(gofuzz.Continue) {
	for left := mostOperations; left > 0 && m.source.Len() > 0 && m.do(m.operation()); left-- {
	}
}

// operation reads an operation: the action is what the byte leaves divided by their number, the rest a detail.
func (m *maker) operation() operation {
	b := m.next()
	from := len(m.memory)
	o := operation{act: sessiontest.Act(b % actions)}
	detail := int(b / actions)
	switch o.act {
	case sessiontest.Send:
		if detail == len(handlerContents) { // Longer than a buffer, by up to 255 bytes.
			m.memory = append(m.memory, m.long[:4096+int(m.next())]...)
		} else {
			m.memory = append(m.memory, handlerContents[detail%len(handlerContents)]...)
		}
	case sessiontest.PeerSends:
		m.peerStream(detail)
	}
	o.bytes = m.memory[from:len(m.memory):len(m.memory)]
	return o
}

// peerStream adds to the memory a whole message, two of them, or bytes as they are.
func (m *maker) peerStream(detail int) {
	i := detail - len(handlerContents)
	switch {
	case i < 0:
		m.message(detail)
	case i%2 == 0:
		b := m.next()
		m.message(int(b & 15))
		m.message(int(b >> 4))
	default:
		from, n := len(m.memory), int(m.next())
		m.memory = slices.Grow(m.memory, n)[:from+n]
		n, _ = m.source.Read(m.memory[from:]) // At the end there is nothing to read.
		m.memory = m.memory[:from+n]
	}
}

func (m *maker) message(i int) {
	content := handlerContents[i%len(handlerContents)]
	if content == "panic" {
		if m.panics == mostPanics {
			content = "quiet"
		} else {
			m.panics++
		}
	}
	m.memory = append(append(m.memory, 0, 0, 0, byte(len(content))), content...)
}

func (m *maker) next() byte {
	b, err := m.source.ReadByte()
	if err != nil {
		return 0
	}
	return b
}

// encode is maker.operation the other way round, for seeds.
func encode(o operation) []byte {
	if o.act != sessiontest.PeerSends {
		return []byte{byte(o.act)}
	}
	raw := o.bytes[:min(len(o.bytes), 255)]
	detail := byte(len(handlerContents) + 1)
	return append([]byte{byte(o.act) + detail*actions, byte(len(raw))}, raw...)
}

// Receiving returns the input by which a session with both handlers receives a stream, and its end if it ended.
func Receiving(stream []byte, ended bool) []byte {
	in := []byte{byte(sessiontest.SetMessage), byte(sessiontest.SetClose)}
	for part := range slices.Chunk(stream, 255) {
		in = append(in, encode(operation{sessiontest.PeerSends, part})...)
	}
	if ended {
		in = append(in, byte(sessiontest.PeerEnds))
	}
	return in
}

// EveryAction returns the input in which each action is there once.
func EveryAction() []byte {
	var every []byte
	for act := range actions {
		every = append(every, act)
	}
	return every
}
