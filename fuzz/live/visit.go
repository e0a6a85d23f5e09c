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

// visitLengths are lengths of messages at and beside which clients go wrong. A word of a command line has at most 128 KiB.
var visitLengths = [...]int{1, 127, 128, 255, 256, 1024, 4096, 8192, 16384, 32768, 65535, 65536, 100_000, 131_000}

// visitAt returns the visit with an index: a pure function of the seed, the index and the longest content, 0 meaning what
// Options.MaxLength says. A message that waits is read when the answer has been sent.
func visitAt(seed, index uint64, maxLength int) Act {
	g := scenario.Generator{Seed: seed, MaxLength: cmp.Or(maxLength, clientLength)}
	a := Act{Mode: Visit, List: make([]scenario.Scenario, 2)}
	g.Fill(index, &a.List[1])
	chance := rand.New(rand.NewPCG(seed^0x5eed, index))
	message, early := []byte("a question for the server"), false
	switch r := chance.IntN(128); {
	case r < 62: // one that programs trip over
		message = told(scenario.Tokens, 1+chance.IntN(300), chance.Uint32())
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
	}
	a.List[0].Frames = []scenario.Frame{{}} // an empty message, of any content
	if len(message) > 0 {
		a.List[0].Frames[0] = scenario.Frame{Length: len(message), Content: scenario.Literal, Bytes: message, Await: early}
	}
	return a
}

// told returns content for a command line, which cannot hold a NUL.
func told(kind scenario.Content, length int, seed uint32) []byte {
	one := scenario.Scenario{Frames: []scenario.Frame{{Length: length, Content: kind, Seed: seed}}}
	return bytes.ReplaceAll(one.AppendWire(nil)[spec.HeaderLen:], []byte{0}, []byte("."))
}

// early reports whether a visit's answer is sent before the message is read.
func (a *Act) early(p scenario.Prediction) bool {
	message, answer := &a.List[0], &a.List[1]
	return message.Frames[0].Await && message.Size() <= earlyMost && answer.Size() <= earlyMost && answer.Close == scenario.Hold && p.Valid > 0
}

// visit gives the client its message, and answers it with what the second scenario sends to a server.
func (c *clientHunt) visit(ctx context.Context, a *Act, patience time.Duration) runner.Visited {
	s := &a.List[1]
	v, _ := s.Vector("pieces", "pieces") // for its pieces alone
	stream := suite.ReplyStream{Message: a.message(), Bytes: s.AppendWire(nil), Ended: s.Close == scenario.HalfClose, HungUp: s.Close == scenario.Abrupt}
	if v != nil && s.Paced {
		stream.Pieces = v.Pieces
	}
	stream.Early = a.early(s.Predict(stream.Bytes))
	if len(s.Frames) > 0 && s.Frames[0].Await {
		stream.Pause = visitRest
	}
	return c.visitor.Visit(ctx, stream, patience)
}
