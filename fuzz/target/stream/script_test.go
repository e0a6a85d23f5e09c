package stream

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// Every series of bytes is a script: its cuts rise and lie inside its stream, which is not much longer than the bound.
func TestEverySeriesOfBytesIsAScript(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	cut := 0
	for range 20000 {
		data := make([]byte, random.IntN(200))
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		s := ReadScript(data, DefaultLimit)
		if len(s.Wire) > maxWire+DefaultLimit+4 {
			t.Fatalf("%x: a stream of %d bytes", data, len(s.Wire))
		}
		last := 0
		for _, at := range s.Cuts {
			if at <= last || at >= len(s.Wire) {
				t.Fatalf("%x: cuts %d in a stream of %d bytes", data, s.Cuts, len(s.Wire))
			}
			last = at
		}
		cut += len(s.Cuts)
	}
	if cut == 0 {
		t.Fatal("no script cuts its stream")
	}
}

// A script that is made of a stream has it in it as it is.
func TestScriptOf(t *testing.T) {
	long := bytes.Repeat([]byte{7}, 1000)
	for _, stream := range [][]byte{nil, {0}, []byte("\x00\x00\x00\x02Hi"), long} {
		for _, ended := range []bool{false, true} {
			s := ReadScript(ScriptOf(stream, ended), DefaultLimit)
			if !bytes.Equal(s.Wire, stream) || s.Ended != ended {
				t.Errorf("%.20x, ended %t: read as %.20x, ended %t", stream, ended, s.Wire, s.Ended)
			}
		}
	}
}

// What a decoder does wrong is found: here, one that delivers what it should refuse, loses an error, or is told of it late.
func TestOracleSeesWrongDecoders(t *testing.T) {
	const wrong = "\x01\x00\x00\x01x"
	for name, d := range map[string]Receiver{
		"delivers":   &fake{Receiver: Reference(DefaultLimit), content: []byte("x")},
		"no error":   &fake{Receiver: Reference(DefaultLimit)},
		"misplaced":  &fake{Receiver: Reference(DefaultLimit), honest: true, offset: 1},
		"other data": &fake{Receiver: Reference(DefaultLimit), honest: true, flip: true},
	} {
		stream := []byte("\x00\x00\x00\x02Hi" + wrong)
		if decode(d, stream, nil, expected(stream, true, DefaultLimit)) == nil {
			t.Errorf("a decoder that is wrong (%s) is not found", name)
		}
	}
}

// fake is a decoder that is wrong in one way.
type fake struct {
	Receiver
	content []byte
	honest  bool
	offset  int64
	flip    bool
}

func (f *fake) Feed(p []byte) (content, rest []byte, err error) {
	content, rest, err = f.Receiver.Feed(p)
	if f.flip && content != nil {
		return bytes.ToUpper(content), rest, err
	}
	if f.honest || err == nil {
		return content, rest, err
	}
	return f.content, nil, nil
}

func (f *fake) Offset() int64 { return f.Receiver.Offset() + f.offset }
