package suite

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/spec"
)

// streams are the cases of long, large and random streams on one session.
func streams() []Case {
	cases := []Case{
		{
			ID: "stream/order/pipelined-10000", Title: "10,000 pipelined messages of mixed sizes come back in order, each once",
			Requirements: []string{"stream/order", "stream/coalesced"}, Bytes: 8 << 20, Needs: longStream(),
			Run: func(ctx context.Context, e *Env) *Finding {
				return e.play(ctx, script{wire: e.mixed("pipelined", 10_000)})
			},
		},
		{
			ID: "stream/order/large-and-small", Title: "small messages keep their place among large ones",
			Requirements: []string{"stream/order"}, Bytes: 8 << 20, Needs: append(longStream(), "msg/sizes/65536"),
			Run: func(ctx context.Context, e *Env) *Finding { return e.play(ctx, script{wire: e.alternating()}) },
		},
		{
			ID: "stream/order/ping-pong-500", Title: "500 messages, each sent when the answer to the last has come",
			Requirements: []string{"stream/order", "stream/duplex"}, Needs: []string{"msg/sizes/256"},
			Run: pingPong,
		},
		{
			ID: "stream/coalesced/one-byte-messages-5000", Title: "5,000 one-byte messages that arrive together are 5,000 messages",
			Requirements: []string{"stream/coalesced", "stream/order"}, Needs: []string{splitHeader, coalesced},
			Run: func(ctx context.Context, e *Env) *Finding { return e.play(ctx, script{wire: oneByteMessages(5000)}) },
		},
		{
			ID: "stream/split/odd-pieces-of-1-mib", Title: "a message of 1 MiB in pieces of 1 to 8,191 bytes",
			Requirements: []string{"stream/split", "msg/binary"}, Bytes: 2 << 20, Needs: []string{"msg/sizes/65536"},
			Run: func(ctx context.Context, e *Env) *Finding {
				wire := e.message("odd pieces", 1<<20)
				return e.play(ctx, script{wire: wire, pieces: randomPieces(e.Rand, len(wire), 8191)})
			},
		},
		{
			ID: "stream/split/every-two-cuts", Title: "two short messages, cut at every pair of places",
			Requirements: []string{"stream/split", "stream/coalesced"}, Needs: []string{coalesced},
			Run: everyTwoCuts,
		},
		{
			ID: "msg/sizes/every-length-to-1100", Title: "messages of every length from 1 to 1,100 bytes",
			Requirements: []string{"msg/sizes", "hdr/length"}, Bytes: 2 << 20, Needs: longStream(),
			Run: func(ctx context.Context, e *Env) *Finding {
				var wire []byte
				for n := 1; n <= 1100; n++ {
					wire = appendMessage(wire, fmt.Sprintf("length %d", n), n)
				}
				return e.play(ctx, script{wire: wire})
			},
		},
	}
	cases = append(cases, positional()...)
	cases = append(cases, cutLate()...)
	cases = append(cases, random()...)
	return cases
}

// positional makes a case of every length around the sizes that buffers have, with content that shows its own place.
func positional() []Case {
	var cases []Case
	for _, size := range []int{1 << 10, 8 << 10, 16 << 10, 64 << 10, 128 << 10, 208 << 10, 256 << 10, 1 << 20} {
		for _, n := range []int{size - 4, size - 1, size, size + 1} {
			cases = append(cases, positionalCase(n))
		}
	}
	for _, n := range []int{4<<20 + 1, 16_777_211, 16_777_215} {
		cases = append(cases, positionalCase(n))
	}
	return cases
}

// cutLate makes cases of long content that ends early: a server that answers before a message is whole gives itself
// away, however much it waits for first.
func cutLate() []Case {
	var cases []Case
	for _, cut := range []struct{ sent, announced int }{{1<<20 - 1, 1 << 20}, {1 << 20, 2 << 20}, {8 << 20, spec.MaxContentLen}, {spec.MaxContentLen - 1, spec.MaxContentLen}} {
		cases = append(cases, Case{
			ID:           fmt.Sprintf("close/truncated-content/%d-of-%d", cut.sent, cut.announced),
			Title:        fmt.Sprintf("the stream ends after %s of the %s that were announced", count(cut.sent, "byte"), group(cut.announced)),
			Requirements: []string{"close/truncated-content"},
			Needs:        append(longStream(), "msg/sizes/65536", "msg/sizes/8388608"),
			Bytes:        cut.sent,
			Run: func(ctx context.Context, e *Env) *Finding {
				return e.play(ctx, script{wire: e.cutMessage("cut late", cut.sent, cut.announced), ended: true})
			},
		})
	}
	return cases
}

