package wire_test

import (
	"bytes"
	"io"
	"math/rand"
	"slices"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/wire"
)

// check runs one property with its own fixed seed, which gopter prints when the property fails.
func check(t *testing.T, seed int64, name string, property gopter.Prop) {
	t.Helper()
	parameters := gopter.DefaultTestParametersWithSeed(seed)
	parameters.MinSuccessfulTests = 100
	if raceBuild {
		parameters.MinSuccessfulTests = 25
	}
	properties := gopter.NewProperties(parameters)
	properties.Property(name, property)
	properties.TestingRun(t)
}

// contents are lists of valid contents, some of them longer than the decoder's buffers.
func contents() gopter.Gen {
	// Map, and no SuchThat: shrinking would forget the condition and make empty contents.
	short := gen.SliceOf(gen.UInt8()).Map(func(p []byte) []byte { return append(p, '.') })
	long := gen.IntRange(4000, 20_000).Map(pattern)
	return gen.SliceOf(gen.Frequency(map[int]gopter.Gen{29: short, 1: long}))
}

// pattern returns bytes in which every position differs from its neighbours and from those a power of two away.
func pattern(n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i ^ i>>8*31 ^ i>>16*17)
	}
	return p
}

// split cuts p at places that seed decides.
func split(p []byte, seed int64) [][]byte {
	var pieces [][]byte
	rng := rand.New(rand.NewSource(seed))
	for len(p) > 0 {
		n := min(len(p), 1+rng.Intn([]int{3, 70, 700, 10_000}[rng.Intn(4)]))
		pieces = append(pieces, p[:n])
		p = p[n:]
	}
	return pieces
}

func encode(t *testing.T, all [][]byte) []byte {
	t.Helper()
	var stream []byte
	for _, content := range all {
		var err error
		stream, err = wire.Append(stream, content)
		require.NoError(t, err)
	}
	return stream
}

// decode returns copies of the messages in pieces and the error that ended them.
func decode(dec *wire.Decoder, pieces [][]byte, feed feeder) (all [][]byte, err error) {
	for _, piece := range pieces {
		err = feed(dec, piece, func(content []byte) error {
			all = append(all, bytes.Clone(content))
			return nil
		})
		if err != nil {
			return all, err
		}
	}
	return all, dec.End()
}

func equal(a, b [][]byte) bool { return slices.EqualFunc(a, b, bytes.Equal) }

// fillAll is fillPiece for pieces that are longer than the decoder's space.
func fillAll(dec *wire.Decoder, p []byte, deliver func([]byte) error) error {
	for len(p) > 0 {
		n := min(len(p), len(dec.Space()))
		if err := fillPiece(dec, p[:n], deliver); err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}

func TestRoundTrip(t *testing.T) {
	check(t, 1, "what is encoded is decoded, in order, in any pieces", prop.ForAll(
		func(all [][]byte, seed int64) bool {
			pieces := split(encode(t, all), seed)
			for _, feed := range []feeder{feedPiece, fillAll} {
				var dec wire.Decoder
				if got, err := decode(&dec, pieces, feed); err != io.EOF || !equal(got, all) {
					return false
				}
			}
			return true
		}, contents(), gen.Int64()))
}

func TestChunkingInvariance(t *testing.T) {
	// Any bytes at all: mostly errors, so the high bytes of headers are often made zero.
	noise := gen.SliceOf(gen.Frequency(map[int]gopter.Gen{3: gen.Const(uint8(0)), 2: gen.UInt8Range(0, 5), 1: gen.UInt8()}))
	check(t, 2, "the pieces do not matter, to messages, error or offset", prop.ForAll(
		func(stream []byte, seed int64) bool {
			var whole, cut, filled wire.Decoder
			a, errA := decode(&whole, [][]byte{stream}, feedPiece)
			b, errB := decode(&cut, split(stream, seed), feedPiece)
			c, errC := decode(&filled, split(stream, ^seed), fillAll)
			return equal(a, b) && equal(a, c) && errA == errB && errA == errC &&
				whole.Offset() == cut.Offset() && whole.Offset() == filled.Offset()
		}, noise, gen.Int64()))
}

func TestNothingAfterError(t *testing.T) {
	bad := gen.OneConstOf("\x00\x00\x00\x00", "\x01\x00\x00\x01", "\xff\x00\x00\x01", "\x00\xff\xff\xff")
	check(t, 3, "valid messages behind an invalid header are not delivered", prop.ForAll(
		func(before, after [][]byte, header string, seed int64) bool {
			stream := encode(t, before)
			at := int64(len(stream))
			stream = append(stream, header...)
			stream = append(stream, encode(t, after)...)
			dec := wire.Decoder{Max: 70_000}
			got, err := decode(&dec, split(stream, seed), feedPiece)
			if !equal(got, before) || dec.Offset() != at {
				return false
			}
			if err != wire.ErrReserved && err != wire.ErrEmpty && err != wire.ErrTooLong {
				// The header is the last thing in the stream, and it is not whole before its last piece.
				return false
			}
			content, rest, again := dec.Feed(encode(t, after))
			next, last := dec.Next()
			return content == nil && rest == nil && again == err && next == nil && last == err && dec.End() == err
		}, contents(), contents(), bad, gen.Int64()))
}

func TestLimit(t *testing.T) {
	check(t, 4, "content is accepted up to the limit and refused above it", prop.ForAll(
		func(limit, over int) bool {
			dec := wire.Decoder{Max: limit}
			got, err := decode(&dec, [][]byte{encode(t, [][]byte{pattern(limit)})}, feedPiece)
			if err != io.EOF || len(got) != 1 {
				return false
			}
			_, err = decode(&dec, [][]byte{encode(t, [][]byte{pattern(limit + over)})[:wire.HeaderLen]}, feedPiece)
			return err == wire.ErrTooLong
		}, gen.IntRange(1, 2000), gen.IntRange(1, 500)))
}

func TestNoEmptyMessage(t *testing.T) {
	check(t, 5, "an empty message is neither encoded nor decoded", prop.ForAll(
		func(before [][]byte, seed int64) bool {
			stream := encode(t, before)
			same, err := wire.Append(stream, nil)
			if err != wire.ErrEmpty || len(same) != len(stream) {
				return false
			}
			var dec wire.Decoder
			got, err := decode(&dec, split(append(stream, 0, 0, 0, 0), seed), fillAll)
			return err == wire.ErrEmpty && equal(got, before)
		}, contents(), gen.Int64()))
}
