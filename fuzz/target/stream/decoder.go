// Package stream has the fuzz targets of the decoder: streams of bytes, whole and in pieces, held against the judge's model.
package stream

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/impl/wire"
	"github.com/oizys-protocol/oizys/spec"
)

// DefaultLimit is the longest content, in bytes, that the decoder accepts under fuzzing. Long messages show nothing that
// short ones do not, and one of 16 MiB takes as long as a hundred thousand short ones; they are tested in impl.
const DefaultLimit = 300

// Receiver is a decoder of streams that arrive in pieces, as [wire.Decoder] is one.
type Receiver interface {
	Feed(piece []byte) (content, rest []byte, err error)
	End() error
	Offset() int64
}

// Reference returns the decoder that is fuzzed, with the longest content that it accepts, in bytes.
func Reference(limit int) Receiver { return &wire.Decoder{Max: limit} }

// tooLong is the end that the model does not know: it has no limit below the format's own.
const tooLong model.End = "too-long"

// expected is what the model says of a stream, for a receiver that accepts contents of up to limit bytes.
func expected(stream []byte, ended bool, limit int) model.Outcome {
	out := model.Judge(stream, ended)
	for i, m := range out.Messages {
		if m.Length > limit {
			return model.Outcome{Messages: out.Messages[:i], Valid: m.Offset - spec.HeaderLen, End: tooLong}
		}
	}
	if rest := stream[out.Valid:]; out.End == model.TruncatedContent || out.End == model.MidContent {
		if int(rest[1])*65536+int(rest[2])*256+int(rest[3]) > limit {
			out.End = tooLong
		}
	}
	return out
}

// TooLong reports whether a message in the stream is announced to be longer than limit.
func TooLong(stream []byte, limit int) bool { return expected(stream, true, limit).End == tooLong }

// ErrorOf returns the error by which a decoder says the end.
func ErrorOf(end model.End) error {
	switch end {
	case model.Reserved:
		return wire.ErrReserved
	case model.Empty:
		return wire.ErrEmpty
	case tooLong:
		return wire.ErrTooLong
	case model.TruncatedHeader:
		return wire.ErrTruncatedHeader
	case model.TruncatedContent:
		return wire.ErrTruncatedContent
	case model.EndOfStream:
		return io.EOF
	default:
		return nil
	}
}

// decode feeds the pieces to a decoder and compares what comes out with the outcome.
func decode(d Receiver, stream []byte, cuts []int, want model.Outcome) error {
	messages, from := 0, 0
	var failed error
	for i := 0; i <= len(cuts); i++ {
		to := len(stream)
		if i < len(cuts) {
			to = cuts[i]
		}
		for rest := stream[from:to]; len(rest) > 0 && failed == nil; {
			var content []byte
			if content, rest, failed = d.Feed(rest); content == nil {
				continue
			}
			if messages == len(want.Messages) {
				return fmt.Errorf("message %d of %d bytes is one too many", messages+1, len(content))
			}
			m := want.Messages[messages]
			if !bytes.Equal(content, stream[m.Offset:m.Offset+m.Length]) {
				return fmt.Errorf("message %d has other content than stands at offset %d", messages+1, m.Offset)
			}
			messages++
		}
		from = to
	}
	return compareEnd(d, messages, failed, want)
}

func compareEnd(d Receiver, messages int, failed error, want model.Outcome) error {
	wanted := ErrorOf(want.End)
	atEnd := wanted
	switch want.End {
	case model.TruncatedHeader, model.TruncatedContent, model.EndOfStream:
		wanted = nil // The decoder does not know of the end before it is asked.
	}
	switch {
	case messages != len(want.Messages):
		return fmt.Errorf("%d messages, want %d", messages, len(want.Messages))
	case !errors.Is(failed, wanted):
		return fmt.Errorf("error %v, want %v", failed, wanted)
	case atEnd != nil && !errors.Is(d.End(), atEnd):
		return fmt.Errorf("at the end %v, want %v", d.End(), atEnd)
	case d.Offset() != int64(want.Valid):
		return fmt.Errorf("offset %d, want %d", d.Offset(), want.Valid)
	}
	return nil
}

// Decoder holds the decoder against the model, with the input as a stream in one piece that then ends.
func Decoder(stream []byte, limit int) error {
	return decode(&wire.Decoder{Max: limit}, stream, nil, expected(stream, true, limit))
}

// Chunks holds the decoder against the model with the stream cut in pieces: the first byte of the input says how, the
// others are the stream. What comes out must not depend on it.
func Chunks(data []byte, limit int) error {
	if len(data) == 0 {
		return nil
	}
	stream := data[1:]
	return decode(&wire.Decoder{Max: limit}, stream, cut(len(stream), data[0]), expected(stream, true, limit))
}

// Piecewise returns the input of [Chunks] with a stream and the size of its pieces, 1 to 32 bytes.
func Piecewise(stream []byte, size int) []byte {
	return append([]byte{byte(size-1)<<3 | 3}, stream...)
}

// cut returns where n bytes are cut: into pieces whose sizes go from the number of the upper five bits on, up or down, as
// the lower three say.
func cut(n int, how byte) []int {
	var cuts []int
	size, step := int(how>>3)+1, int(how&7)-3
	for at := size; at < n; at += size {
		cuts = append(cuts, at)
		size = max(size+step, 1)
	}
	return cuts
}

// RoundTrip decodes the input and encodes what came out: that must be the stream's valid prefix, byte for byte, and must
// be decoded to the same again, through [wire.Reader] and [wire.Writer] too.
func RoundTrip(stream []byte, limit int) error {
	want := expected(stream, false, limit)
	again := make([]byte, 0, len(stream))
	out := bytes.NewBuffer(make([]byte, 0, len(stream)))
	w := wire.NewWriter(out)
	r := wire.NewReader(bytes.NewReader(stream), limit)
	var err error
	for range want.Messages {
		content, wrong := r.Next()
		if wrong != nil {
			return fmt.Errorf("reading: %w", wrong)
		}
		if again, err = wire.Append(again, content); err != nil {
			return fmt.Errorf("encoding: %w", err)
		}
		if err := w.WriteMessage(content); err != nil {
			return fmt.Errorf("writing: %w", err)
		}
	}
	if content, err := r.Next(); content != nil || err == nil {
		return fmt.Errorf("a message of %d bytes is one too many", len(content))
	}
	if !bytes.Equal(again, stream[:want.Valid]) || !bytes.Equal(out.Bytes(), again) {
		return errors.New("what was decoded is encoded to other bytes")
	}
	return decode(&wire.Decoder{Max: limit}, again, nil, expected(again, true, limit))
}