func positionalCase(n int) Case {
	c := Case{
		ID:           fmt.Sprintf("msg/binary/positional-%d", n),
		Title:        fmt.Sprintf("%s of which each depends on its place come back unmodified", count(n, "byte")),
		Requirements: []string{"msg/binary", "msg/sizes"},
		Bytes:        n,
		Run: func(ctx context.Context, e *Env) *Finding {
			return e.play(ctx, script{wire: e.message("positional", n)})
		},
	}
	one := model.Outcome{Messages: []model.Span{{Offset: spec.HeaderLen, Length: n}}, Valid: spec.HeaderLen + n, End: model.Open}
	c.Needs = needsOf(c.ID, one.Valid, one, nil)
	return c
}

// longStream is what a stream rests on that comes in pieces of the system's making and has messages of over 255 bytes.
func longStream() []string { return []string{splitHeader, splitContent, coalesced, "msg/sizes/256"} }

// mixed returns n messages of mixed sizes.
func (e *Env) mixed(tag string, n int) []byte {
	length := 0
	for i := range n {
		length += spec.HeaderLen + mixedSize(i)
	}
	wire := e.buffer(length)
	for i := range n {
		wire = appendMessage(wire, fmt.Sprintf("%s %05d", tag, i), mixedSize(i))
	}
	return wire
}

// mixedSize is the length of message i of mixed ones: most are short.
func mixedSize(i int) int {
	sizes := []int{1, 2, 3, 5, 16, 17, 64, 100, 127, 128, 255, 256, 257, 1000, 1460, 4093}
	size := sizes[int(mix(uint64(i))%uint64(len(sizes)))]
	if i%7 != 0 {
		size = size%64 + 1
	}
	return size
}

// alternating returns messages that are long and short by turns.
func (e *Env) alternating() []byte {
	wire := e.buffer(4 << 20)
	for i := range 16 {
		wire = appendMessage(wire, fmt.Sprintf("large %02d", i), 1<<16<<(i%4)+i)
		wire = appendMessage(wire, fmt.Sprintf("small %02d", i), 9+i)
	}
	return wire
}

func oneByteMessages(n int) []byte {
	var wire []byte
	for i := range n {
		wire = append(wire, frame([]byte{byte(mix(uint64(i)))})...)
	}
	return wire
}

func pingPong(ctx context.Context, e *Env) *Finding {
	c, f := e.dial(ctx, "session")
	if f != nil {
		return f
	}
	x := exchange{conn: c}
	for i := range 500 {
		message := frame(content(fmt.Sprintf("ping %03d", i), 8+i%300))
		x.sent = append(x.sent, message...)
		c.Expect(message)
		if f := x.echoed(ctx, message, nil); f != nil {
			f.Actual = fmt.Sprintf("in round %d of 500: %s", i+1, f.Actual)
			return f
		}
	}
	return nil
}

func everyTwoCuts(ctx context.Context, e *Env) *Finding {
	wire := join(frame([]byte("Hi")), frame([]byte("foo")))
	for a := 1; a < len(wire); a++ {
		for b := a + 1; b < len(wire); b++ {
			if f := e.play(ctx, script{wire: wire, pieces: []int{a, b - a, len(wire) - b}}); f != nil {
				f.Actual = fmt.Sprintf("cut behind byte %d and byte %d: %s", a, b, f.Actual)
				return f
			}
		}
	}
	return nil
}

// randomPieces cuts total into sizes of 1 to most.
func randomPieces(r *rand.Rand, total, most int) []int {
	var sizes []int
	for total > 0 {
		n := min(1+r.IntN(most), total)
		sizes = append(sizes, n)
		total -= n
	}
	return sizes
}

