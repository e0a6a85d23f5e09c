package target

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing/fstest"

	"github.com/oizys-protocol/oizys/conformance/known"
	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/vectors"
)

// vectorFile is the name under which the loader is given the input.
const vectorFile = "empty.json"

// longest is the longest wire, in bytes, that is judged: a file of a few bytes may describe megabytes.
const longest = 1 << 16

// Vectors gives the input to the loader of golden vectors. What is refused must be refused with a place and a remedy;
// what is accepted must be what the model says of its bytes.
func Vectors(data []byte) error {
	set, err := vectors.Load(fstest.MapFS{vectorFile: {Data: data}})
	if err != nil {
		var wrong *vectors.Error
		if !errors.As(err, &wrong) || wrong.File == "" || wrong.Problem == "" || wrong.Remedy == "" {
			return fmt.Errorf("an error without file, problem and remedy: %w", err)
		}
		return nil
	}
	for _, v := range set.All() {
		if err := judged(v); err != nil {
			return fmt.Errorf("%s: %w", v.ID, err)
		}
	}
	return nil
}

func judged(v *vectors.Vector) error {
	if v.WireLength > longest || v.Kind != vectors.KindStream {
		return nil
	}
	stream := v.Wire()
	want := model.Judge(stream, v.EndOfStream)
	if len(want.Messages) != len(v.Messages) {
		return fmt.Errorf("%d messages, want %d", len(v.Messages), len(want.Messages))
	}
	for i, m := range want.Messages {
		if !bytes.Equal(v.Messages[i].Content(), stream[m.Offset:m.Offset+m.Length]) {
			return fmt.Errorf("message %d is not what the wire has", i+1)
		}
	}
	closed := v.Outcome.State == vectors.StateClosed
	switch {
	case closed != want.End.Closed():
		return fmt.Errorf("state %s, want %s", v.Outcome.State, want.End)
	case closed && (string(v.Outcome.Error) != string(want.End) || v.Outcome.Offset != want.Valid):
		return fmt.Errorf("%s at %d, want %s at %d", v.Outcome.Error, v.Outcome.Offset, want.End, want.Valid)
	}
	return nil
}

// Report gives the input to the reader of reports. What is refused must be refused as an invalid report, in one line; what
// is accepted must be the same once it was written and read again, and can be shown in every format.
func Report(data []byte) error {
	r, err := report.Read(bytes.NewReader(data))
	if err != nil {
		return refused(err, report.ErrInvalid)
	}
	for _, format := range report.Formats() {
		var text bytes.Buffer
		if err := report.Write(&text, format, r); err != nil {
			return fmt.Errorf("writing %s: %w", format, err)
		}
		switch format {
		case report.JSON:
			again, err := report.Read(&text)
			if err != nil {
				return fmt.Errorf("reading what was written: %w", err)
			}
			var first, second bytes.Buffer
			if report.Write(&first, format, r) != nil || report.Write(&second, format, again) != nil || first.String() != second.String() {
				return errors.New("what was written is read as another report")
			}
		case report.JUnit:
			if err := wellFormed(&text); err != nil {
				return fmt.Errorf("the JUnit file is no XML: %w", err)
			}
		default:
			if report.Printable(strings.ReplaceAll(text.String(), "\n", "")) != strings.ReplaceAll(text.String(), "\n", "") {
				return fmt.Errorf("the report in %s is not printable", format)
			}
		}
	}
	return nil
}

func wellFormed(r io.Reader) error {
	for d := xml.NewDecoder(r); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func refused(err, as error) error {
	if !errors.Is(err, as) {
		return fmt.Errorf("an error of another kind: %w", err)
	}
	if strings.TrimSpace(err.Error()) == "" {
		return errors.New("an error that says nothing")
	}
	return nil
}

// Known gives the input to the reader of lists of known failures. What is refused must be refused as an invalid list; what
// is accepted must be whole, be the same when it is written out with every text quoted, and check as that does.
func Known(data []byte) error {
	list, err := known.Parse(data)
	if err != nil {
		return refused(err, known.ErrInvalid)
	}
	var plain bytes.Buffer
	for _, e := range list {
		if e.Line < 1 || e.Case == "" || e.Reason == "" {
			return fmt.Errorf("an entry without line, case or reason: %+v", e)
		}
		fmt.Fprintf(&plain, "- case: %s\n  reason: %s\n", quoted(e.Case), quoted(e.Reason))
		if e.Actual != "" {
			fmt.Fprintf(&plain, "  actual: %s\n", quoted(e.Actual))
		}
	}
	again, err := known.Parse(plain.Bytes())
	if err != nil {
		return fmt.Errorf("reading what was accepted: %w", err)
	}
	if a, b := list.Entries(), again.Entries(); !reflect.DeepEqual(a, b) {
		return fmt.Errorf("%+v is read as %+v", a, b)
	}
	ids := []string{"hdr/length/example-hi", "msg/empty/only", "msg/sizes/1"}
	if a, b := list.Check(ids), again.Check(ids); (a == nil) != (b == nil) {
		return fmt.Errorf("checked as %v, and written out as %w", a, b)
	}
	return nil
}

// quoted returns a text as YAML between double quotes, with everything that is not plain ASCII escaped.
func quoted(s string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range s {
		if r >= ' ' && r < 0x7f && r != '"' && r != '\\' {
			out.WriteRune(r)
			continue
		}
		fmt.Fprintf(&out, `\U%08x`, r)
	}
	out.WriteByte('"')
	return out.String()
}
