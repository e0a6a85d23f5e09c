package live

import (
	"bytes"
	"cmp"
	"context"
	"math/rand/v2"
	"time"

	"github.com/oizys-protocol/oizys/conformance/runner"
	"github.com/oizys-protocol/oizys/conformance/scenario"
	"github.com/oizys-protocol/oizys/conformance/suite"
	"github.com/oizys-protocol/oizys/spec"
)

// visitRest is how long a server rests that answers only after a while: one whose first frame waits.
const visitRest = 300 * time.Millisecond

// earlyMost is the longest message, and answer, of a visit in which the answer is sent before the message was read: both
// find room in the sockets, so that nobody waits for the other.
const earlyMost = 4 << 10

// patientBytes is for how long an answer, in bytes, there is once more the patience: each is printed and read.
const patientBytes = 4 << 20

// visitLengths are lengths of messages at and beside which clients go wrong. A word of a command line has at most 128 KiB.
var visitLengths = [...]int{1, 127, 128, 255, 256, 1024, 4096, 8192, 16384, 32768, 65535, 65536, 100_000, 131_000}

// words are messages that programs take for something else. None begins like an option, or with an at sign: a command line
// may have another use for those.
var words = [...]string{
	"0", "00", "1e3", "0x10", "true", "null", "key=value", "a=b=c", "&amp;&lt;", "&#65;", "%41%20", "%s%n", "\\x41", "\\u0041", "\\",
	"$HOME", "`id`", "*", "?", "[a-z]", "{a,b}", "{socket}", "{message}", "%1", "~/x", "a~b", "#x", "a#b", "a;b", "a|b", "a&b", "!x", "e\u0301",
	"n\u0303", "\u00e9", "\u1100\u1161", "\ufeffx", "\u200b", "\u2028", "\ufb01", "\u212b", "\U0001f600", "\xff", "\xc3", "\t", "\n", "\r\n",
	"\v", "\x1b[0m", "\x08x", " ", "  ", "'", "\"", "\"x\"", "'x'", "<a>", "{\"a\":1}", "[1]", "a--b", "x-", "A", "i\u0130", "\u00df", "a,b", "(x)",
}

// longAnswers are borders of long answers, of which there are few: each is printed.
var longAnswers = [...]int{1 << 17, 1 << 20, 1 << 23, spec.MaxContentLen}

// bufferSize is what buffers have a multiple of.
const bufferSize = 4096

// visitAt returns the visit with an index: a pure function of the seed, the index and the longest content, 0 meaning what
// Options.MaxLength says. A message that waits is read when the answer has been sent.
func visitAt(seed, index uint64, maxLength int) Act {
	g := scenario.Generator{Seed: seed, MaxLength: cmp.Or(maxLength, clientLength)}
	a := Act{Mode: Visit, List: make([]scenario.Scenario, 2)}
	g.Fill(index, &a.List[1])
	chance := rand.New(rand.NewPCG(seed^0x5eed, index))
	message, early := []byte("a question for the server"), false
	switch r := chance.IntN(128); {
	case r < 44: // one that programs trip over
		message = told(scenario.Tokens, 1+chance.IntN(300), chance.Uint32())
	case r < 62:
		message = wordy(chance)
	case r < 72:
		length := visitLengths[chance.IntN(len(visitLengths))] + chance.IntN(3) - 1
		if maxLength > 0 {
			length = min(length, maxLength)
		}
		message = told([...]scenario.Content{scenario.Text, scenario.Tokens, scenario.Random}[chance.IntN(3)], length, chance.Uint32())
	case r < 74 && len(a.List[1].Frames) > 0:
		a.List[1].Frames[0].Await = true
	case r < 78:
		early = true
		answer := scenario.Frame{Length: min(1+chance.IntN(300), g.MaxLength), Content: scenario.Text, Seed: chance.Uint32()}
		a.List[1] = scenario.Scenario{Frames: []scenario.Frame{answer}}
	case r < 80: // no answer at all
		a.List[1] = scenario.Scenario{Close: [...]scenario.Close{scenario.HalfClose, scenario.Abrupt}[chance.IntN(2)]}
	case r < 82:
		a.answerOf(min(bufferSize<<chance.IntN(5), g.MaxLength), chance)
	case r < 84 && maxLength == 0:
		a.answerOf(min(longAnswers[chance.IntN(len(longAnswers))]+chance.IntN(3)-1, spec.MaxContentLen), chance)
	}
	a.List[0].Frames = []scenario.Frame{{}} // an empty message, of any content
	if len(message) > 0 {
		a.List[0].Frames[0] = scenario.Frame{Length: len(message), Content: scenario.Literal, Bytes: message, Await: early}
	}
	return a
}

// answerOf makes a visit's answer one message, now and then in two pieces.
func (a *Act) answerOf(length int, chance *rand.Rand) {
	kind := [...]scenario.Content{scenario.Text, scenario.Random, scenario.Counting}[chance.IntN(3)]
	s := scenario.Scenario{Frames: []scenario.Frame{{Length: length, Content: kind, Seed: chance.Uint32()}}}
	if chance.IntN(4) == 0 {
		s.Cuts, s.Paced = []int{1 + chance.IntN(s.Size()-1)}, true
	}
	a.List[1] = s
}

// wordy returns a message that is a word, or one to three words, often between others that mean nothing.
func wordy(chance *rand.Rand) []byte {
	if chance.IntN(2) == 0 {
		return []byte(words[chance.IntN(len(words))])
	}
	var message []byte
	plain := func() {
		if chance.IntN(3) == 0 {
			message = append(message, "plain"...)
		}
	}
	for range 1 + chance.IntN(3) {
		plain()
		message = append(message, words[chance.IntN(len(words))]...)
		plain()
	}
	return message
}

// told returns content for a command line, which cannot hold a NUL, and may have another use for what begins with a dash or
// an at sign.
func told(kind scenario.Content, length int, seed uint32) []byte {
	one := scenario.Scenario{Frames: []scenario.Frame{{Length: length, Content: kind, Seed: seed}}}
	message := bytes.ReplaceAll(one.AppendWire(nil)[spec.HeaderLen:], []byte{0}, []byte("."))
	if len(message) > 0 && (message[0] == '-' || message[0] == '@') {
		message[0] = '.'
	}
	return message
}

// early reports whether a visit's answer is sent before the message is read.
func (a *Act) early(p scenario.Prediction) bool {
	message, answer := &a.List[0], &a.List[1]
	return message.Frames[0].Await && message.Size() <= earlyMost && answer.Size() <= earlyMost && answer.Close == scenario.Hold && p.Valid > 0
}

// visit gives the client its message, and answers it with what the second scenario sends to a server.
func (c *clientHunt) visit(ctx context.Context, a *Act, patience time.Duration) runner.Visited {
	s := &a.List[1]
	stream := suite.ReplyStream{Message: a.message(), Bytes: s.AppendWire(nil), Ended: s.Close == scenario.HalfClose, HungUp: s.Close == scenario.Abrupt}
	if s.Paced {
		stream.Pieces = s.Pieces(len(stream.Bytes))
	}
	stream.Early = a.early(s.Predict(stream.Bytes))
	if len(s.Frames) > 0 && s.Frames[0].Await {
		stream.Pause = visitRest
	}
	return c.visitor.Visit(ctx, stream, patience*time.Duration(1+len(stream.Bytes)/patientBytes))
}