// random makes cases whose streams come from the run's seed.
func random() []Case {
	var cases []Case
	for i := 1; i <= 12; i++ {
		cases = append(cases, Case{
			ID: fmt.Sprintf("stream/split/random-%02d", i), Title: "a random stream of valid messages, cut at random places",
			Requirements: []string{"stream/split", "stream/coalesced", "stream/order"}, Needs: []string{coalesced, "msg/sizes/256"},
			Run: func(ctx context.Context, e *Env) *Finding {
				wire := randomStream(e.Rand)
				return e.play(ctx, script{wire: wire, pieces: randomPieces(e.Rand, len(wire), 1+e.Rand.IntN(300))})
			},
		}, Case{
			ID: fmt.Sprintf("close/nothing-after/random-%02d", i), Title: "a random stream of valid messages, an error, and bait behind it",
			Requirements: []string{"close/nothing-after", "close/on-error"}, Needs: append(longStream(), emptyCloses),
			Run: func(ctx context.Context, e *Env) *Finding {
				wire := join(randomStream(e.Rand), rawFrame(0, 0, nil), randomStream(e.Rand))
				return e.play(ctx, script{wire: wire, pieces: randomPieces(e.Rand, len(wire), 1+e.Rand.IntN(600))})
			},
		})
	}
	return cases
}

func randomStream(r *rand.Rand) []byte {
	var wire []byte
	for range 1 + r.IntN(12) {
		n := 1 + r.IntN(1<<r.IntN(11))
		wire = append(wire, frame(content(fmt.Sprint("random ", r.Uint32()), n))...)
	}
	return wire
}

// errorsAndBait are the cases of what follows an error, beyond the vectors' single bait.
func errorsAndBait() []Case {
	flood := func() []byte {
		var bait []byte
		for i := range 1000 {
			bait = append(bait, frame(content(fmt.Sprintf("bait %04d", i), 20))...)
		}
		return bait
	}
	return []Case{
		{
			ID: "close/nothing-after/thousand-baits", Title: "1,000 valid messages behind an empty one are not answered",
			Requirements: []string{"close/nothing-after", "close/on-error"}, Needs: []string{emptyCloses},
			Run: func(ctx context.Context, e *Env) *Finding {
				return e.play(ctx, script{wire: join(frame([]byte("valid")), rawFrame(0, 0, nil), flood())})
			},
		},
		{
			ID: "close/nothing-after/bait-later", Title: "valid messages that arrive after the error was read are not answered",
			Requirements: []string{"close/nothing-after", "close/on-error"}, Needs: []string{emptyCloses},
			Run: func(ctx context.Context, e *Env) *Finding {
				wire := join(frame([]byte("valid")), rawFrame(0, 0, nil), frame([]byte("later")), frame([]byte("later still")))
				return e.play(ctx, script{wire: wire, pieces: []int{9, 4, 9, 15}})
			},
		},
		{
			ID: "msg/empty/after-mebibyte", Title: "an empty message behind one of 1 MiB, with a valid one behind it",
			Requirements: []string{"msg/empty", "close/on-error"}, Needs: append(longStream(), "msg/sizes/65536", emptyCloses),
			Run: func(ctx context.Context, e *Env) *Finding {
				return e.play(ctx, script{wire: append(e.message("before the empty one", 1<<20), rawFrame(0, 0, nil)...)})
			},
		},
		{
			ID: "close/on-error/by-itself", Title: "an empty message closes the session, though nothing more is sent",
			Requirements: []string{"close/on-error", "msg/empty"}, Needs: []string{emptyCloses},
			Run: func(ctx context.Context, e *Env) *Finding {
				return e.play(ctx, script{wire: rawFrame(0, 0, nil), bare: true})
			},
		},
		{
			ID: "close/on-error/by-itself-behind-a-message", Title: "an empty message behind a valid one closes the session, though nothing more is sent",
			Requirements: []string{"close/on-error", "msg/empty"}, Needs: []string{emptyCloses},
			Run: func(ctx context.Context, e *Env) *Finding {
				return e.play(ctx, script{wire: join(frame([]byte("valid")), rawFrame(0, 0, nil)), bare: true})
			},
		},
		{
			ID: "close/on-error/time", Title: "how long the server takes to close after an error",
			Requirements: []string{"close/on-error"}, Needs: []string{emptyCloses},
			Run: closeTime,
		},
	}
}

func closeTime(ctx context.Context, e *Env) *Finding {
	worst := 0.0
	for range 5 {
		f := e.play(ctx, script{wire: join(frame([]byte("valid")), rawFrame(0, 0, nil))})
		if f == nil || f.Verdict != report.Pass {
			return f
		}
		worst = max(worst, f.Measured["closed_after_ms"])
	}
	return recorded(fmt.Sprintf("closed within %.1f ms in five of five sessions (silence 4)", worst), map[string]float64{"closed_after_ms": worst})
}
