package wire_test

import (
	"fmt"
	"io"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/wire"
)

// The bounded-exhaustive check: every stream of streamLen bytes, fed in each of its 2^(streamLen-1) chunkings, with the
// meaning of an end of stream asked for after every chunk. That is every truncation of every stream in every chunking,
// because a truncated stream is a prefix, and its end is a chunk's end in half of the chunkings.
//
// Bytes are taken from classes. To the decoder a byte of content is only carried: two values, of which one looks like a
// header. A reserved byte is 0x00 or not: the smallest and the largest wrong one. A byte of the length counts by weight:
// zero, one, two, the limit, one above it, all bits. Limits are scaled down to limitLen so that several messages fit.
// After an error the decoder's state never changes, so what follows is one of three tails: zeros, ones, or a valid message.
const (
	limitLen  = 4
	streamLen = 12
)

var (
	reservedClass = []byte{0x00, 0x01, 0xff}
	highClass     = []byte{0x00, 0x01, 0xff}
	lowClass      = []byte{0x00, 0x01, 0x02, limitLen, limitLen + 1, 0xff}
	contentClass  = []byte{0x00, 0xa5}
	tailClass     = []string{
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		"\x00\x00\x00\x01!\x00\x00\x00\x01!\x00\x00",
	}
)

// exhaustiveCounts are the numbers of streams by their length: a change of the classes must be meant.
var exhaustiveCounts = map[int]int{9: 957, streamLen: 6063}

// streams calls yield for every stream of n bytes that begins with prefix. left is what of a content is missing yet,
// header what of a header is there.
func streams(prefix, header []byte, left, n int, yield func([]byte)) {
	if len(prefix) == n {
		yield(prefix)
		return
	}
	class := contentClass
	if left == 0 {
		class = [][]byte{reservedClass, highClass, highClass, lowClass}[len(header)]
	}
	for _, b := range class {
		next := append(prefix[:len(prefix):len(prefix)], b)
		if left > 0 {
			streams(next, nil, left-1, n, yield)
			continue
		}
		whole := append(header[:len(header):len(header)], b)
		if len(whole) < wire.HeaderLen {
			streams(next, whole, 0, n, yield)
			continue
		}
		length := int(whole[1])*65536 + int(whole[2])*256 + int(whole[3])
		if whole[0] == 0 && length > 0 && length <= limitLen {
			streams(next, nil, length, n, yield)
			continue
		}
		for _, tail := range tailClass[:min(len(tailClass), 1+2*(n-len(next)))] {
			yield(append(next[:len(next):len(next)], tail[:n-len(next)]...))
		}
	}
}

// meaning is what a prefix of a stream comes to, worked out bit by bit from the protocol's text: the contents, where the
// first message that is not whole begins, the error of its header, and what the end of the stream means.
type meaning struct {
	contents []string
	at       int64
	err, end error
}

func meaningOf(p []byte) meaning {
	var m meaning
	for {
		rest := p[m.at:]
		if len(rest) < 4 {
			m.end = []error{io.EOF, wire.ErrTruncatedHeader, wire.ErrTruncatedHeader, wire.ErrTruncatedHeader}[len(rest)]
			return m
		}
		length := int(rest[1])*65536 + int(rest[2])*256 + int(rest[3])
		switch {
		case rest[0] != 0:
			m.err = wire.ErrReserved
		case length == 0:
			m.err = wire.ErrEmpty
		case length > limitLen:
			m.err = wire.ErrTooLong
		case len(rest) < 4+length:
			m.end = wire.ErrTruncatedContent
			return m
		}
		if m.err != nil {
			m.end = m.err
			return m
		}
		m.contents = append(m.contents, string(rest[4:4+length]))
		m.at += int64(4 + length)
	}
}

func TestExhaustive(t *testing.T) {
	n := streamLen
	if raceBuild || testing.Short() {
		n = 9
	}
	var all [][]byte
	streams(nil, nil, 0, n, func(p []byte) { all = append(all, p) })

	workers := runtime.GOMAXPROCS(0)
	counts, faults := make([]int, workers), make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(all) && faults[w] == nil; i += workers {
				var count int
				count, faults[w] = checkStream(all[i])
				counts[w] += count
			}
		})
	}
	wg.Wait()
	total := 0
	for w := range workers {
		require.NoError(t, faults[w])
		total += counts[w]
	}
	t.Logf("%d streams of %d bytes, %d chunkings of them", len(all), n, total)
	require.Equal(t, exhaustiveCounts[n], len(all), "streams")
	require.Equal(t, len(all)<<(n-1), total, "chunkings")
}

// checkStream decodes one stream in every chunking.
func checkStream(p []byte) (count int, err error) {
	dec := wire.Decoder{Max: limitLen}
	prefixes := make([]meaning, len(p)+1)
	for i := range prefixes {
		prefixes[i] = meaningOf(p[:i])
	}
	for cuts := range uint(1) << (len(p) - 1) {
		// Both ways of putting bytes in must agree; they alternate, so that every stream is decoded by both.
		feed := feeder(feedPiece)
		if (cuts^cuts>>1^cuts>>4)&1 == 1 {
			feed = fillPiece
		}
		if err := checkChunking(&dec, p, prefixes, cuts, feed); err != nil {
			return count, fmt.Errorf("stream % x, cuts %b: %w", p, cuts, err)
		}
		count++
	}
	return count, nil
}

// feeder puts a piece into a decoder and delivers the messages that are whole then.
type feeder func(dec *wire.Decoder, p []byte, deliver func([]byte) error) error

// checkChunking cuts p after byte i where bit i of cuts is set.
func checkChunking(dec *wire.Decoder, p []byte, prefixes []meaning, cuts uint, feed feeder) error {
	defer dec.Reset()
	final := prefixes[len(p)].contents
	delivered := 0
	deliver := func(content []byte) error {
		if delivered == len(final) || final[delivered] != string(content) {
			return fmt.Errorf("message %d is % x", delivered, content)
		}
		delivered++
		return nil
	}
	for from, i := 0, 0; i < len(p); i++ {
		if cuts>>i&1 == 0 && i+1 < len(p) {
			continue
		}
		err := feed(dec, p[from:i+1], deliver)
		from = i + 1
		want := prefixes[from]
		switch {
		case err != want.err:
			return fmt.Errorf("after %d bytes: error %v, not %v", from, err, want.err)
		case delivered != len(want.contents):
			return fmt.Errorf("after %d bytes: %d messages, not %d", from, delivered, len(want.contents))
		case dec.End() != want.end:
			return fmt.Errorf("after %d bytes: the end means %v, not %v", from, dec.End(), want.end)
		case dec.Offset() != want.at:
			return fmt.Errorf("after %d bytes: offset %d, not %d", from, dec.Offset(), want.at)
		}
	}
	return nil
}

func feedPiece(dec *wire.Decoder, p []byte, deliver func([]byte) error) error {
	for {
		content, rest, err := dec.Feed(p)
		if content == nil {
			return err
		}
		if err := deliver(content); err != nil {
			return err
		}
		p = rest
	}
}

func fillPiece(dec *wire.Decoder, p []byte, deliver func([]byte) error) error {
	if _, err := dec.Next(); err == nil {
		dec.Fill(copy(dec.Space(), p)) // The space is far larger than any stream here.
	}
	for {
		content, err := dec.Next()
		if content == nil {
			return err
		}
		if err := deliver(content); err != nil {
			return err
		}
	}
}
